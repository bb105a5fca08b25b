import type { LocatedFile } from './scan-pass.ts'

/** Paths with the same bytes: looked into once. */
export type HashTask = { key: string; bytes: number; files: LocatedFile[] }

export type HashQueueOptions = {
  threads: number
  /** Never rejects. */
  run: (task: HashTask) => Promise<void>
  onIdle: () => void
}

/** Of small files most time goes into opening and looking, not into the threads. */
const smallBytes = 4 * 1024 * 1024
const smallOnes = 8

/** Tasks wait (smallest first) → run, at most `threads` at once, or eight times as many small ones → are gone. */
export class HashQueue {
  readonly #options: HashQueueOptions
  readonly #tasks = new Map<string, HashTask>()
  #waiting: HashTask[] = []
  readonly #running = new Set<Promise<void>>()

  constructor(options: HashQueueOptions) {
    this.#options = options
  }

  get idle(): boolean {
    return this.#running.size === 0 && this.#waiting.length === 0
  }

  /** Gives the bytes that this adds to the work. */
  add(files: readonly LocatedFile[]): number {
    let bytes = 0
    for (const file of files) {
      const key = `${file.format}:${file.fingerprint}`
      const task = this.#tasks.get(key)
      if (task) {
        if (!task.files.some(({ id }) => id === file.id)) task.files.push(file)
        continue
      }
      const added = { key, bytes: file.bytes, files: [file] }
      this.#tasks.set(key, added)
      this.#waiting.push(added)
      if (file.format !== 'pickle') bytes += file.bytes
    }
    this.#waiting.sort((a, b) => b.bytes - a.bytes)
    this.#pump()
    return bytes
  }

  /** Drops what waits and resolves when nothing runs any more. */
  async drain(): Promise<void> {
    for (const { key } of this.#waiting) this.#tasks.delete(key)
    this.#waiting = []
    await Promise.all(this.#running)
  }

  #atOnce({ bytes }: HashTask): number {
    const { threads } = this.#options
    return bytes < smallBytes ? threads * smallOnes : threads
  }

  #pump(): void {
    for (;;) {
      const next = this.#waiting.at(-1)
      if (!next || this.#running.size >= this.#atOnce(next)) return
      const task = this.#waiting.pop()!
      const running = this.#options.run(task).finally(() => {
        this.#running.delete(running)
        this.#tasks.delete(task.key)
        this.#pump()
        if (this.idle) this.#options.onIdle()
      })
      this.#running.add(running)
    }
  }
}
