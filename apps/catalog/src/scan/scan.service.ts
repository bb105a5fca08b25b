import { publishLive, subscribeLive } from '@easel/bus'
import type { Bus } from '@easel/bus'
import { Database } from '@easel/database'
import type { Logger } from '@easel/observability'
import { createHasher } from '@easel/safetensors'
import type { Hasher } from '@easel/safetensors'
import { CatalogStore } from '../catalog.store.ts'
import { FolderWatch } from './folder-watch.ts'
import { HashQueue } from './hash-queue.ts'
import type { HashTask } from './hash-queue.ts'
import { exists, inspectFile, isUnchanged, unreadableFacts } from './inspect-file.ts'
import { acquireScanLock } from './scan-lock.ts'
import type { ScanLock } from './scan-lock.ts'
import { runPass } from './scan-pass.ts'
import { ScanProgress, toScanView } from './scan-progress.ts'
import type { SettledFile } from './scan.repository.ts'
import { Settling } from './settling.ts'
import { isInside } from './walk.ts'
import type { FoundFile } from './walk.ts'

export type ScanOptions = {
  database: Database
  store: CatalogStore
  bus: Bus
  log: Logger
  root: string
  rescanMs: number
  hashThreads: number
}

const liveMs = 250
const saveEvery = 4
const lockRetryMs = 2_000
const failureMs = 5_000
const abandonedMs = 5_000
const requestChannel = 'scan-request'

/**
 * Keeps the library as the folder is. Requests (paths, `''` for all) → the lock over the replicas → passes,
 * each comparing a part of the folder with the database → files to hash → settled one by one → lock given
 * back when nothing is left. Requests that come meanwhile make further passes of the same scan; those that
 * come to another replica are handed over the bus and tried again until this one is done.
 */
export class ScanService implements AsyncDisposable {
  private readonly requests = new Set<string>()
  private readonly stop = new AbortController()
  private readonly hasher: Hasher
  private readonly settling: Settling
  private readonly watch: FolderWatch
  private readonly timers: NodeJS.Timeout[] = []
  private readonly subscription: Disposable
  private readonly running: Promise<void>
  private bell = Promise.withResolvers<void>()
  private progress: ScanProgress | undefined

  constructor(private readonly options: ScanOptions) {
    const { bus, store, log, rescanMs, hashThreads } = options
    this.hasher = createHasher({ threads: hashThreads })
    this.settling = new Settling(store)
    this.watch = new FolderWatch({
      onChange: (path) => this.request(path),
      onFault: (cause) =>
        log.warn({ err: cause }, 'the models folder cannot be watched; only rescans see changes'),
    })
    this.subscription = subscribeLive(bus, { spaceId: 'system', channel: requestChannel }, ({ data }) => {
      if (this.progress && typeof data.path === 'string') this.request(data.path)
    })
    this.timers.push(setInterval(() => this.request(''), rescanMs).unref())
    this.timers.push(setInterval(() => void this.takeOver(), abandonedMs).unref())
    this.requests.add('')
    this.running = this.run()
  }

  /** Scans soon, together with what is being scanned already. */
  request(path: string): void {
    const covered = [...this.requests].some((asked) => asked === '' || isInside(asked, path))
    if (covered) return
    this.requests.add(path)
    this.bell.resolve()
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
    this.watch[Symbol.dispose]()
    await this.running
    await this.hasher[Symbol.asyncDispose]()
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
    const queue = new HashQueue({
      threads: this.options.hashThreads,
      run: (task) => this.hash(task, progress, signal),
      onIdle: () => this.bell.resolve(),
    })
    await this.save(progress, true)
    let ticks = 0
    const timer = setInterval(() => {
      this.tell(progress)
      if (++ticks % saveEvery === 0) void this.save(progress, false).catch(() => undefined)
    }, liveMs)
    try {
      while (!signal.aborted && (this.requests.size > 0 || !queue.idle)) {
        if (this.requests.size > 0) await this.pass(queue, progress)
        else await this.ring()
        if (queue.idle) await this.settling.drain()
      }
    } finally {
      clearInterval(timer)
      await queue.drain()
      await this.settling.drain()
      this.progress = undefined
      // A scan that was cut short stays `scanning` in the database: another replica, or the next start, takes it up.
      if (!signal.aborted) await this.finish(progress)
    }
  }

  private async pass(queue: HashQueue, progress: ScanProgress): Promise<void> {
    const paths = [...this.requests]
    this.requests.clear()
    for (const [index, path] of paths.entries()) {
      try {
        const pass = await runPass(this.options.store, this.options.root, path)
        this.watch.update(path, pass.folders)
        if (path === '') Object.assign(progress, { found: pass.found, unchanged: pass.unchanged })
        else progress.found += pass.toHash.length
        progress.removed += pass.removed
        progress.bytesToHash += queue.add(pass.toHash)
      } catch (cause) {
        for (const missed of paths.slice(index)) this.requests.add(missed)
        throw cause
      }
    }
  }

  private async hash(task: HashTask, progress: ScanProgress, signal: AbortSignal): Promise<void> {
    try {
      const facts = await this.look(task.files[0]!, { hasher: this.hasher, signal, progress })
      if (facts === 'changed') return this.lookAgain(task, progress)
      const settled = this.settle(task, facts, progress)
      // The next file is read while this one is committed, unless too many wait for that.
      if (this.settling.crowded) await settled
    } catch (cause) {
      if (!signal.aborted) this.options.log.error({ err: cause }, 'a model file was left out')
    }
  }

  private async settle(
    task: HashTask,
    facts: Omit<SettledFile, 'id' | 'fingerprint'>,
    progress: ScanProgress,
  ): Promise<void> {
    try {
      await this.settling.add(task.files.map(({ id, fingerprint }) => ({ ...facts, id, fingerprint })))
      if (facts.sha256) progress.hashed += 1
    } catch (cause) {
      this.options.log.warn({ err: cause }, 'what was read of a model file could not be stored')
      this.lookAgain(task, progress)
    }
  }

  private async look(
    file: FoundFile,
    { hasher, signal, progress }: { hasher: Hasher; signal: AbortSignal; progress: ScanProgress },
  ): Promise<Omit<SettledFile, 'id' | 'fingerprint'> | 'changed'> {
    const onProgress = (bytes: number) => void (progress.bytesHashed += bytes)
    try {
      if (!(await isUnchanged(file))) return 'changed'
      const facts = await inspectFile(file, { hasher, signal, onProgress })
      return (await isUnchanged(file)) ? { ...facts, keep: true } : 'changed'
    } catch (cause) {
      signal.throwIfAborted()
      if (!(await exists(file.absolute))) return 'changed'
      progress.failed += 1
      this.options.log.warn({ err: cause, path: file.path }, 'a model file cannot be read')
      return { ...unreadableFacts, keep: false }
    }
  }

  /** Written to while it was read, or gone: what it is now is seen in a moment. */
  private lookAgain(task: HashTask, progress: ScanProgress): void {
    progress.failed += 1
    const again = () => task.files.forEach(({ path }) => this.request(path))
    setTimeout(again, lockRetryMs).unref()
  }

  private async finish(progress: ScanProgress): Promise<void> {
    Object.assign(progress, { state: 'idle', finishedAt: new Date() })
    await this.save(progress, false)
    this.tell(progress)
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
      if (!this.progress && (await this.options.store.scan.wasAbandoned(abandonedMs))) this.request('')
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
