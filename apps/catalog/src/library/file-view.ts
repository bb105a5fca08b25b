import type { FileFormat, FileState, LibraryFileView } from '@easel/contracts'
import type { File } from '../generated/prisma/client.ts'

/** As Prisma gives it; `pg` gives 64-bit numbers as text. */
export type FileRow = Omit<File, 'bytes' | 'parameterCount'> & {
  bytes: bigint | string
  parameterCount: bigint | string | null
}

export function toFileView(row: FileRow): LibraryFileView {
  return { ...toListedView(row), metadata: row.metadata as Record<string, string> | null }
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
  }
}
