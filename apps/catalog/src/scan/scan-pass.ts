import { access, constants } from 'node:fs/promises'
import { idFromName } from '@easel/protocol'
import type { CatalogStore } from '../catalog.store.ts'
import type { ModelRoot } from './model-roots.ts'
import type { NewFile } from './scan.repository.ts'
import { announce, announceRemoved } from './settling.ts'
import { isInside, walkModels } from './walk.ts'
import type { Devices, FoundFile, FoundFolder } from './walk.ts'

export type LocatedFile = FoundFile & { id: string }

export type Pass = {
  found: number
  unchanged: number
  removed: number
  /** Paths whose bytes must be read. */
  toHash: LocatedFile[]
  /** Paths whose bytes are known, and not what lies beside them or what their name says. */
  toDescribe: LocatedFile[]
  folders: FoundFolder[]
}

export type Place = { root: ModelRoot; below: string; devices: Devices }

type Twin = { id: string; twinId: string; file: LocatedFile }

const rowsAtOnce = 1_000
const namespace = '1a6f5e0c-7c0b-5b52-9f0e-6f1b9f3a3c11'

/** The id of a path is always the same. No path has a NUL, so no two roots share one. */
export function fileIdOf(root: string, path: string): Promise<string> {
  return idFromName(namespace, root === '' ? path : `${root}\0${path}`)
}

/**
 * Compares a part of a models folder with what is known of it. One query gives all that is known, so a pass
 * over unchanged files writes nothing. New paths are put down as being hashed; gone ones are removed.
 */
export async function runPass(store: CatalogStore, { root, below, devices }: Place): Promise<Pass> {
  const [walk, known] = await Promise.all([
    walkModels(root, below, devices),
    store.scan.listKnown(root.name, below),
  ])
  const byPath = new Map(known.map((file) => [file.path, file]))

  const changed: FoundFile[] = []
  const unfinished: LocatedFile[] = []
  const toDescribe: LocatedFile[] = []
  let unchanged = 0
  for (const file of walk.files) {
    const before = byPath.get(file.path)
    byPath.delete(file.path)
    if (!before || before.format !== file.format) changed.push(file)
    else if (before.fingerprint === null && !(await isReadable(file.absolute))) unchanged += 1
    else if (before.fingerprint !== file.fingerprint) changed.push(file)
    else if (before.state === 'hashing') unfinished.push({ ...file, id: before.id })
    else {
      unchanged += 1
      if (before.besides !== file.besidesPrint) toDescribe.push({ ...file, id: before.id })
    }
  }

  const located = await Promise.all(
    changed.map(async (file) => ({ ...file, id: await fileIdOf(file.root, file.path) })),
  )
  for (const files of batches(located))
    await store.transact(({ scan }) => scan.putFound(files.map(toNewFile)))

  const twins = await findTwins(store, located)
  await copyTwins(store, twins)
  const copied = new Set(twins.map(({ id }) => id))

  const gone = [...byPath.values()].filter(
    ({ path }) => !walk.unreadable.some((folder) => lies(path, folder)),
  )
  await removeFiles(
    store,
    gone.map(({ id }) => id),
  )
  return {
    found: walk.files.length,
    unchanged: unchanged + twins.length,
    removed: gone.length,
    toHash: [...unfinished, ...located.filter(({ id }) => !copied.has(id))],
    toDescribe: [...toDescribe, ...twins.map(({ file }) => file)],
    folders: walk.folders,
  }
}

export async function removeFiles(store: CatalogStore, ids: readonly string[]): Promise<void> {
  for (const some of batches(ids)) {
    await store.transact(async (tx) => announceRemoved(tx, await tx.scan.remove(some)))
  }
}

/** Bytes that were hashed under another path: a hard link, a link, or a file that was moved. */
async function findTwins(store: CatalogStore, files: readonly LocatedFile[]): Promise<Twin[]> {
  const known = await store.scan.listHashed(files.map(({ fingerprint }) => fingerprint))
  const byBytes = new Map(known.map(({ id, format, fingerprint }) => [`${format}:${fingerprint}`, id]))
  return files.flatMap((file) => {
    const twinId = byBytes.get(`${file.format}:${file.fingerprint}`)
    return twinId ? [{ id: file.id, twinId, file }] : []
  })
}

async function copyTwins(store: CatalogStore, twins: readonly Twin[]): Promise<void> {
  for (const pairs of batches(twins)) {
    await store.transact(async (tx) => {
      const ids = pairs.map(({ id, twinId }) => ({ id, twinId }))
      await announce(tx, await tx.scan.copyTwins(ids))
    })
  }
}

function toNewFile(file: LocatedFile): NewFile {
  const { id, root, path, folder, name, format, bytes, modifiedMs, fingerprint } = file
  const modifiedAt = new Date(modifiedMs).toISOString()
  return { id, root, path, folder, name, format, bytes, modifiedAt, fingerprint }
}

const lies = (path: string, folder: string) => folder === '' || isInside(folder, path)

function batches<T>(items: readonly T[]): T[][] {
  const parts: T[][] = []
  for (let at = 0; at < items.length; at += rowsAtOnce) parts.push(items.slice(at, at + rowsAtOnce))
  return parts
}

async function isReadable(path: string): Promise<boolean> {
  return access(path, constants.R_OK).then(
    () => true,
    () => false,
  )
}
