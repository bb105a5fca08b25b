import type { ModelType } from '@easel/contracts'
import { publishLive, subscribeLive } from '@easel/bus'
import type { Bus } from '@easel/bus'
import { Database } from '@easel/database'
import type { Logger } from '@easel/observability'
import { createHasher } from '@easel/safetensors'
import type { Hasher } from '@easel/safetensors'
import { CatalogStore } from '../catalog.store.ts'
import { PreviewStore } from '../sidecars/preview-store.ts'
import { FolderWatch } from './folder-watch.ts'
import { parseRequest, requestOf } from './model-roots.ts'
import type { ModelRoot } from './model-roots.ts'
import { acquireScanLock } from './scan-lock.ts'
import type { ScanLock } from './scan-lock.ts'
import { ScanProgress, toScanView } from './scan-progress.ts'
import { ScanRun } from './scan-run.ts'
import { isInside } from './walk.ts'

export type ScanOptions = {
  database: Database
  store: CatalogStore
  bus: Bus
  log: Logger
  roots: readonly ModelRoot[]
  rescanMs: number
  hashThreads: number
  previews: PreviewStore | undefined
  /** Where a model of a type belongs. */
  folderOf: (type: ModelType) => string
  /** What is to be done when files have come or changed. */
  onDone: () => void
}

const liveMs = 250
const saveEvery = 4
const lockRetryMs = 2_000
const failureMs = 5_000
const abandonedMs = 5_000
const requestChannel = 'scan-request'

/**
 * Keeps the library as the folders are. Requests (paths, `''` for all) → the lock over the replicas → passes,
 * each comparing a part of a folder with the database → files to hash → settled one by one → lock given
 * back when nothing is left. Requests that come meanwhile make further passes of the same scan; those that
 * come to another replica are handed over the bus and tried again until this one is done.
 */
export class ScanService implements AsyncDisposable {
  private readonly requests = new Set<string>()
  private readonly stop = new AbortController()
  private readonly hasher: Hasher
  private readonly watches: ReadonlyMap<string, FolderWatch>
  private readonly timers: NodeJS.Timeout[] = []
  private readonly subscription: Disposable
  private readonly running: Promise<void>
  private bell = Promise.withResolvers<void>()
  private progress: ScanProgress | undefined

  constructor(private readonly options: ScanOptions) {
    const { bus, rescanMs, hashThreads, roots } = options
    this.hasher = createHasher({ threads: hashThreads })
    this.watches = new Map(roots.map(({ name }) => [name, this.watch(name)]))
    this.subscription = subscribeLive(bus, { spaceId: 'system', channel: requestChannel }, ({ data }) => {
      if (this.progress && typeof data.path === 'string') this.add(data.path)
    })
    this.timers.push(setInterval(() => this.requestAll(), rescanMs).unref())
    this.timers.push(setInterval(() => void this.takeOver(), abandonedMs).unref())
    this.requestAll()
    this.running = this.run()
  }

  /** Scans a path of the first models folder soon, together with what is being scanned already. */
  request(path: string): void {
    this.add(requestOf(this.options.roots[0]!.name, path))
  }

  requestAll(): void {
    for (const { name } of this.options.roots) this.add(requestOf(name, ''))
  }

  /** The scan that runs here. */
  get current(): ScanProgress | undefined {
    return this.progress
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop.abort(new Error('The catalog is stopping'))
    this.bell.resolve()
    for (const timer of this.timers) clearInterval(timer)
    this.subscription[Symbol.dispose]()
    for (const watch of this.watches.values()) watch[Symbol.dispose]()
    await this.running
    await this.hasher[Symbol.asyncDispose]()
  }

  private add(request: string): void {
    const { root, path } = parseRequest(request)
    const covered = [...this.requests].map(parseRequest).some((asked) => {
      return asked.root === root && (asked.path === '' || isInside(asked.path, path))
    })
    if (covered) return
    this.requests.add(request)
    this.bell.resolve()
  }

  private watch(root: string): FolderWatch {
    return new FolderWatch({
      onChange: (path) => this.add(requestOf(root, path)),
      onFault: (cause) =>
        this.options.log.warn(
          { err: cause },
          'the models folder cannot be watched; only rescans see changes',
        ),
    })
  }

  private async run(): Promise<void> {
    const { database, bus, log } = this.options
    while (!this.stop.signal.aborted) {
      try {
        if (this.requests.size === 0) {
          await this.ring()
          continue
        }
        await using lock = await acquireScanLock(database)
        if (lock) {
          await this.scan(lock)
          continue
        }
        for (const path of this.requests) {
          publishLive(bus, { spaceId: 'system', channel: requestChannel, key: 'path', data: { path } })
        }
        await this.pause(lockRetryMs)
      } catch (cause) {
        log.warn({ err: cause }, 'the scan of the models folder failed and is tried again')
        await this.pause(failureMs)
      }
    }
  }

  private async scan(lock: ScanLock): Promise<void> {
    const progress = new ScanProgress()
    this.progress = progress
    const signal = AbortSignal.any([this.stop.signal, lock.lost])
    const run = this.begin(progress, signal)
    await this.save(progress, true)
    let ticks = 0
    const timer = setInterval(() => {
      this.tell(progress)
      if (++ticks % saveEvery === 0) void this.save(progress, false).catch(() => undefined)
    }, liveMs)
    try {
      while (!signal.aborted && (this.requests.size > 0 || !run.idle)) {
        if (this.requests.size > 0) await run.pass(this.requests)
        else await this.ring()
        if (run.idle) await run.settle()
      }
    } finally {
      clearInterval(timer)
      await run.drain()
      this.progress = undefined
      // A scan that was cut short stays `scanning` in the database: another replica, or the next start, takes it up.
      if (!signal.aborted) await this.finish(progress)
    }
  }

  private begin(progress: ScanProgress, signal: AbortSignal): ScanRun {
    const { store, log, roots, hashThreads, previews, folderOf } = this.options
    const parts = {
      store,
      log,
      roots,
      watches: this.watches,
      hasher: this.hasher,
      threads: hashThreads,
      request: (request: string) => this.add(request),
      onIdle: () => this.bell.resolve(),
    }
    return new ScanRun(parts, progress, { previews, folderOf, signal })
  }

  private async finish(progress: ScanProgress): Promise<void> {
    Object.assign(progress, { state: 'idle', finishedAt: new Date() })
    await this.save(progress, false)
    this.tell(progress)
    await this.options.previews?.sweep()
    this.options.onDone()
  }

  private save(
    { startedAt: _begun, finishedAt: _ended, ...counts }: ScanProgress,
    starts: boolean,
  ): Promise<void> {
    return this.options.store.scan.saveScan(counts, starts)
  }

  private tell(progress: ScanProgress): void {
    const data = toScanView(progress) as unknown as Record<string, unknown>
    publishLive(this.options.bus, { spaceId: 'system', channel: 'scan-progress', key: 'library', data })
  }

  private async takeOver(): Promise<void> {
    try {
      if (!this.progress && (await this.options.store.scan.wasAbandoned(abandonedMs))) this.requestAll()
    } catch (cause) {
      this.options.log.debug({ err: cause }, 'whether a scan was abandoned is not known')
    }
  }

  private async ring(): Promise<void> {
    await this.bell.promise
    this.bell = Promise.withResolvers<void>()
    if (this.stop.signal.aborted) this.bell.resolve()
  }

  private async pause(ms: number): Promise<void> {
    const late = Promise.withResolvers<void>()
    const timer = setTimeout(late.resolve, ms)
    const stopped = () => late.resolve()
    this.stop.signal.addEventListener('abort', stopped, { once: true })
    if (!this.stop.signal.aborted) await late.promise
    clearTimeout(timer)
    this.stop.signal.removeEventListener('abort', stopped)
  }
}
