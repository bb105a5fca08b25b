import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { lookAt } from '@easel/blobs'
import type { LinkFarm } from '@easel/blobs'
import type { Logger } from '@easel/observability'
import type { Hasher } from '@easel/safetensors'
import type { DownloaderStore } from '../downloader.store.ts'
import type { HubContents } from './hub-contents.ts'
import { removeBytes } from './hub-sweep.ts'
import type { HubSweep } from './hub-sweep.ts'
import { tellContent } from './hub-view.ts'

export type VerifierParts = {
  store: DownloaderStore
  farm: LinkFarm
  contents: HubContents
  sweep: HubSweep
  hasher: Hasher
  log: Logger
  /** What nobody asked for is read this slowly; 0: not at all. */
  bytesPerSecond: number
  /** How old a check may become. */
  maxAgeMs: number
}

const chunkBytes = 1024 * 1024
/** A replica that dies leaves its content to others after this. */
const claimMs = 2 * 60 * 60_000
const idleMs = 60_000

/**
 * Reads contents again and compares them with their hash: asked-for ones at once, the others one after the other at a
 * slow pace, those verified longest ago first. When each was checked is in its row, so a restart goes on.
 */
export class HubVerifier implements AsyncDisposable {
  readonly #parts: VerifierParts
  readonly #stopping = new AbortController()
  #wake = new AbortController()
  #loop: Promise<void> = Promise.resolve()

  constructor(parts: VerifierParts) {
    this.#parts = parts
  }

  start(): void {
    this.#loop = this.#keepOn()
  }

  /** Somebody has asked for a check. */
  wake(): void {
    this.#wake.abort()
  }

  /** False when there is nothing to check. */
  async next(): Promise<boolean> {
    const { store, bytesPerSecond, maxAgeMs } = this.#parts
    // Older than time itself: nothing but what was asked for.
    const claimed = await store.hub.claimVerify(bytesPerSecond > 0 ? maxAgeMs : 1e13, claimMs)
    if (!claimed) return false
    try {
      await this.#check(claimed.sha256, claimed.asked)
    } catch (cause) {
      await store.hub.releaseVerify(claimed.sha256)
      throw cause
    }
    return true
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort()
    this.#wake.abort()
    await this.#loop
  }

  async #keepOn(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      this.#wake = new AbortController()
      const busy = await this.next().catch((cause: unknown) => {
        if (!signal.aborted) this.#parts.log.warn({ err: cause }, 'a content of the hub could not be checked')
        return false
      })
      if (!busy) await delay(idleMs, undefined, { signal: this.#wake.signal }).catch(() => undefined)
    }
  }

  async #check(sha256: string, asked: boolean): Promise<void> {
    const { store, farm, sweep, hasher } = this.#parts
    const path = farm.blob(sha256)
    const before = await lookAt(path)
    const row = await store.hub.find(sha256)
    if (!row) return
    if (before?.bytes !== Number(row.bytes)) {
      await sweep.examine(row)
      return await store.hub.releaseVerify(sha256)
    }
    const { signal } = this.#stopping
    const fast = async () => (await hasher.hashFile(path, { signal })).hash
    const first = asked ? await fast() : await hashSlowly(path, this.#parts.bytesPerSecond, signal)
    if (first === sha256) return await store.hub.noteVerified(sha256)
    // A disk or a memory that was wrong once: only what is wrong twice is given up.
    const second = await fast()
    if (second === sha256) return await store.hub.noteVerified(sha256)
    await this.#giveUp(sha256, before.stamp, second)
  }

  async #giveUp(sha256: string, stamp: string, found: string): Promise<void> {
    const { contents, farm, log } = this.#parts
    await contents.change(sha256, async (tx) => {
      const row = await tx.hub.find(sha256)
      // It was brought anew meanwhile.
      if (row?.state !== 'present' || (await lookAt(farm.blob(sha256)))?.stamp !== stamp) return
      log.error({ sha256, found }, 'a content of the hub has wrong bytes, and was put aside')
      await removeBytes(farm, row)
      await tx.hub.setState(sha256, 'bad')
      await tellContent(tx, sha256, 'hub.content-bad')
    })
  }
}

async function hashSlowly(path: string, bytesPerSecond: number, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  const buffer = Buffer.allocUnsafe(chunkBytes)
  const begun = performance.now()
  await using file = await open(path, 'r')
  for (let done = 0; ;) {
    signal.throwIfAborted()
    const { bytesRead } = await file.read(buffer, 0, chunkBytes, done)
    if (bytesRead === 0) return hash.digest('hex')
    hash.update(buffer.subarray(0, bytesRead))
    done += bytesRead
    const aheadMs = (done / bytesPerSecond) * 1_000 - (performance.now() - begun)
    if (aheadMs > 0) await delay(aheadMs, undefined, { signal })
  }
}
