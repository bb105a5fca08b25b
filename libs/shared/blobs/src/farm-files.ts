import { mkdir, open, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AppError } from '@easel/protocol'

/** Folders that a name may have. */
export const deepest = 8

/** Segments that are neither hidden nor lead upwards, and fit a file system. */
export function isSafeName(name: string): boolean {
  const segments = name.split('/')
  return (
    segments.length >= 2 &&
    segments.length <= deepest &&
    // oxlint-disable-next-line no-control-regex -- they are what is refused
    !/[\u0000-\u001f\u007f\\]/.test(name) &&
    name.isWellFormed() &&
    segments.every(
      (segment) => segment !== '' && !segment.startsWith('.') && Buffer.byteLength(segment) <= 255,
    )
  )
}

export function nameTaken(): AppError {
  return new AppError('conflict', 'Another file of this name is there already', { reason: 'FILE_EXISTS' })
}

export const cut = (): AppError =>
  new AppError('conflict', 'The file to be kept is not there, or not whole', { reason: 'FILE_CUT' })

/** Follows links; undefined where there is no regular file. An empty file only holds a name for a copy. */
export async function lookAt(
  path: string,
): Promise<{ bytes: number; file: string; stamp: string } | undefined> {
  try {
    const facts = await stat(path, { bigint: true })
    if (!facts.isFile()) throw nameTaken()
    const file = `${facts.dev}:${facts.ino}`
    const bytes = Number(facts.size)
    return bytes === 0 ? undefined : { bytes, file, stamp: `${file}:${bytes}:${facts.mtimeNs}` }
  } catch (cause) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(codeOf(cause))) return undefined
    throw cause
  }
}

export async function makeDirectory(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true })
  if (first !== undefined) await syncDirectory(dirname(first))
}

export async function syncFile(path: string): Promise<void> {
  await using file = await open(path, 'r+')
  await file.sync()
}

export async function syncDirectory(path: string): Promise<void> {
  await using directory = await open(path, 'r')
  await directory.sync()
}

export function unlessAbsent(cause: unknown): undefined {
  if (codeOf(cause) !== 'ENOENT') throw cause
}

/** The file of another user: it stays as it is. */
export function unlessForbidden(cause: unknown): void {
  if (!['EPERM', 'ENOTSUP', 'EACCES'].includes(codeOf(cause))) throw cause
}

export const codeOf = (cause: unknown): string => (cause as NodeJS.ErrnoException).code ?? ''
