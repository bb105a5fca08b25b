import { watch } from 'node:fs'
import type { FSWatcher } from 'node:fs'
import { isIgnored } from './model-file.ts'
import type { FoundFolder } from './walk.ts'

export type FolderWatchOptions = {
  /** Gets the folder, below the models folder, in which something changed. */
  onChange: (path: string) => void
  onFault: (cause: unknown) => void
}

/** The kernel gives each user so many; the periodic scan sees what is not watched. */
const mostFolders = 4_000
const quietMs = 400
/** A file that is being written changes all the time: it must not be a scan each time. */
const pauseMs = 4_000

/** Watches the folders of the last scan. Several changes in a row are told once. */
export class FolderWatch implements Disposable {
  readonly #options: FolderWatchOptions
  readonly #watchers = new Map<string, FSWatcher>()
  readonly #changed = new Set<string>()
  #timer: NodeJS.Timeout | undefined
  #toldAt = Number.NEGATIVE_INFINITY
  #faulty = false

  constructor(options: FolderWatchOptions) {
    this.#options = options
  }

  /** Watches what is new below `start` and lets go of what is gone. */
  update(start: string, folders: readonly FoundFolder[]): void {
    const present = new Map(folders.map((folder) => [folder.absolute, folder.path]))
    for (const [absolute, watcher] of start === '' ? this.#watchers : []) {
      if (!present.has(absolute)) this.#drop(absolute, watcher)
    }
    for (const [absolute, path] of present) if (!this.#watchers.has(absolute)) this.#add(absolute, path)
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
    for (const [absolute, watcher] of this.#watchers) this.#drop(absolute, watcher)
  }

  #add(absolute: string, path: string): void {
    if (this.#faulty || this.#watchers.size >= mostFolders) return
    try {
      const watcher = watch(absolute, { persistent: false }, (_event, name) => {
        if (name === null || !isIgnored(name)) this.#note(path)
      })
      // The folder is gone, or its disk; the parent's watcher or the periodic scan notices.
      watcher.on('error', () => this.#drop(absolute, watcher))
      this.#watchers.set(absolute, watcher)
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return
      this.#faulty = true
      this.#options.onFault(cause)
    }
  }

  #drop(absolute: string, watcher: FSWatcher): void {
    this.#watchers.delete(absolute)
    watcher.close()
  }

  #note(path: string): void {
    this.#changed.add(path)
    if (this.#timer) return
    const wait = Math.max(quietMs, this.#toldAt + pauseMs - performance.now())
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#toldAt = performance.now()
      for (const changed of this.#changed) this.#options.onChange(changed)
      this.#changed.clear()
    }, wait)
  }
}
