import type { ModelType } from '@easel/contracts'
import type { Fields } from '../lenient.ts'
import { nsfwBits, noStats, open } from '../source-model.ts'
import type {
  CommercialUse,
  Gate,
  SourceFile,
  SourceLicence,
  SourceModel,
  SourceVersion,
} from '../source-model.ts'
import { formatOf, isWeights, precisionOf, primaryPath, quantOf } from './weights.ts'

export type HubPlace = { readonly baseUrl: string }

const repoName = /^[\w.-]{1,96}(\/[\w.-]{1,96})?$/
const commit = /^[0-9a-f]{40}$/
const explicit = nsfwBits.r | nsfwBits.x | nsfwBits.xxx

/** Undefined for what has no name. */
export function modelOf(fields: Fields, place: HubPlace): SourceModel | undefined {
  const id = fields.text('id') ?? fields.text('modelId')
  if (id === null || !repoName.test(id)) {
    fields.lenient.warn('a repository without a name was left out')
    return undefined
  }
  const tags = fields.texts('tags')
  const author = fields.text('author') ?? (id.includes('/') ? id.split('/')[0]! : null)
  const card = fields.object('cardData')
  const gate = gateOf(fields.get('gated'), { page: `${place.baseUrl}/${id}` })
  const version = versionOf(fields, { ...place, id, gate })
  const task = fields.text('pipeline_tag')
  return {
    source: 'huggingface',
    id,
    name: id.split('/').at(-1)!,
    type: typeOf(tags, version.files),
    sourceType: task,
    creator: author === null ? null : { name: author, image: null },
    description: null,
    descriptionMarkdown: null,
    tags: tags.filter((tag) => !/^(license|base_model|region|arxiv|dataset|doi):/.test(tag)),
    nsfwLevel: tags.includes('not-for-all-audiences') ? explicit : nsfwBits.pg,
    licence: licenceOf({ card, tags, page: `${place.baseUrl}/${id}`, gate }),
    stats: { ...noStats, downloads: fields.number('downloads'), likes: fields.number('likes') },
    publishedAt: fields.moment('createdAt'),
    updatedAt: fields.moment('lastModified') ?? fields.moment('createdAt'),
    pageUrl: `${place.baseUrl}/${id}`,
    mode: fields.get('disabled') === true ? 'taken-down' : null,
    versions: [version],
    derivedFrom: basesOf(tags, card),
    task,
    library: fields.text('library_name'),
    raw: fields.raw,
  }
}

/** The one version: what the revision pointed to. */
function versionOf(
  fields: Fields,
  { baseUrl, id, gate }: HubPlace & { id: string; gate: Gate },
): SourceVersion {
  const sha = fields.text('sha')
  const revision = sha !== null && commit.test(sha) ? sha : 'main'
  const listed = fields.each('siblings', (sibling) => {
    const path = sibling.text('rfilename')
    const lfs = sibling.object('lfs')
    if (path === null || !isPath(path)) return undefined
    return { path, bytes: sibling.number('size'), sha256: lfs?.text('sha256') ?? null }
  })
  const card = fields.object('cardData')
  return {
    id: revision,
    name: revision.slice(0, 7),
    baseModel: basesOf(fields.texts('tags'), card)[0] ?? null,
    description: null,
    trainedWords: triggerWords(card),
    publishedAt: fields.moment('lastModified') ?? fields.moment('createdAt'),
    air: null,
    downloadUrl: null,
    stats: noStats,
    nsfwLevel: 0,
    gate,
    files: filesOf(listed, { baseUrl, id, revision }),
    images: [],
  }
}

export type ListedFile = { path: string; bytes: number | null; sha256: string | null }

export function filesOf(
  listed: readonly ListedFile[],
  { baseUrl, id, revision }: HubPlace & { id: string; revision: string },
): SourceFile[] {
  const primary = primaryPath(listed)
  return listed.map(({ path, bytes, sha256 }) => {
    const hash = sha256 !== null && /^[0-9a-f]{64}$/.test(sha256) ? sha256 : null
    return {
      id: path,
      name: path.split('/').at(-1)!,
      role: null,
      format: formatOf(path),
      precision: precisionOf(path),
      quant: quantOf(path),
      size: null,
      bytes,
      bytesExact: bytes !== null,
      sha256: hash,
      autoV1: null,
      autoV2: hash?.slice(0, 10) ?? null,
      autoV3: null,
      crc32: null,
      blake3: null,
      scans: { pickle: null, pickleText: null, virus: null, virusText: null, scannedAt: null },
      primary: path === primary,
      downloadUrl: `${baseUrl}/${id}/resolve/${encodeURIComponent(revision)}/${path.split('/').map(encodeURIComponent).join('/')}`,
    }
  })
}

/** A path below the repository, and nothing that leads out of it. */
export function isPath(path: string): boolean {
  return (
    path !== '' &&
    path.length <= 1_000 &&
    !path.includes('\0') &&
    path.split('/').every((part) => !['', '.', '..'].includes(part))
  )
}

function gateOf(gated: unknown, { page }: { page: string }): Gate {
  if (gated === 'auto') return { kind: 'terms', until: null, approvalUrl: page }
  return gated === 'manual' || gated === true ? { kind: 'approval', until: null, approvalUrl: page } : open
}

/** Tags tell it, for the hub has no types; without one, parts are known by their names. */
function typeOf(tags: readonly string[], files: readonly SourceFile[]): ModelType {
  const has = (...wanted: string[]) => wanted.some((tag) => tags.includes(tag))
  if (has('lora', 'LoRA', 'lora-adapter') || tags.some((tag) => tag.startsWith('base_model:adapter:')))
    return 'lora'
  if (has('textual_inversion')) return 'embedding'
  if (has('controlnet', 'ControlNetModel') || tags.some((tag) => tag.startsWith('diffusers:ControlNetModel')))
    return 'controlnet'
  if (has('motion-module', 'animatediff')) return 'motion-module'
  const paths = files.map(({ id }) => id).filter(isWeights)
  if (paths.length > 0 && paths.every((path) => /(^|[/_.-])(vae|ae)([/_.-]|$)/i.test(path))) return 'vae'
  if (has('image-to-image') && /upscal|esrgan/i.test([...tags, ...paths].join(' '))) return 'upscaler'
  if (
    paths.length > 0 &&
    paths.every((path) => /(^|[/_.-])(text_encoders?|t5xxl|umt5|clip_l|clip_g)([/_.-]|$)/i.test(path))
  )
    return 'text-encoder'
  if (has('gguf') || paths.some((path) => /(^|\/)diffusion_models\//.test(path))) return 'diffusion-model'
  return has('text-to-image', 'image-to-image', 'text-to-video', 'image-to-video', 'diffusers')
    ? 'checkpoint'
    : 'other'
}

type Licensed = { card: Fields | undefined; tags: readonly string[]; page: string; gate: Gate }

function licenceOf({ card, tags, page, gate }: Licensed): SourceLicence {
  const tagged = tags.find((tag) => tag.startsWith('license:'))?.slice('license:'.length) ?? null
  const license = card?.get('license')
  const first: unknown = Array.isArray(license) ? license[0] : license
  const id = (typeof first === 'string' ? first : tagged)?.toLowerCase() ?? null
  const link = card?.text('license_link') ?? null
  const terms = id === null ? undefined : termsOf(id)
  return {
    id,
    name: card?.text('license_name') ?? null,
    url: link === null ? null : (URL.parse(link, `${page}/blob/main/`)?.href ?? null),
    commercialUse: terms?.commercial ?? null,
    derivatives: terms?.derivatives ?? null,
    credit: terms?.credit ?? null,
    sameLicence: terms?.same ?? null,
    gate,
  }
}

type Terms = { commercial: CommercialUse[]; derivatives: boolean; credit: boolean; same: boolean }
const allUses: CommercialUse[] = ['image', 'rent', 'sell']

/** Of licences whose identifiers say what they allow; of others nothing is said. */
function termsOf(id: string): Terms | undefined {
  if (/^(apache-2\.0|mit|bsd(-.*)?|isc|zlib)$/.test(id))
    return { commercial: allUses, derivatives: true, credit: true, same: false }
  if (/^(cc0-1\.0|unlicense|wtfpl|pddl)$/.test(id))
    return { commercial: allUses, derivatives: true, credit: false, same: false }
  if (/openrail|^bigscience-/.test(id))
    return { commercial: allUses, derivatives: true, credit: true, same: true }
  if (/^(a?gpl|lgpl)-/.test(id)) return { commercial: allUses, derivatives: true, credit: true, same: true }
  const shared = /^cc-by(-nc)?(-sa|-nd)?-\d/.exec(id)
  if (!shared) return undefined
  return {
    commercial: shared[1] ? [] : allUses,
    derivatives: shared[2] !== '-nd',
    credit: true,
    same: shared[2] === '-sa',
  }
}

/** `base_model:adapter:owner/name` and `base_model:owner/name`, each repository once. */
function basesOf(tags: readonly string[], card: Fields | undefined): string[] {
  const tagged = tags.flatMap((tag) => /^base_model:(?:[a-z_]+:)?([\w.-]+\/[\w.-]+)$/.exec(tag)?.[1] ?? [])
  const told = card?.get('base_model')
  const named = (Array.isArray(told) ? told : [told]).filter(
    (name) => typeof name === 'string' && repoName.test(name),
  )
  return [...new Set([...tagged, ...(named as string[])])]
}

function triggerWords(card: Fields | undefined): string[] {
  const words = card?.get('instance_prompt')
  return (Array.isArray(words) ? words : [words]).filter(
    (word) => typeof word === 'string' && word.trim() !== '',
  ) as string[]
}
