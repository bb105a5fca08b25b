import { dirname } from 'node:path'
import type { ModelType } from '@easel/contracts'
import { fileSource, readGgufHeader, readHeader, trainerFacts } from '@easel/safetensors'
import { familyInTensors } from '../families/family-tensors.ts'
import { noiseLevelOf } from '../families/family-names.ts'
import { familyOf } from '../families/family-of.ts'
import type { PreviewStore } from '../sidecars/preview-store.ts'
import { readNotes } from '../sidecars/read-besides.ts'
import type { SidecarNotes } from '../sidecars/sidecar-notes.ts'
import { baseModelName } from './base-model.ts'
import { folderMissed, typeOfTensors } from './file-type.ts'
import { precisionOf, variantKeyOf } from './precision.ts'
import { boundedMetadata, storable, storableText } from './storable.ts'
import type { FoundFile } from './walk.ts'

/** What a file's header, its name and what lies beside it tell, without reading the rest of it. */
export type FileDescription = {
  baseModel: string | null
  title: string | null
  triggerWords: readonly string[]
  wordsFrom: 'sidecar' | 'header' | 'none'
  description: string | null
  notes: string | null
  preferredWeight: number | null
  family: string | null
  type: ModelType | null
  precision: string | null
  noise: 'high' | 'low' | null
  variantKey: string
  belongsIn: string | null
  preview: string | null
  tensorCount: number | null
  parameterCount: number | null
  dtypes: readonly string[]
  metadata: Readonly<Record<string, string>> | null
  /** A sidecar's word for which model this is. */
  sidecarModelId: string | null
  sidecarVersionId: string | null
  sidecarSha256: string | null
}

export type Describer = {
  previews: PreviewStore | undefined
  /** Where a model of a type belongs. */
  folderOf: (type: ModelType) => string
  signal: AbortSignal
}

/** Enough to tell families apart; the counts are of all. */
const tensorsLookedAt = 20_000

/**
 * Rejects when the file cannot be read, with `SAFETENSORS_INVALID` or `GGUF_INVALID` when its header is broken. Gives
 * where the data begin, too.
 */
export async function describeFile(
  file: FoundFile,
  describer: Describer,
): Promise<{ description: FileDescription; dataStart: number | undefined }> {
  const [header, notes, preview] = await Promise.all([
    readAnyHeader(file, describer.signal),
    readNotes(dirname(file.absolute), file.besides.sidecars),
    describer.previews?.put(dirname(file.absolute), file.besides.previews) ?? null,
  ])
  return {
    description: { ...describe(file, { header, notes, describer }), preview },
    dataStart: header?.dataStart,
  }
}

/** Of a file whose header is not to be read, or is broken. */
export async function describeBesides(file: FoundFile, describer: Describer): Promise<FileDescription> {
  const folder = dirname(file.absolute)
  const notes = await readNotes(folder, file.besides.sidecars)
  const preview = (await describer.previews?.put(folder, file.besides.previews)) ?? null
  return { ...describe(file, { header: undefined, notes, describer }), preview }
}

type AnyHeader = {
  metadata: Readonly<Record<string, string>>
  tensors: readonly { name: string; shape: readonly number[] }[]
  tensorCount: number
  parameterCount: number
  dtypes: Readonly<Record<string, number>>
  quantization?: string | undefined
  architecture?: string | undefined
  dataStart: number | undefined
}

async function readAnyHeader(file: FoundFile, signal: AbortSignal): Promise<AnyHeader | undefined> {
  const source = fileSource(file.absolute)
  const options = { maxTensors: tensorsLookedAt, signal }
  if (file.format === 'safetensors') {
    const header = await readHeader(source, options)
    return { ...header, dataStart: 8 + header.headerBytes }
  }
  return file.format === 'gguf'
    ? { ...(await readGgufHeader(source, options)), dataStart: undefined }
    : undefined
}

type Told = { header: AnyHeader | undefined; notes: SidecarNotes; describer: Describer }

function describe(file: FoundFile, { header, notes, describer }: Told): Omit<FileDescription, 'preview'> {
  const facts = trainerFacts(header?.metadata ?? {})
  const type = header ? typeOfTensors(header.tensors) : null
  const inHeader = facts.triggerWords
  const words = notes.triggerWords ?? inHeader
  const trainer = [
    facts.baseModel,
    facts.architecture,
    header?.metadata.ss_sd_model_name,
    header?.architecture,
  ]
  const family = familyOf({
    baseModel: notes.baseModel,
    trainer,
    names: [file.name, notes.title],
    tensors: header?.tensors ?? [],
  })
  // A name says little of a text encoder or a VAE: many families share them.
  const shared = type === 'text-encoder' || type === 'vae' || type === 'clip-vision' || type === 'upscaler'
  return {
    baseModel: storableText(notes.baseModel ?? baseModelName(facts.baseModel, facts.architecture)),
    title: storableText(notes.title ?? facts.title ?? header?.metadata['general.name']),
    triggerWords: words.map(storable).filter((word) => word !== ''),
    wordsFrom: words.length === 0 ? 'none' : notes.triggerWords ? 'sidecar' : 'header',
    description: storableText(notes.description ?? facts.description, 4_000),
    notes: storableText(notes.notes, 4_000),
    preferredWeight: notes.preferredWeight ?? null,
    family:
      shared && !familyInTensors(header?.tensors ?? []) && !notes.baseModel ? null : (family?.id ?? null),
    type,
    precision: precisionOf(file.name, {
      quantization: header?.quantization,
      dtypes: header?.dtypes ?? {},
    }),
    noise: noiseLevelOf(file.name) ?? null,
    variantKey: variantKeyOf(file.path, file.root),
    belongsIn: folderMissed(
      { folder: file.folder, loose: !file.path.includes('/') },
      { type, right: type === null ? undefined : describer.folderOf(type) },
    ),
    tensorCount: header?.tensorCount ?? null,
    parameterCount: header?.parameterCount ?? null,
    dtypes: Object.keys(header?.dtypes ?? {}),
    metadata: header ? boundedMetadata(header.metadata) : null,
    sidecarModelId: notes.modelId ?? null,
    sidecarVersionId: notes.versionId ?? null,
    sidecarSha256: notes.sha256 ?? null,
  }
}
