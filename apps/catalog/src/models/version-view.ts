import type { Gate, ModelFileView, ModelSourceId, ModelType, VersionView } from '@easel/contracts'
import { folderOfFile, folderOfPath } from '../needs/file-folder.ts'
import type { FoldersOfTypes } from '../needs/file-folder.ts'
import type { SourceFile } from '../sources/source-model.ts'
import { toExample, toInstalled } from './card-view.ts'
import type { InstalledRow } from './cards.repository.ts'
import type { FileRow, ImageRow, VersionRow } from './models.repository.ts'
import { highestRank } from './nsfw.ts'

export type VersionParts = {
  readonly type: ModelType
  readonly files: readonly FileRow[]
  readonly images: readonly ImageRow[]
  readonly installed: readonly InstalledRow[]
  readonly nsfwRank: number
  readonly source: ModelSourceId
  readonly folders: FoldersOfTypes
}

export function toVersionView(row: VersionRow, parts: VersionParts): VersionView {
  const images = parts.images.filter(({ nsfw_level }) => highestRank(nsfw_level) <= parts.nsfwRank)
  const primary = parts.files.find(({ isPrimary }) => isPrimary) ?? parts.files[0]
  return {
    id: row.id,
    name: row.name,
    family: row.family,
    baseModel: row.baseModel,
    description: row.description,
    triggerWords: row.trainedWords,
    ...gateNow(row),
    publishedAt: row.publishedAt?.toISOString() ?? null,
    downloads: row.downloads,
    installed: toInstalled(parts.installed),
    files: parts.files.map((file) => toFileView(file, { parts, primary: file === primary })),
    images: images.map(toExample),
    hiddenImages: parts.images.length - images.length,
  }
}

/** Early access ends by itself. */
function gateNow({ gate, gateUntil }: VersionRow): Pick<VersionView, 'gate' | 'earlyAccessUntil'> {
  const over = gate === 'early-access' && gateUntil !== null && gateUntil.getTime() <= Date.now()
  return {
    gate: over ? 'open' : (gate as Gate),
    earlyAccessUntil: gate === 'early-access' && !over ? (gateUntil?.toISOString() ?? null) : null,
  }
}

function toFileView(
  file: FileRow,
  { parts, primary }: { parts: VersionParts; primary: boolean },
): ModelFileView {
  return {
    id: file.id,
    name: file.name,
    role: file.role,
    folder: folderOf(file, parts),
    format: file.format,
    precision: file.quant ?? file.precision,
    bytes: file.bytes,
    sha256: file.sha256,
    autoV2: file.autoV2,
    autoV3: file.autoV3,
    primary,
    unsafe: file.format === 'pickle' || file.pickleScan === 'danger' || file.virusScan === 'danger',
    pickleScan: file.pickleScan,
    virusScan: file.virusScan,
    libraryFileId: file.libraryFileId,
  }
}

function folderOf(file: FileRow, { source, type, folders }: VersionParts): string | null {
  // A library file lies where it lies.
  if (source === 'local') return null
  if (source === 'huggingface') return folderOfPath(file.id, type, folders)
  return folderOfFile(type, { role: file.role, format: file.format as SourceFile['format'] }, folders)
}
