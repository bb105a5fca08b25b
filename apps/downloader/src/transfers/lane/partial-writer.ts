import { closeSync, constants, fdatasync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { promisify } from 'node:util'
import type { MessagePort } from 'node:worker_threads'
import type { FileVersion, HashTask } from './lane-messages.ts'
import { RangeJournal } from './range-journal.ts'
import { RangeSet } from './range-set.ts'
import type { Range } from './range-set.ts'
import type { Slot, Slots } from './slots.ts'

const syncEveryMs = 5_000
const sync = promisify(fdatasync)

/** Told apart from what sockets throw: another connection does not help. */
export class DiskError extends Error {
  readonly code: string

  constructor(cause: NodeJS.ErrnoException) {
    super(cause.message, { cause })
    this.code = cause.code ?? 'UNKNOWN'
  }
}

type Paths = { path: string; journal: string; boot: string }

/**
 * An unfinished file: takes ranges in any order, notes them in the journal, and has them hashed in the order of the
 * file. What comes in order is hashed from memory; what came before its turn is read back when its turn comes.
 */
export class PartialWriter {
  readonly #id: number
  readonly #file: number
  readonly #journal: RangeJournal
  readonly #hash: MessagePort
  readonly #slots: Slots
  readonly #done = new RangeSet()
  /** What lies before it is hashed, or is waiting to be. */
  #handed = 0
  #syncing: Promise<void> | undefined
  #syncedAt = performance.now()
  #digest: PromiseWithResolvers<string> | undefined
  #failure: Error | undefined

  constructor(id: number, { path, journal, boot }: Paths, lane: { hash: MessagePort; slots: Slots }) {
    this.#id = id
    this.#hash = lane.hash
    this.#slots = lane.slots
    this.#file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o644)
    this.#journal = new RangeJournal(journal, boot)
    this.#journal.load(this.#done, fstatSync(this.#file).size)
    this.#tell({ kind: 'open', id, path })
    this.#hand()
  }

  get version(): FileVersion | null {
    return this.#journal.version
  }

  get done(): number {
    return this.#done.bytes
  }

  begin(version: FileVersion, keep: boolean): void {
    if (keep) return this.#journal.rename(version)
    this.#journal.restart(version)
    ftruncateSync(this.#file, 0)
    this.#done.clear()
    this.#handed = 0
    this.#tell({ kind: 'restart', id: this.#id })
  }

  gaps(total: number): Range[] {
    return this.#done.gaps(total)
  }

  /** A buffer for what begins there: one that is hashed where it is, if it is the next and hashing keeps up. */
  takeSlot(offset: number): Slot {
    return (offset === this.#handed ? this.#slots.takeShared() : undefined) ?? this.#slots.takeOwn()
  }

  /** A shared slot that begins with the bytes is given up to this. */
  write(offset: number, bytes: Uint8Array, shared?: number): void {
    const { length } = bytes
    this.#put(offset, bytes)
    const end = offset + length
    const isNew = this.#done.endFrom(offset) === offset
    this.#done.add(offset, end)
    this.#note(offset, end)
    if (shared !== undefined && offset === this.#handed && isNew) {
      this.#handed = end
      this.#tell({ kind: 'slot', id: this.#id, slot: shared, length })
    } else if (shared !== undefined) {
      this.#slots.giveShared(shared)
    }
    this.#hand()
  }

  giveSlot(slot: Slot): void {
    this.#slots.give(slot)
  }

  /** Called a few times a second. */
  tick(nowMs: number): void {
    if (this.#failure) throw new DiskError(this.#failure)
    if (this.#syncing || nowMs - this.#syncedAt < syncEveryMs) return
    this.#syncedAt = nowMs
    this.#syncing = this.#journal
      .sync(this.#file)
      .catch((cause: Error) => void (this.#failure = cause))
      .finally(() => (this.#syncing = undefined))
  }

  async finish(durable: boolean): Promise<{ sha256: string; bytes: number }> {
    await this.#syncing
    this.#digest = Promise.withResolvers()
    this.#tell({ kind: 'digest', id: this.#id })
    const sha256 = await this.#digest.promise
    // What was preallocated for a body that turned out shorter.
    ftruncateSync(this.#file, this.#done.bytes)
    if (durable) await sync(this.#file)
    return { sha256, bytes: this.#done.bytes }
  }

  hashed(sha256: string): void {
    this.#digest?.resolve(sha256)
  }

  failed(cause: Error): void {
    this.#failure = cause
    this.#digest?.reject(cause)
  }

  async close(): Promise<void> {
    this.#tell({ kind: 'close', id: this.#id })
    await this.#syncing
    this.#journal.close()
    closeSync(this.#file)
  }

  #put(offset: number, bytes: Uint8Array): void {
    const { length } = bytes
    try {
      for (let at = 0; at < length;) at += writeSync(this.#file, bytes, at, length - at, offset + at)
    } catch (cause) {
      throw new DiskError(cause as Error)
    }
  }

  #note(start: number, end: number): void {
    try {
      this.#journal.mark(start, end, this.#done)
    } catch (cause) {
      throw new DiskError(cause as Error)
    }
  }

  #hand(): void {
    const end = this.#done.endFrom(this.#handed)
    if (end === this.#handed) return
    this.#tell({ kind: 'file', id: this.#id, start: this.#handed, end })
    this.#handed = end
  }

  #tell(task: HashTask): void {
    this.#hash.postMessage(task)
  }
}
