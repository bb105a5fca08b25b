import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Besides } from './sidecar-names.ts'
import { mergeNotes, sidecarNotes } from './sidecar-notes.ts'
import type { SidecarNotes } from './sidecar-notes.ts'

const longestSidecar = 4 * 1024 * 1024

/** What all sidecars say together. One that cannot be read says nothing. */
export async function readNotes(folder: string, sidecars: Besides['sidecars']): Promise<SidecarNotes> {
  const all = await Promise.all(
    sidecars.map(async ({ kind, name }) => sidecarNotes(kind, await readJson(join(folder, name)))),
  )
  return mergeNotes(all)
}

export async function readJson(path: string): Promise<unknown> {
  const bytes = await readPlainFile(path, longestSidecar)
  try {
    return bytes && (JSON.parse(bytes.toString('utf8').replace(/^\uFEFF/, '')) as unknown)
  } catch {
    return undefined // half written, or no JSON: it says nothing
  }
}

/** `undefined` for what is longer, gone, forbidden, a link, or no file: a pipe would be waited for. */
export async function readPlainFile(path: string, longest: number): Promise<Buffer | undefined> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
    const stats = await file.stat()
    if (!stats.isFile() || stats.size > longest) return undefined
    const bytes = Buffer.alloc(stats.size)
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0)
    return bytes.subarray(0, bytesRead)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code) return undefined
    throw cause
  }
}
