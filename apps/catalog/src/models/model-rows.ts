import { createHash } from 'node:crypto'
import type { ModelSourceId } from '@easel/contracts'
import { familyOf } from '../families/family-of.ts'
import type { SourceFile, SourceImage, SourceModel, SourceVersion } from '../sources/source-model.ts'
import { cleanName, cleanText, jsonText, moment, orNull, smallNumber, wholeNumber } from './clean-value.ts'
import { allowsCommercialUse } from './licence-view.ts'
import { highestRank, rankOf } from './nsfw.ts'
import { sampleWords } from './search-statement.ts'
import { filterWord, nameKeyOf, searchVectors } from './search-words.ts'

/**
 * How much of a model an answer tells. `whole`: all of it, so what is missing is gone. `listed`: a line of a
 * search. `version`: one version, and of the model only name and type.
 */
export type Completeness = 'whole' | 'listed' | 'version'

/** A model as its tables hold it. Names are those of the columns, for the database reads it as one JSON. */
export type ModelRows = {
  readonly model: ModelRow
  readonly versions: readonly VersionRow[]
  readonly spelling: readonly string[]
}

export type ModelRow = {
  source: ModelSourceId
  id: string
  digest: string
  name: string
  name_key: string
  type: string
  family: string | null
  base_model: string | null
  creator: string | null
  nsfw_rank: number
  downloads: number
  likes: number
  published_at: string
  updated_at: string
  linked_source: string | null
  name_words: string
  words: string
  detail: DetailRow
}

export type DetailRow = {
  source_type: string | null
  creator_image: string | null
  tags: readonly string[]
  description: string | null
  licence: object
  commercial_use: boolean | null
  gate: string
  gate_until: string | null
  approval_url: string | null
  page_url: string | null
  mode: string | null
  task: string | null
  library: string | null
  derived_from: readonly string[]
  bytes: number | null
  nsfw_level: number
  covers: readonly CoverRow[]
  /** JSON text. */
  raw: string | null
}

/** The first picture of a level, for cards. */
export type CoverRow = ImageRow & { rank: number }

export type VersionRow = {
  id: string
  name: string
  position: number
  base_model: string | null
  family: string | null
  description: string | null
  trained_words: readonly string[]
  published_at: string | null
  air: string | null
  download_url: string | null
  downloads: number | null
  nsfw_level: number
  gate: string
  gate_until: string | null
  approval_url: string | null
  files: readonly FileRow[]
  images: readonly ImageRow[]
}

export type FileRow = {
  id: string
  position: number
  name: string
  role: string | null
  format: string
  precision: string | null
  quant: string | null
  size: string | null
  bytes: number | null
  bytes_exact: boolean
  sha256: string | null
  auto_v1: string | null
  auto_v2: string | null
  auto_v3: string | null
  crc32: string | null
  blake3: string | null
  pickle_scan: string | null
  virus_scan: string | null
  scan_text: string | null
  scanned_at: string | null
  is_primary: boolean
  download_url: string
}

export type ImageRow = {
  position: number
  id: string | null
  url: string
  kind: string
  width: number | null
  height: number | null
  blurhash: string | null
  nsfw_level: number
  meta: unknown
  /** JSON text. */
  raw_meta: string | null
}

const never = new Date(0).toISOString()
const mostVersions = 500
const mostFiles = 5_000
const mostImages = 200
/** An index entry of Postgres cannot be longer than this by much. */
const longestKey = 1_500

/** @throws TypeError for what is no model at all: the others of the page are not its business */
export function modelRows(model: SourceModel): ModelRows {
  const id = keyText(model.id)
  const name = cleanName(model.name) || id
  const tags = distinct(model.tags.map((tag) => cleanName(tag, 100))).slice(0, 200)
  const versions = distinctBy(model.versions.slice(0, mostVersions), (version) => version.id).map(
    (version, position) => versionRow(model, { version, position }),
  )
  const [newest] = versions
  const families = distinct([
    ...versions.map((version) => version.family),
    newest ? null : (familyOf({ tags, repo: repoOf(model), names: [name] })?.id ?? null),
  ])
  const bases = distinct(versions.map((version) => version.base_model))
  const { gate, ...licence } = model.licence
  const commercial = allowsCommercialUse(licence)
  const creator = orNull(model.creator?.name, 200)
  const nsfwLevel = smallNumber(model.nsfwLevel) ?? 0
  const rank = rankOf(nsfwLevel)
  const downloads = wholeNumber(model.stats.downloads) ?? 0
  const images = versions.flatMap((version) => version.images)
  const { nameVector, vector, spelling } = searchVectors(
    {
      name,
      creator,
      tags,
      triggers: versions.flatMap((version) => version.trained_words),
      bases: [...bases, ...families],
      names: versions.flatMap((version) => [version.name, ...version.files.map((file) => file.name)]),
      description: model.description,
    },
    [
      filterWord('source', model.source),
      filterWord('type', model.type),
      ...[...bases, ...families].map((base) => filterWord('base', base)),
      ...tags.map((tag) => filterWord('tag', tag)),
      ...(creator ? [filterWord('creator', creator)] : []),
      ...(model.task ? [filterWord('task', model.task)] : []),
      ...(commercial ? [filterWord('commercial', 'yes')] : []),
      ...sampleWords(createHash('sha1').update(`${model.source} ${id}`).digest().readUInt16BE()),
    ],
  )
  const row: Omit<ModelRow, 'digest'> = {
    source: model.source,
    id,
    name,
    name_key: nameKeyOf(name),
    type: model.type,
    family: newest?.family ?? families[0] ?? null,
    base_model: newest?.base_model ?? null,
    creator,
    nsfw_rank: rank,
    downloads,
    likes: wholeNumber(model.stats.likes) ?? 0,
    published_at: moment(model.publishedAt ?? newest?.published_at) ?? never,
    updated_at: moment(model.updatedAt ?? newest?.published_at ?? model.publishedAt) ?? never,
    linked_source: null,
    name_words: nameVector,
    words: vector,
    detail: {
      source_type: orNull(model.sourceType, 100),
      creator_image: webUrl(model.creator?.image),
      tags,
      description: orNull(model.descriptionMarkdown),
      licence: JSON.parse(jsonText(licence) ?? '{}') as object,
      commercial_use: commercial,
      gate: gate.kind,
      gate_until: moment(gate.until),
      approval_url: webUrl(gate.approvalUrl),
      page_url: webUrl(model.pageUrl),
      mode: model.mode,
      task: orNull(model.task, 100),
      library: orNull(model.library, 100),
      derived_from: model.derivedFrom.slice(0, 50).map((repo) => cleanName(repo, 200)),
      bytes: primaryOf(newest?.files ?? [])?.bytes ?? null,
      nsfw_level: nsfwLevel,
      covers: coversOf(images),
      raw: jsonText(model.raw),
    },
  }
  const digest = createHash('sha1')
    .update(JSON.stringify([row, versions]))
    .digest('base64url')
  return { model: { ...row, digest }, versions, spelling }
}

function versionRow(
  model: SourceModel,
  { version, position }: { version: SourceVersion; position: number },
): VersionRow {
  const files = distinctBy(version.files.slice(0, mostFiles), (file) => file.id)
  const family = familyOf({
    baseModel: version.baseModel,
    tags: [...model.tags, ...model.derivedFrom.map((repo) => `base_model:${repo}`)],
    repo: repoOf(model),
    names: [version.name, model.name, ...files.slice(0, 20).map((file) => file.name)],
  })
  return {
    id: keyText(version.id),
    name: cleanName(version.name) || keyText(version.id),
    position,
    base_model: orNull(version.baseModel, 100),
    family: family?.id ?? null,
    description: orNull(version.description),
    trained_words: distinct(version.trainedWords.slice(0, 500).map((word) => cleanText(word, 2_000).trim())),
    published_at: moment(version.publishedAt),
    air: orNull(version.air, 500),
    download_url: webUrl(version.downloadUrl),
    downloads: wholeNumber(version.stats.downloads),
    nsfw_level: smallNumber(version.nsfwLevel) ?? 0,
    gate: version.gate.kind,
    gate_until: moment(version.gate.until),
    approval_url: webUrl(version.gate.approvalUrl),
    files: files.map(fileRow),
    images: distinctBy(version.images.slice(0, mostImages), (image) => image.url)
      .filter((image) => webUrl(image.url) !== null)
      .map(imageRow),
  }
}

function fileRow(file: SourceFile, position: number): FileRow {
  const { scans } = file
  return {
    id: keyText(file.id),
    position,
    name: cleanName(file.name, 500) || keyText(file.id),
    role: orNull(file.role, 100),
    format: file.format,
    precision: orNull(file.precision, 50),
    quant: orNull(file.quant, 50),
    size: orNull(file.size, 50),
    bytes: wholeNumber(file.bytes),
    bytes_exact: file.bytesExact,
    sha256: hash(file.sha256, 64),
    auto_v1: hash(file.autoV1, 8),
    auto_v2: hash(file.autoV2 ?? file.sha256?.slice(0, 10), 10),
    auto_v3: hash(file.autoV3, 12),
    crc32: hash(file.crc32, 8),
    blake3: hash(file.blake3, 64),
    pickle_scan: scans.pickle,
    virus_scan: scans.virus,
    scan_text: orNull([scans.pickleText, scans.virusText].filter(Boolean).join('\n'), 2_000),
    scanned_at: moment(scans.scannedAt),
    is_primary: file.primary,
    download_url: cleanText(file.downloadUrl, 4_000),
  }
}

function imageRow(image: SourceImage, position: number): ImageRow {
  return {
    position,
    id: orNull(image.id, 100),
    url: cleanText(image.url, longestKey),
    kind: image.kind,
    width: smallNumber(image.width),
    height: smallNumber(image.height),
    blurhash: orNull(image.hash, 200),
    nsfw_level: smallNumber(image.nsfwLevel) ?? 0,
    meta: image.meta === null ? null : (JSON.parse(jsonText(image.meta) ?? 'null') as unknown),
    raw_meta: jsonText(image.rawMeta),
  }
}

function coversOf(images: readonly ImageRow[]): CoverRow[] {
  const covers = new Map<number, CoverRow>()
  for (const image of images) {
    const rank = highestRank(image.nsfw_level)
    const before = covers.get(rank)
    // A film needs a player; a picture is the better card.
    if (!before || (before.kind === 'video' && image.kind === 'image')) {
      covers.set(rank, { ...image, meta: null, raw_meta: null, rank })
    }
  }
  return [...covers.values()].sort((a, b) => a.rank - b.rank)
}

export function primaryOf<F extends { is_primary: boolean }>(files: readonly F[]): F | undefined {
  return files.find((file) => file.is_primary) ?? files[0]
}

/** What is not cut: another id would be another thing. */
function keyText(id: string): string {
  const text = cleanText(id)
  if (text === '' || text !== id || text.length > longestKey) throw new TypeError('This id cannot be kept')
  return text
}

function hash(value: string | null | undefined, length: number): string | null {
  const text = value?.trim().toLowerCase() ?? ''
  return text.length === length && /^[0-9a-f]+$/.test(text) ? text : null
}

/** Only what a page may link to. */
export function webUrl(text: string | null | undefined): string | null {
  if (!text || text.length > longestKey || text.includes('\0')) return null
  const url = URL.parse(text)
  return url?.protocol === 'https:' || url?.protocol === 'http:' ? text.toWellFormed() : null
}

const repoOf = (model: SourceModel) => (model.source === 'huggingface' ? model.id : null)

function distinct<T extends string>(values: readonly (T | null)[]): T[] {
  return [...new Set(values)].filter((value): value is T => value !== null && value !== '')
}

function distinctBy<T>(values: readonly T[], keyOf: (value: T) => string): T[] {
  const seen = new Set<string>()
  return values.filter((value) => {
    const key = keyOf(value)
    return seen.has(key) ? false : Boolean(seen.add(key))
  })
}
