import type {
  DuplicatePage,
  DuplicateView,
  GetTriggerWords,
  LinkFile,
  MisplacedPage,
  MoveFile,
  SidecarOutcomes,
  TriggerWords,
  WriteSidecars,
} from '@easel/contracts'
import type { ModelFolder, ModelType } from '@easel/contracts'
import { AppError, notFound } from '@easel/protocol'
import type { Actor } from '@easel/protocol'
import type { CatalogStore } from '../catalog.store.ts'
import { fileIdOf } from '../scan/scan-pass.ts'
import { announce, announceRemoved } from '../scan/settling.ts'
import type { SidecarWriter } from '../sidecars/sidecar-writer.ts'
import type { CatalogueLookup } from './catalogue-lookup.ts'
import type { DuplicateGroup } from './care.repository.ts'
import { toListedView } from './file-view.ts'
import type { FileRow } from './file-view.ts'
import { LibraryService, shownPath } from './library.service.ts'
import { checkedTarget, moveModel } from './move-file.ts'
import { decodePosition, encodePosition } from './position-cursor.ts'

export type CareParts = {
  store: CatalogStore
  files: LibraryService
  lookup: CatalogueLookup
  sidecars: SidecarWriter | undefined
  /** The models folder that is written to. */
  directory: string | undefined
}

/** Each is synced to the disk, and the answer has to come in time. */
const filesAtOnce = 200

/** What is done for the files of the library, beyond knowing them. They are the house's: only admins change them. */
export class CareService {
  private readonly parts: CareParts

  constructor(parts: CareParts) {
    this.parts = parts
  }

  async listDuplicates(cursor: string | undefined, limit = 50): Promise<DuplicatePage> {
    const { care } = this.parts.store
    const after = cursor === undefined ? undefined : decodePosition(cursor, /^\d{1,18}$/, /^[0-9a-f]{64}$/)
    const groups = await care.listDuplicates(after && { wasted: after[0], sha256: after[1] }, limit + 1)
    const page = groups.slice(0, limit)
    const files = await care.listByHashes(page.map(({ sha256 }) => sha256))
    const last = groups.length > limit ? page.at(-1) : undefined
    return {
      items: page.map((group) => duplicateView(group, files)),
      nextCursor: last ? encodePosition(last.wasted, last.sha256) : null,
    }
  }

  async listMisplaced(cursor: string | undefined, limit = 50): Promise<MisplacedPage> {
    const after =
      cursor === undefined
        ? undefined
        : decodePosition(cursor, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, /^$/)
    const rows = await this.parts.store.care.listMisplaced(after?.[0], limit + 1)
    const page = rows.slice(0, limit)
    return {
      items: page.map((row) => ({
        file: toListedView(row),
        type: row.type as ModelType,
        belongsIn: row.belongsIn as ModelFolder,
        suggestedPath: suggestedPath(row),
        readOnly: row.root !== '' || this.parts.directory === undefined,
      })),
      nextCursor: rows.length > limit ? encodePosition(page.at(-1)!.id, '') : null,
    }
  }

  /** The row follows at once: its id is made of its path, so it is another one. */
  async moveFile(actor: Actor, { id, path }: MoveFile): Promise<FileRow> {
    requireAdmin(actor)
    const { store, directory } = this.parts
    const row = await this.parts.files.get(id)
    if (row.root !== '' || directory === undefined) {
      throw new AppError('conflict', 'This models folder is only read', { reason: 'ROOT_READ_ONLY' })
    }
    const to = checkedTarget(row.path, path ?? suggestedPath(row))
    if (to === row.path) return row
    await moveModel({ directory, from: row.path, to, fingerprint: row.fingerprint })
    const newId = await fileIdOf('', to)
    const moved = await store.transact(async (tx) => {
      const { before, after } = await tx.scan.move(row.id, { id: newId, path: to })
      await announceRemoved(tx, before)
      await announce(tx, after)
      return after[0]
    })
    return moved ?? (await this.parts.files.get(newId))
  }

  async linkFile(actor: Actor, { id, source, modelId, versionId }: LinkFile): Promise<FileRow> {
    requireAdmin(actor)
    await this.parts.files.get(id)
    if (Boolean(source) !== Boolean(modelId) || (versionId && !modelId)) {
      throw new AppError(
        'invalid',
        'A link needs both the source and the modelId; without either it is taken away',
        {
          faults: [{ path: source ? 'modelId' : 'source', message: 'must be there, too' }],
        },
      )
    }
    const link = source && modelId ? { source, modelId, versionId: versionId ?? null } : null
    return await this.parts.store.transact(async (tx) => {
      const rows = await tx.links.linkByHand(id, link)
      await announce(tx, rows)
      if (!rows[0]) throw notFound('file', 'FILE_NOT_FOUND')
      return rows[0]
    })
  }

  /** A file's words are those of its version, where that is known and has some. */
  async triggerWords({ fileId, source, versionId }: GetTriggerWords): Promise<TriggerWords> {
    if (fileId !== undefined) {
      const row = await this.parts.files.get(fileId)
      const linked = row.modelSource !== null && row.versionId !== null
      const known = linked ? await this.parts.lookup.findVersion(row.modelSource!, row.versionId!) : undefined
      if (known && known.length > 0) return { words: [...known], from: 'catalogue' }
      return { words: row.triggerWords, from: row.wordsFrom as TriggerWords['from'] }
    }
    if (source === undefined || versionId === undefined) {
      throw new AppError('invalid', 'A file, or a source and a version, must be named', {
        faults: [{ path: 'fileId', message: 'must be there, or source and versionId' }],
      })
    }
    const words = await this.parts.lookup.findVersion(source, versionId)
    if (!words) throw notFound('version', 'VERSION_NOT_FOUND')
    return { words: [...words], from: words.length > 0 ? 'catalogue' : 'none' }
  }

  /** Beside these, or beside the next of all. What fails is tried again with each scan. */
  async writeSidecars(actor: Actor, { ids, cursor }: WriteSidecars): Promise<SidecarOutcomes> {
    requireAdmin(actor)
    const { store, sidecars, directory } = this.parts
    if (directory === undefined) {
      throw new AppError('conflict', 'There is no models folder', { reason: 'NO_MODELS_DIRECTORY' })
    }
    if (!sidecars) throw new AppError('conflict', 'EASEL_SIDECARS is off', { reason: 'SIDECARS_OFF' })
    const rows = ids ? await store.links.listByIds(ids) : await store.links.listLinked(cursor, filesAtOnce)
    const items = await sidecars.write(rows)
    await store.links.settleDue(items)
    return {
      written: items.filter(({ outcome }) => outcome === 'written').length,
      // Of thousands only what did not work is told one by one.
      items: ids ? items : items.filter(({ outcome }) => outcome === 'failed'),
      nextCursor: ids || rows.length < filesAtOnce ? null : rows.at(-1)!.id,
    }
  }
}

function requireAdmin({ role }: Actor): void {
  if (role === 'admin') return
  throw new AppError(
    'forbidden',
    'The files of the library are everybody’s: only administrators change them',
    {
      reason: 'ADMINS_ONLY',
    },
  )
}

/** In the folder it belongs in, below what it has lain below. */
function suggestedPath({ path, belongsIn }: FileRow): string {
  const slash = path.indexOf('/')
  return belongsIn === null ? path : `${belongsIn}/${path.slice(slash + 1)}`
}

function duplicateView(group: DuplicateGroup, files: readonly FileRow[]): DuplicateView {
  const copies = new Map<string, FileRow[]>()
  for (const file of files.filter(({ sha256 }) => sha256 === group.sha256)) {
    const inode = file.fingerprint?.split(':').slice(0, 2).join(':') ?? file.id
    copies.set(inode, [...(copies.get(inode) ?? []), file])
  }
  return {
    sha256: group.sha256,
    name: [...copies.values()][0]?.[0]?.name ?? '',
    bytes: Number(group.bytes),
    wastedBytes: Number(group.wasted),
    copies: [...copies.values()].map(([first, ...links]) => ({
      id: first!.id,
      root: first!.root,
      path: first!.path,
      links: links.map(({ root, path }) => shownPath(root, path)),
      modifiedAt: first!.modifiedAt.toISOString(),
    })),
  }
}
