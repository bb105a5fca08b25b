import { open } from 'node:fs/promises'

/**
 * Makes renames durable. Whoever asks while an fsync of the same directory is under way shares the next one:
 * the running one may have started before its rename. So a directory has at most one running and one waiting.
 */
export class DirectorySync {
  readonly #running = new Map<string, { current: Promise<void>; next?: Promise<void> }>()

  sync(directory: string): Promise<void> {
    const state = this.#running.get(directory)
    if (!state) return this.#start(directory)
    state.next ??= state.current.then(
      () => this.#start(directory),
      () => this.#start(directory),
    )
    return state.next
  }

  #start(directory: string): Promise<void> {
    const current = fsync(directory)
    const state: { current: Promise<void>; next?: Promise<void> } = { current }
    this.#running.set(directory, state)
    const done = () => {
      if (!state.next) this.#running.delete(directory)
    }
    current.then(done, done)
    return current
  }
}

async function fsync(directory: string): Promise<void> {
  await using handle = await open(directory, 'r')
  await handle.sync()
}
