import type { ResolvedFile } from '@easel/contracts'
import { notFound } from '@easel/protocol'
import type { Gate, SourceFile, SourceModel, SourceVersion } from '../sources/source-model.ts'
import { folderOfFile } from './file-folder.ts'
import type { FoldersOfTypes } from './file-folder.ts'
import { fileNameOf } from './file-name.ts'

/** The newest version that everybody may fetch, else the newest with files. */
export function latestVersion({ versions }: SourceModel): SourceVersion {
  const withFiles = versions.filter(({ files }) => files.length > 0)
  const version = withFiles.find(({ gate }) => gate.kind === 'open') ?? withFiles[0]
  if (!version) throw notFound('version of this model that can be downloaded', 'MODEL_NOT_FOUND')
  return version
}

/** The primary one, else what is a model rather than something beside it. */
export function mainFile(files: readonly SourceFile[]): SourceFile | undefined {
  return (
    files.find(({ primary }) => primary) ??
    files.find(({ role }) => role === null || /^(pruned )?model$/i.test(role)) ??
    files[0]
  )
}

export function civitaiFile(
  { model, version }: { model: SourceModel; version: SourceVersion },
  { fileId, folders }: { fileId?: string | undefined; folders?: FoldersOfTypes | undefined },
): ResolvedFile {
  const file = fileId === undefined ? mainFile(version.files) : version.files.find(({ id }) => id === fileId)
  if (!file) throw notFound('file of this version', 'MODEL_NOT_FOUND')
  const gate: Gate = version.gate.kind === 'open' ? model.licence.gate : version.gate
  return {
    urls: [file.downloadUrl],
    token: model.source,
    folder: folderOfFile(model.type, file, folders),
    filename: fileNameOf(file.name),
    bytes: file.bytesExact ? file.bytes : null,
    sha256: file.sha256,
    gate: gate.kind,
    approvalUrl: gate.approvalUrl,
    title: [model.name, version.name].filter((name) => name !== '').join(' – '),
    source: model.source,
    modelId: model.id,
    versionId: version.id,
    libraryPath: null,
  }
}
