import { access, constants } from 'node:fs/promises'
import { idFromName } from '@easel/protocol'
import type { CatalogStore } from '../catalog.store.ts'
import type { KnownFile, NewFile } from './scan.repository.ts'
import { announce, announceRemoved } from './settling.ts'
import { isInside, walkModels } from './walk.ts'
import type { FoundFile, FoundFolder } from './walk.ts'

export type Pass = {
  found: number
  unchanged: number
  removed: number
  /** Paths whose bytes must be read. */
  toHash: (FoundFile & { id: string })[]
  folders: FoundFolder[]
}

type Located = FoundFile & { id: string }
type Twin = { id: string; twinId: string; file: Located }

const rowsAtOnce = 1_000
const namespace = '1a6f5e0c-7c0b-5b52-9f0e-6f1b9f3a3c11'

/**
 * Compares a part of the models folder with what is known of it. One query gives all that is known, so a pass
 * over unchanged files writes nothing. New paths are put down as being hashed; gone ones are removed.
 */
export async function runPass(store: CatalogStore, root: string, below: string): Promise<Pass> {
  const [walk, known] = await Promise.all([walkModels(root, below), store.scan.listKnown(below)])
  const byPath = new Map(known.map((file) => [file.path, file]))

  const changed: FoundFile[] = []
  const unfinished: Located[] = []
  let unchanged = 0
  for (const file of walk.files) {
    const before = byPath.get(file.path)
    byPath.delete(file.path)
    if (!before || before.format !== file.format) changed.push(file)
    else if (before.fingerprint === null && !(await isReadable(file.absolute))) unchanged += 1
    else if (before.fingerprint !== file.fingerprint) changed.push(file)
    else if (before.state === 'hashing') unfinished.push({ ...file, id: before.id })
    else unchanged += 1
  }

  const located = await Promise.all(
    changed.map(async (file) => ({ ...file, id: await idFromName(namespace, file.path) })),
  )
  for (const files of batches(located))
    await store.transact(({ scan }) => scan.putFound(files.map(toNewFile)))

  const twins = findTwins(located, known)
  await copyTwins(store, twins)
  const copied = new Set(twins.map(({ id }) => id))

  const gone = [...byPath.values()].filter(
    ({ path }) => !walk.unreadable.some((folder) => lies(path, folder)),
  )
  for (const files of batches(gone)) {
    await store.transact(async (tx) => announceRemoved(tx, await tx.scan.remove(files.map(({ id }) => id))))
  }
  return {
    found: walk.files.length,
    unchanged: unchanged + twins.length,
    removed: gone.length,
    toHash: [...unfinished, ...located.filter(({ id }) => !copied.has(id))],
    folders: walk.folders,
  }
}

/** Bytes that were hashed under another path: a hard link, a link, or a file that was moved. */
function findTwins(files: readonly Located[], known: readonly KnownFile[]): Twin[] {
  const changed = new Set(files.map(({ id }) => id))
  const byBytes = new Map(
    known
      .filter(({ id, state, fingerprint }) => state !== 'hashing' && fingerprint !== null && !changed.has(id))
      .map(({ id, format, fingerprint }) => [`${format}:${fingerprint}`, id]),
  )
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

function toNewFile({ id, path, folder, name, format, bytes, modifiedMs, fingerprint }: Located): NewFile {
  return {
    id,
    path,
    folder,
    name,
    format,
    bytes,
    modifiedAt: new Date(modifiedMs).toISOString(),
    fingerprint,
  }
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
