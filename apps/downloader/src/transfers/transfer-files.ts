import { readdir, rm, stat } from 'node:fs/promises'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { PartialPaths } from './bringing.ts'

const named = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(\.ranges|\.bad)?$/
/** So long somebody may look at bytes that turned out wrong. */
const quarantineMs = 24 * 60 * 60 * 1_000

/** Where transfers keep their files: on the file system of the models, hidden from the library. */
export class TransferFiles {
  readonly root: string
  readonly #partials: string

  constructor(root: string) {
    this.root = root
    this.#partials = join(root, '.easel-partial')
  }

  /** The folder is there then. */
  partial(transferId: string): PartialPaths {
    mkdirSync(this.#partials, { recursive: true })
    const path = join(this.#partials, transferId)
    return { path, journal: `${path}.ranges`, bad: `${path}.bad` }
  }

  async removePartial(transferId: string, { bad } = { bad: true }): Promise<void> {
    const path = join(this.#partials, transferId)
    const endings = ['', '.ranges', ...(bad ? ['.bad'] : [])]
    await Promise.all(endings.map((ending) => rm(path + ending, { force: true })))
  }

  /** Ids of the transfers that files are there of. Wrong bytes are left out until their time is over. */
  async listPartials(): Promise<string[]> {
    const ids = new Set<string>()
    for (const name of await this.#names()) {
      const match = named.exec(name)
      if (match && !(match[2] === '.bad' && (await this.#isYoung(name)))) ids.add(match[1]!)
    }
    return [...ids]
  }

  async #isYoung(name: string): Promise<boolean> {
    const { ctimeMs } = await stat(join(this.#partials, name))
    return Date.now() - ctimeMs < quarantineMs
  }

  async #names(): Promise<string[]> {
    try {
      return await readdir(this.#partials)
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw cause
    }
  }
}
