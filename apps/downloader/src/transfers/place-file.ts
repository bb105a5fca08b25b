import { copyFile, link, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { AppError } from '@easel/protocol'
import type { Hasher } from '@easel/safetensors'

export type Placement = {
  partial: string
  target: string
  sha256: string
  bytes: number
  transferId: string
  hasher: Hasher
  signal: AbortSignal
}

/**
 * Gives a finished file its name, all at once and never over another file. The partial name stays, for the
 * caller to remove when the database knows. Repeating it after a crash does no harm.
 *
 * @returns whether the file under that name is ours, or was there with the same bytes already
 */
export async function placeFile(placement: Placement): Promise<'placed' | 'present'> {
  const { partial, target, transferId } = placement
  await mkdir(dirname(target), { recursive: true })
  try {
    await linkOnce(partial, target)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'EEXIST') return await compareWithPresent(placement)
    if (code === 'EXDEV') return await placeCopy(placement, join(dirname(target), `.${transferId}.part`))
    throw cause
  }
  await syncDirectory(dirname(target))
  return 'placed'
}

/** Is the target the very file that the partial name stands for? */
export async function isSameFile(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all(
    [one, other].map((path) => stat(path, { bigint: true }).catch(() => undefined)),
  )
  return a !== undefined && b !== undefined && a.ino === b.ino && a.dev === b.dev
}

/** Undefined where there is no file, or an empty one: it only holds a name, for a start that was cut short. */
export async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size || undefined
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw cause
  }
}

export function fileExists(): AppError {
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

async function compareWithPresent(placement: Placement): Promise<'placed' | 'present'> {
  const { partial, target, sha256, bytes, hasher, signal } = placement
  if (await isSameFile(partial, target)) return 'placed'
  const present = await sizeOf(target)
  if (present === undefined) {
    await rename(partial, target)
    await syncDirectory(dirname(target))
    return 'placed'
  }
  if (present !== bytes) throw fileExists()
  const { hash } = await hasher.hashFile(target, { signal })
  if (hash !== sha256) throw fileExists()
  return 'present'
}

/** The folder lies on another disk: the bytes are brought there under a hidden name first. */
async function placeCopy(placement: Placement, copy: string): Promise<'placed' | 'present'> {
  await copyFile(placement.partial, copy)
  try {
    await using file = await open(copy, 'r+')
    await file.sync()
    return await placeFile({ ...placement, partial: copy })
  } finally {
    await rm(copy, { force: true })
  }
}

async function syncDirectory(path: string): Promise<void> {
  await using directory = await open(path, 'r')
  await directory.sync()
}
