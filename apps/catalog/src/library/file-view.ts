import type { FileFormat, FileState, LibraryFileView, ModelSourceId, ModelType } from '@easel/contracts'
import type { File } from '../generated/prisma/client.ts'

/** As Prisma gives it; `pg` gives 64-bit numbers as text. */
export type FileRow = Omit<File, 'bytes' | 'parameterCount'> & {
  bytes: bigint | string
  parameterCount: bigint | string | null
}

export function toFileView(row: FileRow, aliases: readonly string[] = []): LibraryFileView {
  return {
    ...toListedView(row),
    metadata: row.metadata as Record<string, string> | null,
    aliases: [...aliases],
  }
}

/** Without the metadata, which are long: for lists and facts. */
export function toListedView(row: FileRow): LibraryFileView {
  return {
    id: row.id,
    name: row.name,
    path: row.path,
    folder: row.folder,
    format: row.format as FileFormat,
    state: row.state as FileState,
    problem: row.problem,
    unsafe: row.unsafe,
    bytes: Number(row.bytes),
    modifiedAt: row.modifiedAt.toISOString(),
    sha256: row.sha256,
    autoV2: row.autoV2,
    autoV3: row.autoV3,
    baseModel: row.baseModel,
    title: row.title,
    triggerWords: row.triggerWords,
    tensorCount: row.tensorCount,
    parameterCount: row.parameterCount === null ? null : Number(row.parameterCount),
    dtypes: row.dtypes,
    indexedAt: row.indexedAt.toISOString(),
    root: row.root,
    family: row.family,
    type: row.type as ModelType | null,
    precision: row.precision,
    noise: row.noise as 'high' | 'low' | null,
    modelSource: row.modelSource as ModelSourceId | null,
    modelId: row.modelId,
    versionId: row.versionId,
    linkedAt: row.linkedAt?.toISOString() ?? null,
    description: row.description,
    notes: row.notes,
    preferredWeight: row.preferredWeight,
    preview: row.preview,
  }
}
