import { join } from 'node:path'
import { LinkFarm, openConfiguredBlobs } from '@easel/blobs'
import { createClient } from '@easel/bus'
import type { Bus } from '@easel/bus'
import type { BlobsConfig } from '@easel/config'
import { inference } from '@easel/contracts'
import type { Logger } from '@easel/observability'
import { AppError } from '@easel/protocol'
import type { Actor } from '@easel/protocol'
import type { Hasher } from '@easel/safetensors'
import type { DownloaderStore } from '../downloader.store.ts'
import type { Placement } from '../transfers/placement.ts'
import { Adoption } from './adoption.ts'
import type { ContentIndex } from './content-index.ts'
import { HubContents } from './hub-contents.ts'
import { HubPlacement } from './hub-placement.ts'
import { HubRoom } from './hub-room.ts'
import { HubSweep } from './hub-sweep.ts'
import { HubVerifier } from './hub-verifier.ts'
import { HubService } from './hub.service.ts'
import { consumeJobLeases } from './job-leases.consumer.ts'
import { consumeMovedFiles } from './moved-files.consumer.ts'
import { SharedStore } from './shared-store.ts'

export type HubConfig = {
  /** Undefined: below the models folder. A directory: there. S3: below the models folder, and copied there. */
  readonly store: BlobsConfig | undefined
  /** What was used since then is not evicted. */
  readonly recentMs: number
  /** Contents without a name are kept for so long. */
  readonly namelessMs: number
  readonly sweepMs: number
  /** How fast contents are checked in the background; 0: not at all. */
  readonly verifyBytesPerSecond: number
  readonly verifyMaxAgeMs: number
}

export type HubPlatform = {
  config: HubConfig
  modelsDirectory: string
  store: DownloaderStore
  bus: Bus
  log: Logger
  hasher: Hasher
  /** The disk budget as it is set now; null: none. */
  budget: () => Promise<number | null>
}

export type Hub = AsyncDisposable & {
  readonly index: ContentIndex
  readonly placement: Placement
  readonly room: HubRoom
  readonly service: HubService
  /** One round of repairs, eviction and copying; they also go by themselves. */
  sweep(): Promise<void>
}

/** Undefined where the folder may not be written to: then there is no place for downloads, and all else serves. */
export async function openHubIfWritable(platform: HubPlatform): Promise<Hub | undefined> {
  try {
    return await openHub(platform)
  } catch (cause) {
    if (!['EACCES', 'EPERM', 'EROFS'].includes((cause as NodeJS.ErrnoException).code ?? '')) throw cause
    platform.log.error({ err: cause }, 'the models folder may not be written to: nothing can be downloaded')
    return undefined
  }
}

/** Everything it owns is let go of in reverse order when it is disposed. */
export async function openHub(platform: HubPlatform): Promise<Hub> {
  const { config, modelsDirectory, store, bus, log, hasher, budget } = platform
  await using stack = new AsyncDisposableStack()
  const own = join(modelsDirectory, '.easel', 'hub')
  const farm = await LinkFarm.open({
    root: modelsDirectory,
    store: config.store?.kind === 'directory' ? config.store.path : own,
  })
  const shared =
    config.store?.kind === 's3'
      ? stack.use(new SharedStore(await openConfiguredBlobs(config.store)))
      : undefined
  const { recentMs, namelessMs } = config
  const room = new HubRoom({ store, farm, log, budget, recentMs, namelessMs })
  const contents = new HubContents({ store, farm, hasher, room, shared })
  const sweep = new HubSweep({ store, farm, contents, room, log, shares: shared !== undefined })
  const verifier = stack.use(
    new HubVerifier({
      store,
      farm,
      contents,
      sweep,
      hasher,
      log,
      bytesPerSecond: config.verifyBytesPerSecond,
      maxAgeMs: config.verifyMaxAgeMs,
    }),
  )
  const adoption = new Adoption({ farm, contents, room, hasher, log })
  const loadedModels = (actor: Actor) => listLoaded(bus, actor)
  const parts = { store, farm, contents, room, verifier, adoption, shared, budget, loadedModels }
  stack.use(await consumeJobLeases(bus, store))
  stack.use(await consumeMovedFiles(bus, contents))
  const sweeps = stack.use(new Rounds(sweep, { everyMs: config.sweepMs, log }))
  sweeps.start()
  verifier.start()
  const owned = stack.move()
  return {
    index: contents,
    placement: new HubPlacement({ contents, room, store }),
    room,
    service: new HubService(parts),
    sweep: () => sweeps.run(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** Where there is no models folder nothing is claimed, so nothing is ever placed. */
export const noHub: Placement = {
  find: () => Promise.resolve(undefined),
  place: () => Promise.reject(noModels()),
  remove: () => Promise.resolve(),
}

/** At once, and then again and again; never two at a time. */
class Rounds implements AsyncDisposable {
  readonly #sweep: HubSweep
  readonly #log: Logger
  readonly #timer: NodeJS.Timeout
  readonly #stopping = new AbortController()
  #running: Promise<void> = Promise.resolve()

  constructor(sweep: HubSweep, { everyMs, log }: { everyMs: number; log: Logger }) {
    this.#sweep = sweep
    this.#log = log
    this.#timer = setInterval(() => this.start(), everyMs)
  }

  start(): void {
    this.run().catch((cause: unknown) => {
      if (!this.#stopping.signal.aborted) this.#log.warn({ err: cause }, 'the hub could not be swept')
    })
  }

  run(): Promise<void> {
    const run = this.#running.then(() => this.#sweep.run(this.#stopping.signal))
    this.#running = run.catch(() => undefined)
    return run
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    this.#stopping.abort()
    await this.#running
  }
}

/** Nobody to ask means nobody who holds anything. */
async function listLoaded(bus: Bus, actor: Actor): Promise<ReadonlySet<string>> {
  try {
    const { items } = await createClient(bus, inference).listWorkers({}, { actor, timeoutMs: 2_000 })
    return new Set(items.flatMap(({ warm = [], state }) => (state === 'lost' ? [] : warm)))
  } catch (cause) {
    bus.log.warn({ err: cause }, 'the hub could not ask which models are loaded')
    return new Set()
  }
}

export const noModels = (): AppError =>
  new AppError('conflict', 'There is no models folder: set EASEL_MODELS_DIR', {
    reason: 'NO_MODELS_DIRECTORY',
  })
