import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Where transfers keep their files: on the file system of the models, hidden from the library. */
export class TransferFiles {
  readonly root: string
  readonly #partials: string

  constructor(root: string) {
    this.root = root
    this.#partials = join(root, '.easel-partial')
  }

  partial(transferId: string): string {
    return join(this.#partials, transferId)
  }

  target(folder: string, filename: string): string {
    return join(this.root, folder, filename)
  }

  async removePartial(transferId: string): Promise<void> {
    await rm(this.partial(transferId), { force: true })
  }

  /** Ids of the transfers that a partial file is there of. */
  async listPartials(): Promise<string[]> {
    try {
      return (await readdir(this.#partials)).filter((name) => uuid.test(name))
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw cause
    }
  }
}
