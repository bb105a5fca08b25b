import type { ModelWish, ResolvedFile } from '@easel/contracts'
import { notFound } from '@easel/protocol'
import type { SourceFile, SourceModel } from '../sources/source-model.ts'
import { folderOfPath, folderOfType } from './file-folder.ts'
import type { FoldersOfTypes } from './file-folder.ts'
import { fileNameOf, filePathOf } from './file-name.ts'
import { matchesPattern } from './name-pattern.ts'

/** Names that hundreds of repositories have: they are kept below the repository's name. */
const commonName =
  /^(diffusion_pytorch_model|pytorch_model|model|pytorch_lora_weights|adapter_model|lora|unet|vae)([._-](fp16|bf16|fp32|non_ema|\d{5}-of-\d{5}))*\.\w+$/i

export type RepoFiles = {
  model: SourceModel
  versionId: string
  files: readonly SourceFile[]
}

/** One file, those that match, or all: what ComfyUI has a folder for goes there, the rest stays together. */
export function repoFiles(repo: RepoFiles, wish: ModelWish, folders?: FoldersOfTypes): ResolvedFile[] {
  const { path, patterns } = wish
  const wanted = repo.files.filter(({ id }) =>
    path === undefined
      ? id !== '.gitattributes' && (!patterns || patterns.some((pattern) => matchesPattern(id, pattern)))
      : id === path,
  )
  if (wanted.length === 0) {
    const what = path ?? patterns?.join(', ') ?? 'file'
    throw notFound(`file in ${repo.model.id}: ${what}`, 'MODEL_NOT_FOUND')
  }
  const isDiffusers = repo.files.some(({ id }) => id === 'model_index.json')
  const apart = path === undefined && (isDiffusers || !patterns)
  return wanted.map((file) => repoFile(repo, file, { together: apart && !isSplit(file.id), folders }))
}

/** As Comfy-Org repackages: the folders are those of ComfyUI. */
const isSplit = (path: string): boolean => path.startsWith('split_files/')

function repoFile(
  { model, versionId }: RepoFiles,
  file: SourceFile,
  { together, folders }: { together: boolean; folders: FoldersOfTypes | undefined },
): ResolvedFile {
  const repoName = fileNameOf(model.id.split('/').at(-1)!)
  const name = fileNameOf(file.id)
  const own = commonName.test(name) ? `${repoName}/${name}` : name
  const { gate } = model.licence
  return {
    urls: [file.downloadUrl],
    token: model.source,
    folder: together ? wholeFolder(model, folders) : folderOfPath(file.id, model.type, folders),
    filename: together ? `${repoName}/${filePathOf(file.id)}` : own,
    bytes: file.bytes,
    sha256: file.sha256,
    gate: gate.kind,
    approvalUrl: gate.approvalUrl,
    title: model.id,
    source: model.source,
    modelId: model.id,
    versionId,
    libraryPath: null,
  }
}

/** A whole repository is one folder: of LoRAs among the LoRAs, of anything else where no loader looks for single files. */
function wholeFolder({ type }: SourceModel, folders: FoldersOfTypes | undefined): string {
  const usual = folderOfType[type]
  return usual === 'loras' || usual === 'controlnet' ? folderOfPath('whole', type, folders) : 'other'
}
