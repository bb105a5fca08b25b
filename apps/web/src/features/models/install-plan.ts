import { isGiven } from '../../lib/given.ts'
import { companionOf } from './companions.ts'
import type { CreateDownload, ModelFileView, ModelView, ModelWish, VersionView } from '@easel/client'

/** In place of a file's id: all of the version. */
export const allFiles = 'all'

/** More in one request are asked for by their kind. */
const mostByName = 200

export type InstallPlan = {
  /** What can be chosen from. */
  readonly choices: readonly ModelFileView[]
  /** Undefined when all are meant. */
  readonly file: ModelFileView | undefined
  /** The other half of a model that comes in two. */
  readonly companion: ModelFileView | undefined
  /** What of it is not here yet. */
  readonly missing: readonly ModelFileView[]
  readonly wish: CreateDownload
  readonly bytes: number
}

type Choice = { chosen: string | undefined; alone: boolean }

/** What a press on Install would bring; undefined when there is nothing. */
export function planOf(
  model: ModelView,
  version: VersionView,
  { chosen, alone }: Choice,
): InstallPlan | undefined {
  const choices = modelFiles(version.files)
  if (chosen === allFiles) {
    const missing = choices.filter(({ libraryFileId }) => !isGiven(libraryFileId))
    return {
      choices,
      file: undefined,
      companion: undefined,
      missing,
      wish: wishForAll(model, version, missing),
      bytes: sizeOf(missing),
    }
  }
  const file = choices.find(({ id }) => id === chosen) ?? choices.find(({ primary }) => primary) ?? choices[0]
  if (!file) return undefined
  const other = companionOf(file, version, model.versions)
  const both = other && !alone ? [file, other.file] : [file]
  const missing = both.filter(({ libraryFileId }) => !isGiven(libraryFileId))
  const wish = wishFor(model, version, file)
  return {
    choices,
    file,
    companion: other?.file,
    missing,
    wish: other && missing.length === 2 ? together([wish, wishFor(model, other.version, other.file)]) : wish,
    bytes: sizeOf(missing),
  }
}

function wishForAll(model: ModelView, version: VersionView, files: readonly ModelFileView[]): CreateDownload {
  if (model.source === 'huggingface' && files.length > mostByName) {
    return {
      source: 'huggingface',
      repo: model.id,
      revision: version.id,
      patterns: ['*.safetensors', '*.gguf'],
    }
  }
  return together(files.slice(0, mostByName).map((file) => wishFor(model, version, file)))
}

const together = (files: ModelWish[]): CreateDownload => ({ source: 'files', files })

/** Without what only describes them: a read-me, settings. */
function modelFiles(files: readonly ModelFileView[]): readonly ModelFileView[] {
  const weights = files.filter(({ format, primary }) => format !== 'other' || primary)
  return weights.length > 0 ? weights : files
}

const sizeOf = (files: readonly ModelFileView[]) => files.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0)

function wishFor(model: ModelView, version: Pick<VersionView, 'id'>, file: ModelFileView): ModelWish {
  if (model.source === 'civitai') {
    return { source: 'civitai', versionId: version.id, ...(!file.primary && { fileId: file.id }) }
  }
  return { source: 'huggingface', repo: model.id, path: file.id, revision: version.id }
}
