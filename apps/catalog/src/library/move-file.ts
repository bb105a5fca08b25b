import { link, lstat, mkdir, readdir, readlink, realpath, rename, rm, stat, symlink } from 'node:fs/promises'
import { basename, dirname, extname, isAbsolute, join, posix, relative, resolve } from 'node:path'
import { AppError } from '@easel/protocol'
import { isInside } from '../scan/walk.ts'
import { besideEndings } from '../sidecars/sidecar-names.ts'

export type Move = { directory: string; from: string; to: string; fingerprint: string | null }

/**
 * Renames a model below the models folder, and what lies beside it. Never over another file, and never off the
 * filesystem: the new name is made as a second link to the same bytes, and only then the old one is taken away.
 */
export async function moveModel({ directory, from, to, fingerprint }: Move): Promise<void> {
  const source = join(directory, from)
  const target = join(directory, to)
  await refuseChanged(source, fingerprint)
  await makeFolder(directory, dirname(target))
  await moveOne(source, target)
  await moveBesides(source, target)
}

/** `to` as it is stored, or `PATH_INVALID`. */
export function checkedTarget(from: string, to: string): string {
  const clean = posix.normalize(to)
  const segments = clean.split('/')
  const sound =
    !to.includes('\0') &&
    !clean.startsWith('/') &&
    segments.every((segment) => segment !== '' && !segment.startsWith('.')) &&
    extname(clean).toLowerCase() === extname(from).toLowerCase()
  if (!sound) {
    throw new AppError('invalid', 'No path below the models folder with the same ending', {
      reason: 'PATH_INVALID',
    })
  }
  return clean
}

async function refuseChanged(source: string, fingerprint: string | null): Promise<void> {
  const stats = await stat(source, { bigint: true }).catch(() => undefined)
  const now = stats && `:${stats.ino}:${stats.size}:${stats.mtimeNs}`
  if (now === undefined || !fingerprint?.endsWith(now)) {
    throw new AppError('conflict', 'The file is no longer what it was at the last scan', {
      reason: 'FILE_CHANGED',
    })
  }
}

/** A link in the way could lead out of the models folder. */
async function makeFolder(directory: string, folder: string): Promise<void> {
  try {
    const root = await realpath(directory)
    requireInside(root, await nearest(folder))
    await mkdir(folder, { recursive: true })
    requireInside(root, await realpath(folder))
  } catch (cause) {
    throw explained(cause)
  }
}

/** Where a folder is, or where the first would be made of those that it lacks. */
async function nearest(folder: string): Promise<string> {
  try {
    return await realpath(folder)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(folder) === folder) throw cause
    return await nearest(dirname(folder))
  }
}

function requireInside(root: string, folder: string): void {
  if (isInside(root, folder)) return
  throw new AppError('invalid', 'This folder lies outside of the models folder', { reason: 'PATH_INVALID' })
}

async function moveOne(source: string, target: string): Promise<void> {
  try {
    const isLink = (await lstat(source)).isSymbolicLink()
    if (isLink) await symlink(await linkFor(source, target), target)
    else await linkOrRename(source, target)
    await rm(source, { force: true })
  } catch (cause) {
    throw explained(cause)
  }
}

/** As far as the old one led and no further; a relative one stays one, for the folder may be mounted elsewhere. */
async function linkFor(source: string, target: string): Promise<string> {
  const leadsTo = await readlink(source)
  if (isAbsolute(leadsTo)) return leadsTo
  const from = await realpath(dirname(source))
  return relative(await realpath(dirname(target)), resolve(from, leadsTo))
}

/** Some filesystems have no links; there the check and the renaming are two steps. */
async function linkOrRename(source: string, target: string): Promise<void> {
  try {
    await link(source, target)
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') throw cause
    if (await lstat(target).catch(() => undefined)) throw Object.assign(new Error(), { code: 'EEXIST' })
    await rename(source, target)
  }
}

async function moveBesides(source: string, target: string): Promise<void> {
  const stem = (path: string) => path.slice(0, path.length - extname(path).length)
  const names = new Set(await readdir(dirname(source)))
  const oldStem = basename(stem(source))
  // Another model of the same name keeps what lies beside both.
  const shared = [...names].some(
    (name) => /\.(safetensors|sft|gguf|ckpt|pt|pth|bin)$/i.test(name) && stem(name) === oldStem,
  )
  if (shared) return
  for (const ending of besideEndings) {
    if (!names.has(oldStem + ending)) continue
    try {
      await linkOrRename(stem(source) + ending, stem(target) + ending)
      await rm(stem(source) + ending, { force: true })
    } catch (cause) {
      // What is there already stays, and so does this one where it is.
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw explained(cause)
    }
  }
}

function explained(cause: unknown): unknown {
  const code = (cause as NodeJS.ErrnoException).code
  if (code === 'EEXIST' || code === 'ENOTDIR') {
    return new AppError('conflict', 'There is a file of this name already', { reason: 'FILE_EXISTS', cause })
  }
  if (code === 'EXDEV') {
    return new AppError('conflict', 'The folder is on another filesystem', {
      reason: 'OTHER_FILESYSTEM',
      cause,
    })
  }
  if (code === 'ENAMETOOLONG') {
    return new AppError('invalid', 'The disk takes no name as long as this', {
      reason: 'PATH_INVALID',
      cause,
    })
  }
  if (code === 'EACCES' || code === 'EROFS') {
    return new AppError('conflict', 'The folder may not be written to', { reason: 'ROOT_READ_ONLY', cause })
  }
  return cause
}
