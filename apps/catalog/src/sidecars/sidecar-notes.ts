import type { SidecarKind } from './sidecar-names.ts'

/** What a sidecar says of its model. */
export type SidecarNotes = {
  title?: string
  baseModel?: string
  triggerWords?: string[]
  description?: string
  notes?: string
  preferredWeight?: number
  /** Its model at CivitAI. */
  modelId?: string
  versionId?: string
  sha256?: string
}

type Json = Readonly<Record<string, unknown>>

const longestText = 4_000
const mostWords = 50

/** Reads a sidecar; total: what makes no sense in it is left out. */
export function sidecarNotes(kind: SidecarKind, value: unknown): SidecarNotes {
  const json = record(value)
  return json ? compact(readers[kind](json)) : {}
}

/** The first note of each kind counts. */
export function mergeNotes(all: readonly SidecarNotes[]): SidecarNotes {
  return Object.assign({}, ...all.toReversed()) as SidecarNotes
}

type Loose = { [K in keyof SidecarNotes]: SidecarNotes[K] | undefined }

const readers: Readonly<Record<SidecarKind, (json: Json) => Loose>> = {
  easel: (json) => ({
    title: text(json.title),
    baseModel: text(json.baseModel),
    triggerWords: words(json.triggerWords),
    description: text(json.description),
    notes: text(json.notes),
    preferredWeight: weight(json.preferredWeight),
    sha256: hash(json.sha256),
    ...(json.source === 'civitai' && { modelId: id(json.modelId), versionId: id(json.versionId) }),
  }),
  // What CivitAI answers for a version, as A1111's Civitai Helper keeps it.
  civitai: (json) => version(json),
  'lora-manager': (json) => {
    const civitai = record(json.civitai) ?? {}
    const tips = record(parsed(json.usage_tips)) ?? {}
    return {
      ...version(civitai),
      title: text(json.model_name) ?? text(json.file_name),
      baseModel: text(json.base_model) ?? text(civitai.baseModel),
      description: plain(json.modelDescription),
      notes: text(json.notes),
      preferredWeight: weight(tips.strength),
      sha256: hash(json.sha256),
    }
  },
  'stability-matrix': (json) => ({
    title: text(json.ModelName),
    baseModel: text(json.BaseModel),
    triggerWords: words(json.TrainedWords),
    description: plain(json.ModelDescription),
    modelId: id(json.ModelId),
    versionId: id(json.VersionId),
    sha256: hash(record(json.Hashes)?.SHA256),
  }),
  a1111: (json) => ({
    baseModel: text(json['sd version']),
    triggerWords: words(json['activation text']),
    description: text(json.description),
    notes: text(json.notes),
    preferredWeight: weight(json['preferred weight']),
    modelId: id(json.modelId),
    sha256: hash(json.sha256),
  }),
  swarm: (json) => ({
    title: text(json['modelspec.title']) ?? text(json.title),
    triggerWords: words(json['modelspec.trigger_phrase'] ?? json.trigger_phrase),
    description: plain(json['modelspec.description'] ?? json.description),
    notes: text(json['modelspec.usage_hint'] ?? json.usage_hint),
  }),
}

function version(json: Json): Loose {
  const files = Array.isArray(json.files) ? (json.files as unknown[]).slice(0, 50).map(record) : []
  const primary = files.find((file) => file?.primary === true) ?? (files.length === 1 ? files[0] : undefined)
  return {
    title: text(record(json.model)?.name),
    baseModel: text(json.baseModel),
    triggerWords: words(json.trainedWords),
    description: plain(json.description),
    modelId: id(json.modelId),
    versionId: id(json.id),
    sha256: hash(record(primary?.hashes)?.SHA256),
  }
}

function compact(notes: Loose): SidecarNotes {
  const said = Object.entries(notes).filter(
    ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
  )
  return Object.fromEntries(said) as SidecarNotes
}

const record = (value: unknown): Json | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined

function text(value: unknown): string | undefined {
  const clean = typeof value === 'string' ? value.slice(0, longestText).trim() : ''
  return clean === '' || clean === 'None' || clean === 'Unknown' ? undefined : clean
}

/** Descriptions come as HTML; here they are text. */
function plain(value: unknown): string | undefined {
  const html = typeof value === 'string' ? value.slice(0, longestText * 4) : ''
  const open = html
    .replaceAll(/<(br|\/p|\/li|\/h\d)[^>]{0,200}>/gi, '\n')
    .replaceAll(/<[^>]{0,2000}>/g, '')
    .replaceAll(/&(amp|lt|gt|quot|nbsp|#39);/g, (_, name: string) => entities[name]!)
  return text(open)
}

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  nbsp: ' ',
  '#39': "'",
}

/** One text with commas, or a list of texts, each a phrase of its own. */
function words(value: unknown): string[] | undefined {
  const list = Array.isArray(value) ? (value as unknown[]).slice(0, 500) : text(value)?.split(',')
  const clean = list?.map((word) => text(word)?.replace(/,$/, '').slice(0, 500)).filter((word) => word)
  return clean && ([...new Set(clean)] as string[]).slice(0, mostWords)
}

function weight(value: unknown): number | undefined {
  const number = typeof value === 'string' ? Number(value) : value
  const sound = typeof number === 'number' && number !== 0 && Math.abs(number) <= 10
  return sound ? number : undefined
}

function id(value: unknown): string | undefined {
  const digits = typeof value === 'number' || typeof value === 'string' ? String(value) : ''
  return /^[1-9]\d{0,11}$/.test(digits) ? digits : undefined
}

function hash(value: unknown): string | undefined {
  return typeof value === 'string' && /^[0-9a-f]{64}$/i.test(value) ? value.toLowerCase() : undefined
}

function parsed(value: unknown): unknown {
  if (typeof value !== 'string' || value.length > 10_000) return value
  try {
    return JSON.parse(value)
  } catch {
    return undefined // not the JSON it is elsewhere: nothing is known
  }
}
