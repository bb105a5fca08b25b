import { stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path/posix'
import type { catalog, libraryCare, LibraryFileView } from '@easel/contracts'
import type { Logger } from '@easel/observability'
import { AppError } from '@easel/protocol'
import type { Actor, Client } from '@easel/protocol'
import type { ContentIndex } from '../hub/content-index.ts'

export type SoughtBytes = { folder: string; filename: string | null; sha256: string | null }
export type PresentFile = { folder: string; filename: string; sha256: string; bytes: number }

type Parts = {
  /** Undefined where there is no models folder. */
  contents?: ContentIndex
  catalog: Client<typeof catalog>
  libraryCare: Client<typeof libraryCare>
  /** The models folder. */
  root: string
  log: Logger
}

const askMs = 2_000
const awayMs = 5_000

/**
 * Looks for bytes that need not be fetched: in the hub, in the library, and with other programs of this machine.
 * What is found under another name is given the wanted one, by a link.
 */
export class PresentFiles {
  readonly #parts: Parts
  #awayUntil = -Infinity

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Whatever is in the way, the file is simply fetched then: undefined. */
  async find(sought: SoughtBytes, actor: Actor, signal: AbortSignal): Promise<PresentFile | undefined> {
    const { sha256 } = sought
    if (sha256 === null) return undefined
    try {
      return await this.#find({ ...sought, sha256 }, actor, signal)
    } catch (cause) {
      this.#parts.log.debug({ err: cause, sha256 }, 'a file that may be here was not found')
      return undefined
    }
  }

  async #find(
    { sha256, folder, filename }: SoughtBytes & { sha256: string },
    actor: Actor,
    signal: AbortSignal,
  ): Promise<PresentFile | undefined> {
    const { contents } = this.#parts
    const library = await this.#inLibrary(sha256, actor)
    const name = filename ?? (library && basename(library.path))
    if (library && dirname(library.path) === folder && basename(library.path) === name) {
      return { folder, filename: name, sha256, bytes: library.bytes }
    }
    if (name === undefined || !contents) return undefined
    const wanted = { folder, filename: name, signal }
    if (await contents.find(sha256)) {
      const { bytes } = await contents.link(sha256, wanted)
      return { folder, filename: name, sha256, bytes }
    }
    const real = library ? join(this.#parts.root, library.path) : await this.#elsewhere(sha256, actor)
    if (real === undefined) return undefined
    const { bytes } = await contents.linkReal(real, sha256, wanted)
    return { folder, filename: name, sha256, bytes }
  }

  /** As the library knows it, if it is that still. */
  async #inLibrary(sha256: string, actor: Actor): Promise<LibraryFileView | undefined> {
    const { catalog: files, root } = this.#parts
    const file = await this.#ask(() => files.getFileByHash({ hash: sha256 }, { actor, timeoutMs: askMs }))
    if (!file || file.root || file.state !== 'ready' || file.sha256 !== sha256) return undefined
    const found = await stat(join(root, file.path)).catch(() => undefined)
    const same = found?.size === file.bytes && Math.abs(found.mtimeMs - Date.parse(file.modifiedAt)) < 2
    return same ? file : undefined
  }

  async #elsewhere(sha256: string, actor: Actor): Promise<string | undefined> {
    const { libraryCare: care } = this.#parts
    const found = await this.#ask(() => care.findExternal({ sha256 }, { actor, timeoutMs: askMs }))
    return found?.sha256 === sha256 ? found.absolutePath : undefined
  }

  /** Without the catalogue nothing is known; a download goes on without it, and does not wait for it each time. */
  async #ask<T>(question: () => Promise<T>): Promise<T | undefined> {
    if (performance.now() < this.#awayUntil) return undefined
    try {
      return await question()
    } catch (cause) {
      const { code } = AppError.from(cause)
      if (code === 'not_found') return undefined
      if (code !== 'unavailable' && code !== 'deadline') throw cause
      this.#awayUntil = performance.now() + awayMs
      return undefined
    }
  }
}
