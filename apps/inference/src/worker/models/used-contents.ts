import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export type UsedContent = { sha256: string; usedAt: number; names: readonly string[] }

const sha256Name = /^[0-9a-f]{64}$/

/**
 * When each content was used last, and under which names: a small file for each, whose time of change is the use. It
 * outlives a crash, and all workers of a node see the same.
 */
export class UsedContents {
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
  }

  static async open(folder: string): Promise<UsedContents> {
    await mkdir(folder, { recursive: true })
    return new UsedContents(folder)
  }

  /** A name is added to those that it had. */
  async note(sha256: string, name?: string): Promise<void> {
    const path = join(this.#folder, sha256)
    const known = await this.#names(sha256)
    if (known && (name === undefined || known.includes(name))) return await this.touch(sha256)
    const temp = join(this.#folder, `.${randomUUID()}`)
    await writeFile(temp, JSON.stringify([...(known ?? []), ...(name === undefined ? [] : [name])]))
    await rename(temp, path)
  }

  async touch(sha256: string): Promise<void> {
    const now = new Date()
    await utimes(join(this.#folder, sha256), now, now).catch(unlessAbsent)
  }

  async find(sha256: string): Promise<UsedContent | undefined> {
    const facts = await stat(join(this.#folder, sha256)).catch(unlessAbsent)
    return facts && { sha256, usedAt: facts.mtimeMs, names: (await this.#names(sha256)) ?? [] }
  }

  /** Longest unused first. */
  async list(): Promise<UsedContent[]> {
    const names = (await readdir(this.#folder)).filter((name) => sha256Name.test(name))
    const found = await Promise.all(names.map((name) => this.find(name)))
    return found.filter((content) => content !== undefined).toSorted((a, b) => a.usedAt - b.usedAt)
  }

  async remove(sha256: string): Promise<void> {
    await rm(join(this.#folder, sha256), { force: true })
  }

  async #names(sha256: string): Promise<string[] | undefined> {
    const text = await readFile(join(this.#folder, sha256), 'utf8').catch(unlessAbsent)
    if (text === undefined) return undefined
    try {
      const names: unknown = JSON.parse(text)
      return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : []
    } catch {
      // Cut short by a power cut: the names are links that show what they are.
      return []
    }
  }
}

function unlessAbsent(cause: unknown): undefined {
  if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause
}
