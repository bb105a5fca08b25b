import { readdirSync } from 'node:fs'
import { join } from 'node:path'

const modelName = /\.(safetensors|sft|gguf|ckpt|pt2?|pth|bin|pkl)$/i

/** Names of model files by folder: those it was told, and those that lie in its folder now. */
export class ModelFolders {
  readonly #told: ReadonlyMap<string, readonly string[]>
  readonly #directory: string | undefined

  constructor(told: Readonly<Record<string, readonly string[]>>, directory?: string) {
    this.#told = new Map(Object.entries(told))
    this.#directory = directory
  }

  has(folder: string): boolean {
    return this.#told.has(folder)
  }

  get(folder: string): readonly string[] {
    const told = this.#told.get(folder) ?? []
    if (this.#directory === undefined || !/^[a-z_]+$/.test(folder)) return told
    return [...new Set([...told, ...this.#list(join(this.#directory, folder))])].toSorted()
  }

  #list(directory: string): string[] {
    try {
      return (readdirSync(directory, { recursive: true }) as string[]).filter((name) => modelName.test(name))
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause
      return []
    }
  }
}
