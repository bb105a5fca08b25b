import type { ExampleView, Gate, LoraFacts, LoraReference, ModelSourceId } from '@easel/contracts'
import { toExample } from '../models/card-view.ts'
import type { CoverRow } from '../models/model-rows.ts'
import { levelOfRank } from '../models/nsfw.ts'
import type { CataloguedLora, LibraryLora } from './known-loras.repository.ts'

/** A file of a bundle, as far as it is known. */
export type PresetLora = {
  title: string
  path: string
  family: string | null
  bytes: number | null
  sha256: string | null
}

export type Known = {
  file?: LibraryLora | undefined
  catalogued?: CataloguedLora | undefined
  preset?: PresetLora | undefined
  /** Of a download under way, from 0 to 1. */
  progress?: number | undefined
}

/** What is here goes before what its source tells of it. */
export function toLoraFacts(lora: LoraReference, known: Known, nsfwRank: number): LoraFacts {
  const { file, catalogued, preset, progress } = known
  const words = catalogued?.words.length ? catalogued.words : (file?.triggerWords ?? [])
  return {
    lora: { ...lora },
    title: titleOf(lora, known),
    triggerWords: words,
    state: stateOf(lora, known),
    progress: file ? null : (progress ?? null),
    libraryFileId: file?.id ?? null,
    fileName: file ? file.path.slice(file.folder.length).replace(/^\//, '') : null,
    family: file?.family ?? catalogued?.family ?? preset?.family ?? null,
    baseModel: file?.baseModel ?? catalogued?.baseModel ?? null,
    bytes: file ? Number(file.bytes) : (catalogued?.bytes ?? preset?.bytes ?? null),
    preferredWeight: file?.preferredWeight ?? null,
    image: pictureOf(known, nsfwRank),
    gate: file ? 'open' : ((catalogued?.gate as Gate | undefined) ?? null),
    modelSource: (catalogued?.source ?? file?.modelSource ?? null) as ModelSourceId | null,
    modelId: catalogued?.modelId ?? file?.modelId ?? null,
    versionId: catalogued?.versionId ?? file?.versionId ?? null,
    url: catalogued?.pageUrl || file?.pageUrl || null,
  }
}

function stateOf(lora: LoraReference, { file, catalogued, preset, progress }: Known): LoraFacts['state'] {
  if (file) return 'installed'
  if (progress !== undefined) return 'downloading'
  if (lora.source === 'library') return lora.sha256 ? 'available' : 'unknown'
  if (lora.source === 'bundle') return preset ? 'available' : 'unknown'
  return catalogued || lora.source === 'huggingface' ? 'available' : 'unknown'
}

function titleOf(lora: LoraReference, { file, catalogued, preset }: Known): string {
  if (catalogued) return catalogued.modelName
  if (preset) return preset.title
  if (file) return file.title ?? file.name
  switch (lora.source) {
    case 'civitai':
      return `civitai:${lora.modelId ?? '?'}@${lora.versionId ?? '?'}`
    case 'huggingface':
      return `${lora.repo} ${lora.path ?? ''}`.trim()
    case 'bundle':
      return `${lora.bundleId} ${lora.path ?? ''}`.trim()
    case 'library':
      return lora.path ?? 'A file that is no longer here'
  }
}

/** The file's own picture was put there by whoever keeps it; those of sources go by their level. */
function pictureOf({ file, catalogued }: Known, nsfwRank: number): ExampleView | null {
  const rank = file?.nsfwRank ?? catalogued?.nsfwRank ?? 0
  if (file?.preview && rank <= nsfwRank) {
    return { kind: 'image', url: `/api/library/files/${file.id}/preview`, nsfw: levelOfRank(rank) }
  }
  const covers: CoverRow[] = catalogued?.covers ?? file?.covers ?? []
  const cover = covers.find((each) => each.rank <= nsfwRank)
  return cover ? { ...toExample(cover), prompt: null, negative: null, meta: null } : null
}
