import type { Fields } from '../lenient.ts'
import { fromHtml } from '../markdown.ts'
import { noStats, open } from '../source-model.ts'
import type { Gate, SourceLicence, SourceModel, SourceStats, SourceVersion } from '../source-model.ts'
import { fileOf } from './civitai-file.ts'
import { imageOf } from './civitai-image.ts'
import { commercialUsesOf, typeOf } from './civitai-values.ts'

export type CivitaiPlace = { readonly baseUrl: string }

/** Undefined for what has no id: nothing could be asked about it. */
export function modelOf(fields: Fields, place: CivitaiPlace): SourceModel | undefined {
  const id = fields.id('id')
  if (id === null || !/^\d+$/.test(id)) {
    fields.lenient.warn('a model without an id was left out')
    return undefined
  }
  const name = fields.text('name') ?? `Model ${id}`
  const versions = fields.each('modelVersions', (version) => versionOf(version, { ...place, modelId: id }))
  const { markdown, text } = fromHtml(fields.text('description'))
  const creator = fields.object('creator')
  const username = creator?.text('username') ?? null
  const mode = fields.text('mode')
  return {
    source: 'civitai',
    id,
    name,
    type: typeOf(fields.text('type')),
    sourceType: fields.text('type'),
    creator: username === null ? null : { name: username, image: webAddress(creator?.text('image') ?? null) },
    description: text,
    descriptionMarkdown: markdown,
    tags: fields.texts('tags'),
    nsfwLevel: modelLevel(fields),
    licence: licenceOf(fields),
    stats: statsOf(fields.object('stats')),
    publishedAt: versions.map(({ publishedAt }) => publishedAt).findLast((at) => at !== null) ?? null,
    updatedAt: versions.map(({ publishedAt }) => publishedAt).find((at) => at !== null) ?? null,
    pageUrl: `${place.baseUrl}/models/${id}`,
    mode: mode === 'Archived' ? 'archived' : mode === 'TakenDown' ? 'taken-down' : null,
    versions,
    derivedFrom: [],
    task: null,
    library: null,
    raw: fields.raw,
  }
}

export function versionOf(
  fields: Fields,
  place: CivitaiPlace & { readonly modelId: string },
): SourceVersion | undefined {
  const id = fields.id('id')
  if (id === null || !/^\d+$/.test(id)) {
    fields.lenient.warn('a version without an id was left out')
    return undefined
  }
  const files = fields.each('files', (file) => fileOf(file, { baseUrl: place.baseUrl, versionId: id }))
  const downloadable = fields.text('downloadUrl') !== null || files.length > 0
  return {
    id,
    name: fields.text('name') ?? id,
    baseModel: fields.text('baseModel'),
    description: fromHtml(fields.text('description')).markdown,
    trainedWords: words(fields.texts('trainedWords')),
    publishedAt: fields.moment('publishedAt') ?? fields.moment('createdAt'),
    air: fields.text('air'),
    downloadUrl: downloadable ? `${place.baseUrl}/api/download/models/${id}` : null,
    stats: statsOf(fields.object('stats')),
    nsfwLevel: numberOr(fields.get('nsfwLevel'), 0),
    gate: gateOf(fields, { page: `${place.baseUrl}/models/${place.modelId}?modelVersionId=${id}` }),
    files,
    images: fields.each('images', imageOf),
  }
}

/** With what only the version's own answer tells: generation data of its pictures, the end of early access, its AIR. */
export function withDetail(version: SourceVersion, detail: SourceVersion): SourceVersion {
  const ids = new Map(version.images.map((image) => [pictureOf(image.url), image.id]))
  const images = detail.images.map((image) => ({ ...image, id: ids.get(pictureOf(image.url)) ?? image.id }))
  return {
    ...version,
    air: version.air ?? detail.air,
    gate: detail.gate,
    images: images.length > 0 ? images : version.images,
  }
}

/** One picture is told in several sizes, and so at several addresses. */
function pictureOf(url: string): string {
  return /\/([0-9a-f]{8}-[0-9a-f-]{27,})\//i.exec(url)?.[1] ?? url
}

/** Early access ends by itself; `earlyAccessTimeFrame` are days of 2023's answers. */
function gateOf(fields: Fields, { page }: { page: string }): Gate {
  const published = fields.moment('publishedAt')
  const days = numberOr(fields.get('earlyAccessTimeFrame'), 0)
  const byDays =
    days > 0 && published !== null ? new Date(Date.parse(published) + days * 86_400_000).toISOString() : null
  const until = fields.moment('earlyAccessEndsAt') ?? byDays
  const isEarly =
    until === null ? fields.text('availability') === 'EarlyAccess' : Date.parse(until) > Date.now()
  return isEarly ? { kind: 'early-access', until, approvalUrl: page } : open
}

function licenceOf(fields: Fields): SourceLicence {
  const noCredit = fields.flag('allowNoCredit')
  const otherLicence = fields.flag('allowDifferentLicense')
  return {
    id: null,
    name: null,
    url: null,
    commercialUse: commercialUsesOf(fields.get('allowCommercialUse')),
    derivatives: fields.flag('allowDerivatives'),
    credit: noCredit === null ? null : !noCredit,
    sameLicence: otherLicence === null ? null : !otherLicence,
    gate: open,
  }
}

/** Counters of a model that is minutes old are null. */
function statsOf(fields: Fields | undefined): SourceStats {
  if (!fields) return noStats
  const rating = fields.number('rating')
  return {
    downloads: fields.number('downloadCount'),
    likes: fields.number('thumbsUpCount') ?? fields.number('favoriteCount'),
    dislikes: fields.number('thumbsDownCount'),
    rating: fields.number('ratingCount') ? rating : null,
  }
}

function modelLevel(fields: Fields): number {
  const level = fields.get('nsfwLevel')
  if (typeof level === 'number') return level
  return fields.get('nsfw') === true ? 28 : 1
}

/** Some makers put all words into one, with commas at the ends. */
function words(told: readonly string[]): string[] {
  const clean = told.map((word) =>
    word
      .trim()
      .replaceAll(/^,+|,+$/g, '')
      .trim(),
  )
  return [...new Set(clean.filter((word) => word !== ''))]
}

function webAddress(text: string | null): string | null {
  return text !== null && /^https?:\/\//.test(text) ? text : null
}

const numberOr = (value: unknown, otherwise: number): number =>
  typeof value === 'number' && Number.isFinite(value) ? value : otherwise
