import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'

type Entry = { handle: Promise<OpenFile>; users: number; dropped: boolean; usedAt: number }
export type OpenFile = { handle: FileHandle; bytes: number }

/**
 * Keeps the files that are being read open: a gallery asks for many ranges of few files, and a kept descriptor
 * with one positioned read is several times faster than opening a stream each time.
 *
 * An entry is closed when it was dropped (or pushed out, or idle) and its last user is gone.
 */
export class OpenFiles implements AsyncDisposable {
  readonly #entries = new Map<string, Entry>()
  readonly #limit: number
  readonly #idleMs: number
  #timer: NodeJS.Timeout | undefined

  constructor(limit = 128, idleMs = 10_000) {
    this.#limit = limit
    this.#idleMs = idleMs
  }

  /** Runs `work` on the open file. Blobs never change, so a kept descriptor is never stale. */
  async use<T>(path: string, work: (file: OpenFile) => Promise<T>): Promise<T> {
    const entry = this.#acquire(path)
    try {
      return await work(await entry.handle)
    } finally {
      entry.users -= 1
      await this.#closeIfDone(entry)
    }
  }

  /** Called when the file is removed, so that its room on the disk is given back. */
  async drop(path: string): Promise<void> {
    const entry = this.#entries.get(path)
    if (!entry) return
    this.#entries.delete(path)
    entry.dropped = true
    await this.#closeIfDone(entry)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    this.#timer = undefined
    await Promise.all([...this.#entries.keys()].map((path) => this.drop(path)))
  }

  #acquire(path: string): Entry {
    const entry = this.#entries.get(path) ?? { handle: openFile(path), users: 0, dropped: false, usedAt: 0 }
    // Map order is the order of use: the oldest comes first.
    this.#entries.delete(path)
    this.#entries.set(path, entry)
    entry.users += 1
    entry.usedAt = performance.now()
    if (this.#entries.size > this.#limit) void this.drop(this.#entries.keys().next().value!)
    this.#timer ??= setInterval(() => this.#dropIdle(), this.#idleMs).unref()
    entry.handle.catch(() => {
      if (this.#entries.get(path) === entry) this.#entries.delete(path)
    })
    return entry
  }

  #dropIdle(): void {
    const oldest = performance.now() - this.#idleMs
    for (const [path, entry] of this.#entries) {
      if (entry.usedAt < oldest && entry.users === 0) void this.drop(path)
    }
    if (this.#entries.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  async #closeIfDone(entry: Entry): Promise<void> {
    if (!entry.dropped || entry.users > 0) return
    const file = await entry.handle.catch(() => undefined) // never opened: nothing to close
    await file?.handle.close()
  }
}

async function openFile(path: string): Promise<OpenFile> {
  const handle = await open(path, 'r')
  try {
    return { handle, bytes: (await handle.stat()).size }
  } catch (cause) {
    await handle.close()
    throw cause
  }
}
