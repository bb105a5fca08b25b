import { copyFile, link, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { AppError } from '@easel/protocol'
import type { Hasher } from '@easel/safetensors'
import type { FoundFile, Placed, Placement, SoughtFile, VerifiedFile } from './placement.ts'

type Placing = { partial: string; target: string; file: VerifiedFile; signal: AbortSignal }

/** Files lie below the models folder under their own names. */
export class FolderPlacement implements Placement {
  readonly #root: string
  readonly #hasher: Hasher

  constructor(root: string, hasher: Hasher) {
    this.#root = root
    this.#hasher = hasher
  }

  async find(sought: SoughtFile, signal: AbortSignal): Promise<FoundFile | undefined> {
    const { folder, filename, sha256, bytes } = sought
    if (filename === null) return undefined
    const target = this.#target(folder, filename)
    const present = await sizeOf(target)
    if (present === undefined) return undefined
    if (bytes !== null && present !== bytes) throw fileExists()
    if (sha256 === null) return undefined
    if ((await this.#hasher.hashFile(target, { signal })).hash !== sha256) throw fileExists()
    return { path: `${folder}/${filename}`, sha256, bytes: present }
  }

  async place(partial: string, file: VerifiedFile, signal: AbortSignal): Promise<Placed> {
    const target = this.#target(file.folder, file.filename)
    await mkdir(dirname(target), { recursive: true })
    await this.#place({ partial, target, file, signal })
    return { path: `${file.folder}/${file.filename}` }
  }

  async remove(partial: string, { folder, filename }: VerifiedFile): Promise<void> {
    const target = this.#target(folder, filename)
    if (await isSameFile(partial, target)) await rm(target, { force: true })
  }

  #target(folder: string, filename: string): string {
    return join(this.#root, folder, filename)
  }

  /** The partial name stays, for the caller to remove when the database knows. */
  async #place(placing: Placing): Promise<void> {
    const { partial, target, file } = placing
    try {
      await linkOnce(partial, target)
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException
      if (code === 'EEXIST') return await this.#compare(placing)
      if (code !== 'EXDEV') throw cause
      return await this.#placeCopy(placing, join(dirname(target), `.${file.transferId}.part`))
    }
    await syncDirectory(dirname(target))
  }

  async #compare({ partial, target, file, signal }: Placing): Promise<void> {
    if (await isSameFile(partial, target)) return
    const present = await sizeOf(target)
    if (present === undefined) {
      await rename(partial, target)
      return await syncDirectory(dirname(target))
    }
    if (present !== file.bytes) throw fileExists()
    if ((await this.#hasher.hashFile(target, { signal })).hash !== file.sha256) throw fileExists()
  }

  /** The folder lies on another disk: the bytes are brought there under a hidden name first. */
  async #placeCopy(placing: Placing, copy: string): Promise<void> {
    await copyFile(placing.partial, copy)
    try {
      await using file = await open(copy, 'r+')
      await file.sync()
      await this.#place({ ...placing, partial: copy })
    } finally {
      await rm(copy, { force: true })
    }
  }
}

/** Is the target the very file that the partial name stands for? */
async function isSameFile(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all(
    [one, other].map((path) => stat(path, { bigint: true }).catch(() => undefined)),
  )
  return a !== undefined && b !== undefined && a.ino === b.ino && a.dev === b.dev
}

/** Undefined where there is no file, or an empty one: it only holds a name, for a start that was cut short. */
async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size || undefined
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw cause
  }
}

function fileExists(): AppError {
  return new AppError('conflict', 'Another file of this name is there already', { reason: 'FILE_EXISTS' })
}

async function linkOnce(from: string, to: string): Promise<void> {
  try {
    await link(from, to)
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException
    // File systems without hard links: an empty file holds the name until the rename.
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(code)) throw cause
    await using _held = await open(to, 'wx')
    await rename(from, to)
  }
}

async function syncDirectory(path: string): Promise<void> {
  await using directory = await open(path, 'r')
  await directory.sync()
}
