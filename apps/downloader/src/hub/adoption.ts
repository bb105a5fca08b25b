import { lstat, realpath } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isSafeName, lookAt, nameTaken } from '@easel/blobs'
import type { LinkFarm } from '@easel/blobs'
import type { AdoptedFile } from '@easel/contracts'
import type { Logger } from '@easel/observability'
import { AppError } from '@easel/protocol'
import type { Hasher } from '@easel/safetensors'
import type { HubContents } from './hub-contents.ts'
import type { HubRoom } from './hub-room.ts'

export type AdoptionParts = {
  farm: LinkFarm
  contents: HubContents
  room: HubRoom
  hasher: Hasher
  log: Logger
}

type Twin = 'none' | 'same' | 'other'

/** Says why a file is left as it is. */
class Left extends Error {
  readonly outcome: 'already' | 'skipped'

  constructor(outcome: 'already' | 'skipped', message: string) {
    super(message)
    this.outcome = outcome
  }
}

/**
 * Real files of the library become links. At every moment the name leads to all the bytes: the bytes get their second
 * name in the hub first (or are compared with what is there), the link is made and looked at beside the file, and then
 * takes its place in one step. Whatever fails before leaves the file as it was.
 */
export class Adoption {
  readonly #parts: AdoptionParts

  constructor(parts: AdoptionParts) {
    this.#parts = parts
  }

  /** Never throws for one of the files. Begins none when the time is over, but for the first: those are left. */
  async adopt(
    paths: readonly string[],
    { dryRun = false, forMs = Number.POSITIVE_INFINITY }: { dryRun?: boolean; forMs?: number },
  ): Promise<{ items: AdoptedFile[]; left: string[] }> {
    const until = performance.now() + forMs
    const items: AdoptedFile[] = []
    for (const path of paths) {
      if (items.length > 0 && performance.now() >= until) break
      items.push(await this.#adoptOne(path, dryRun))
    }
    return { items, left: paths.slice(items.length) }
  }

  async #adoptOne(path: string, dryRun: boolean): Promise<AdoptedFile> {
    try {
      const bytesFreed = await this.#link(path, dryRun)
      return { path, outcome: 'linked', bytesFreed }
    } catch (cause) {
      if (cause instanceof Left)
        return { path, outcome: cause.outcome, problem: cause.message, bytesFreed: 0 }
      const { code, message } = cause as NodeJS.ErrnoException
      this.#parts.log.warn({ err: cause, path }, 'a file was not taken into the hub')
      const problem = cause instanceof AppError ? message : `The disk refused it (${code ?? 'unknown'})`
      return { path, outcome: 'failed', problem, bytesFreed: 0 }
    }
  }

  async #link(path: string, dryRun: boolean): Promise<number> {
    const { farm, hasher, room } = this.#parts
    const before = await this.#look(path)
    const { hash: sha256, bytes } = await hasher.hashFile(farm.path(path))
    const twin = await this.#twinOf(sha256, { bytes, path })
    if (twin === 'none') await room.require(bytes)
    const bytesFreed = twin === 'other' ? bytes : 0
    if (dryRun) return bytesFreed
    return await this.#parts.contents.change(sha256, async ({ hub }) => {
      if ((await lookAt(farm.path(path)))?.stamp !== before) throw nameTaken()
      if (twin === 'none') await farm.own(farm.path(path), { sha256, bytes })
      // Evicted meanwhile: the file is the only copy.
      else if ((await farm.size(sha256)) !== bytes) throw new Left('skipped', 'The hub has just let go of it')
      await farm.replace(sha256, path, before)
      await hub.putContent({ sha256, bytes, verified: true })
      await hub.putName({ path, sha256 })
      return bytesFreed
    })
  }

  /** Which file it is, to see later that it is still the same. */
  async #look(path: string): Promise<string> {
    const { farm } = this.#parts
    if (!isSafeName(path)) throw new Left('skipped', 'It is no name of a file in a folder of the models')
    const absolute = farm.path(path)
    const own = await lstat(absolute).catch(() => undefined)
    if (!own) throw new Left('skipped', 'There is no such file')
    if (own.isSymbolicLink()) throw new Left('already', 'It is a link already')
    if (!own.isFile() || own.size === 0) throw new Left('skipped', 'It is no file with bytes in it')
    const folder = await realpath(dirname(absolute))
    if (!folder.startsWith(`${farm.root}/`)) throw new Left('skipped', 'It lies outside of the models folder')
    return (await lookAt(absolute))!.stamp
  }

  /**
   * What the hub has of these bytes: this very file under its hash, from an attempt that was cut short, or another
   * one. That is read once more, because one of the two will be gone.
   */
  async #twinOf(sha256: string, { bytes, path }: { bytes: number; path: string }): Promise<Twin> {
    const { farm, hasher } = this.#parts
    if ((await farm.size(sha256)) !== bytes) return 'none'
    const isSame = (await farm.occupant(sha256, path))?.kind === 'ours'
    if (isSame) return (await farm.isExternal(sha256)) ? 'none' : 'same'
    return (await hasher.hashFile(farm.blob(sha256))).hash === sha256 ? 'other' : 'none'
  }
}
