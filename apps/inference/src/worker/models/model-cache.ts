import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isSafeName, LinkFarm, lookAt } from '@easel/blobs'
import type { BusLog } from '@easel/bus'
import type { ModelFileRef } from '@easel/contracts'
import { AppError } from '@easel/protocol'
import { hashFile } from '@easel/safetensors'
import { CacheRoom } from './cache-room.ts'
import { lockFile } from './content-lock.ts'
import { HeldContents } from './held-contents.ts'
import { openHubSource } from './hub-source.ts'
import type { HubSource } from './hub-source.ts'
import type { ModelCacheConfig } from './model-cache-config.ts'
import { UsedContents } from './used-contents.ts'

export type ModelCacheOptions = {
  log: BusLog
  /** Tells the hub what is about to be read, so that it is not evicted there. */
  announce?: (sha256: readonly string[]) => Promise<void>
  /** What was used since then by any worker of the node stays. */
  recentMs?: number
}

/** Models of an attempt. They stay until it is disposed of. */
export type HeldModels = Disposable & {
  /** Names have appeared that ComfyUI has not told of. */
  readonly fresh: boolean
}

const fetchesAtOnce = 2
const touchMs = 60_000
const leftOverMs = 60 * 60_000

/**
 * The models folder of a node: contents once, below `.easel/cache`, and links under the names that graphs use. A content
 * is fetched, hashed on the way, from the hub; or linked, where the hub is on the same disk. Real files that lie there
 * are used if their bytes are right, and never touched.
 */
export class ModelCache implements AsyncDisposable {
  readonly #farm: LinkFarm
  readonly #hub: HubSource
  readonly #used: UsedContents
  readonly #room: CacheRoom
  readonly #links: boolean
  readonly #options: ModelCacheOptions
  /** What attempts use, here and in the other workers of the node. */
  readonly #held: HeldContents
  /** Real files, as they were when their bytes were compared. */
  readonly #compared = new Map<string, string>()
  readonly #timer: NodeJS.Timeout
  readonly #stopping = new AbortController()

  private constructor(parts: {
    farm: LinkFarm
    hub: HubSource
    used: UsedContents
    held: HeldContents
    room: CacheRoom
    links: boolean
    options: ModelCacheOptions
  }) {
    this.#farm = parts.farm
    this.#hub = parts.hub
    this.#used = parts.used
    this.#held = parts.held
    this.#room = parts.room
    this.#links = parts.links
    this.#options = parts.options
    this.#timer = setInterval(() => void this.#touchHeld(), touchMs)
    this.#timer.unref()
  }

  static async open(config: ModelCacheConfig, options: ModelCacheOptions): Promise<ModelCache> {
    const { directory, maxBytes, links = true } = config
    const farm = await LinkFarm.open({ root: directory, store: join(directory, '.easel', 'cache') })
    await farm.sweepTemp({ tempMs: leftOverMs, badMs: leftOverMs })
    const used = await UsedContents.open(join(farm.store, 'used'))
    const held = await HeldContents.open(join(farm.store, 'held'), options.log)
    const recentMs = options.recentMs ?? 5 * 60_000
    const room = new CacheRoom({ farm, used, held, maxBytes, recentMs, log: options.log })
    const cache = new ModelCache({
      farm,
      hub: await openHubSource(config.hub),
      used,
      held,
      room,
      links,
      options,
    })
    await room.adopt()
    return cache
  }

  /** `unavailable` / `MODEL_FETCH_FAILED` says which are missing, and why. */
  async hold(files: readonly ModelFileRef[], signal: AbortSignal): Promise<HeldModels> {
    requireSafe(files)
    const contents = [...new Set(files.map(({ sha256 }) => sha256))]
    using holds = new DisposableStack()
    for (const sha256 of contents) holds.use(await this.#held.hold(sha256))
    try {
      await this.#options.announce?.(contents)
      const fresh = await this.#bringAll(files, AbortSignal.any([signal, this.#stopping.signal]))
      const owned = holds.move()
      return { fresh, [Symbol.dispose]: () => owned.dispose() }
    } catch (cause) {
      signal.throwIfAborted()
      throw cause
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    this.#stopping.abort(new AppError('unavailable', 'The worker was stopped', { reason: 'CLIENT_CLOSED' }))
    await this.#held[Symbol.asyncDispose]()
    await this.#hub[Symbol.asyncDispose]()
  }

  async #bringAll(files: readonly ModelFileRef[], signal: AbortSignal): Promise<boolean> {
    const waiting = [...files]
    const failures: { name: string; cause: unknown }[] = []
    let fresh = false
    const lane = async () => {
      for (let file = waiting.shift(); file; file = waiting.shift()) {
        const name = `${file.folder}/${file.name}`
        try {
          fresh = (await this.#bring(name, file, signal)) || fresh
        } catch (cause) {
          failures.push({ name, cause })
        }
      }
    }
    await Promise.all(Array.from({ length: fetchesAtOnce }, lane))
    signal.throwIfAborted()
    if (failures.length === 0) return fresh
    for (const { name, cause } of failures)
      this.#options.log.warn({ err: cause, name }, 'a model was not fetched')
    throw fetchFailed(failures)
  }

  /** True when the name is new. */
  async #bring(name: string, { sha256, bytes }: ModelFileRef, signal: AbortSignal): Promise<boolean> {
    if (await this.#hasReal(name, { sha256, bytes }, signal)) return false
    await this.#bringContent(sha256, bytes, signal)
    return await this.#name(name, sha256)
  }

  async #bringContent(sha256: string, bytes: number, signal: AbortSignal): Promise<void> {
    const farm = this.#farm
    await using _lock = await lockFile(join(farm.store, 'temp', `${sha256}.lock`), signal)
    if ((await farm.size(sha256)) === bytes) return await this.#used.note(sha256)
    const place = await this.#hub.place(sha256)
    if (this.#links && place && place.device === (await stat(farm.store)).dev) {
      if (place.bytes !== bytes) throw new AppError('conflict', 'The hub has other bytes')
      await farm.point(sha256, place.path)
      return await this.#used.note(sha256)
    }
    using _place = await this.#room.make(bytes)
    const path = farm.temp()
    await this.#hub.fetch({ sha256, bytes, path, signal })
    await farm.admit(path, { sha256, bytes })
    await farm.discard(path)
    await this.#used.note(sha256)
    this.#options.log.info({ sha256, bytes }, 'fetched a model from the hub')
  }

  /** A link of ours to a content that nobody holds gives way: the name means another one now. */
  async #name(name: string, sha256: string): Promise<boolean> {
    const other = await this.#farm.contentOf(name)
    await this.#used.note(sha256, name)
    if (other === sha256) return false
    if (other !== undefined) {
      if (await this.#held.isHeld(other)) {
        throw new AppError('conflict', 'A job that runs uses another content under this name')
      }
      await this.#farm.unlink(other, name)
    }
    await this.#farm.link(sha256, name)
    return true
  }

  /** A real file of the node under this name. It is read once, and again when it has changed. */
  async #hasReal(
    name: string,
    { sha256, bytes }: { sha256: string; bytes: number },
    signal: AbortSignal,
  ): Promise<boolean> {
    const path = this.#farm.path(name)
    const found = await this.#farm.occupant(sha256, name)
    if (found?.kind !== 'other' || (await this.#farm.contentOf(name)) !== undefined) return false
    const taken = () => new AppError('conflict', 'Another file of this name lies on the node')
    if (found.bytes !== bytes) throw taken()
    const seen = `${sha256} ${found.stamp}`
    if (this.#compared.get(name) === seen) return true
    if ((await hashFile(path, { signal })).hash !== sha256) throw taken()
    if ((await lookAt(path))?.stamp === found.stamp) this.#compared.set(name, seen)
    return true
  }

  /** Other workers of the node see by it that it is in use. */
  async #touchHeld(): Promise<void> {
    try {
      await this.#held.touch()
      for (const sha256 of this.#held.mine) await this.#used.touch(sha256)
    } catch (cause) {
      this.#options.log.warn({ err: cause }, 'the use of models was not noted')
    }
  }
}

/** A job that asks for such a name fares no better elsewhere. */
function requireSafe(files: readonly ModelFileRef[]): void {
  const bad = files.find(({ folder, name }) => !isSafeName(`${folder}/${name}`))
  if (bad)
    throw new AppError('invalid', 'A model has a name that no file can have', { reason: 'FILENAME_INVALID' })
}

function fetchFailed(failures: readonly { name: string; cause: unknown }[]): AppError {
  const missing = failures.map(({ name, cause }) => `${name} (${reasonOf(cause)})`)
  return new AppError('unavailable', `These models could not be fetched: ${missing.join(', ')}`, {
    reason: 'MODEL_FETCH_FAILED',
    details: { missing: failures.map(({ name }) => name) },
    cause: failures[0]?.cause,
  })
}

const reasonOf = (cause: unknown): string => {
  const error = AppError.from(cause)
  if (error.code !== 'internal') return error.reason ?? error.message
  return (cause as NodeJS.ErrnoException).code ?? 'it failed'
}
