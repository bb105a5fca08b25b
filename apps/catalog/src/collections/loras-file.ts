import { LoraReference } from '@easel/contracts'
import type { CollectionEntry } from '@easel/contracts'
import { AppError } from '@easel/protocol'
import { plainToInstance } from 'class-transformer'
import { validateSync } from 'class-validator'
import { isScalar, parseDocument, visit } from 'yaml'
import type { Document } from 'yaml'
import { storable } from '../scan/storable.ts'

/** What a `loras.yaml` says; `reference` and `lora` as in a message. */
export type FiledLora = Pick<
  CollectionEntry,
  'lora' | 'reference' | 'name' | 'trigger' | 'weight' | 'prompt' | 'notes' | 'baseImages'
>
export type FiledCollection = {
  name: string
  description: string
  prompt: string
  tags: string[]
  loras: FiledLora[]
}
export type Remark = { path: string; message: string }
export type LorasFile = { collections: FiledCollection[]; remarks: Remark[] }

const most = { loras: 2_000, collections: 200, entries: 200, tags: 20 } as const
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const ownerAndName = /^[A-Za-z0-9][\w.-]{0,95}\/[A-Za-z0-9][\w.-]{0,95}$/
const unsorted = 'LoRAs'
/** Parsing such a text takes seconds. */
const endless = /(?:[[{]\s*|[-?:]\s+){50}/

/**
 * replicate-runner's `loras.yaml`: `loras` by key, and `lora_collections` that name them by it; as YAML or as JSON.
 * LoRAs of no collection are gathered in one. What one LoRA lacks is a remark; what is no such file is
 * IMPORT_INVALID.
 */
export function parseLorasFile(text: string): LorasFile {
  const root = mapOf(read(text), 'The text')
  const remarks: Remark[] = []
  if (!root.has('loras') && !root.has('lora_collections')) {
    throw invalid('', 'There is neither `loras` nor `lora_collections` in it')
  }
  const listed = optionalMap(root.get('loras'), 'loras')
  const grouped = optionalMap(root.get('lora_collections'), 'lora_collections')
  if (listed.size > most.loras) throw invalid('loras', `More than ${most.loras} LoRAs are too many`)
  if (grouped.size > most.collections) {
    throw invalid('lora_collections', `More than ${most.collections} collections are too many`)
  }
  const loras = new Map(
    [...listed].flatMap(([key, value]) => {
      const lora = readLora(mapOf(value, `loras.${key}`), `loras.${key}`, remarks)
      return lora ? [[key, lora] as const] : []
    }),
  )
  const used = new Set<string>()
  const collections = [...grouped].map(([name, value]) => {
    const at = `lora_collections.${name}`
    const collection = mapOf(value, at)
    const keys = listOf(collection.get('loras'), `${at}.loras`)
    if (keys.length > most.entries) throw invalid(`${at}.loras`, `More than ${most.entries} are too many`)
    for (const key of keys) used.add(key)
    return readCollection(name, collection, {
      at,
      loras: [...new Set(keys)].flatMap((key) => {
        const lora = loras.get(key)
        if (!lora && !listed.has(key))
          remarks.push({ path: `${at}.loras`, message: `There is no LoRA ${key}` })
        return lora ?? []
      }),
    })
  })
  const rest = [...loras].filter(([key]) => !used.has(key)).map(([, lora]) => lora)
  if (rest.length > 0) collections.push(...gathered(rest))
  return { collections, remarks }
}

/** A scalar of YAML stays the text that it is: a trigger word may be 1024, or no. */
function read(text: string): unknown {
  if (endless.test(text)) throw invalid('', 'It is nested too deeply')
  try {
    if (/^\s*\{/.test(text)) return JSON.parse(text, reviveAsText)
    const document = parseDocument(text, {
      schema: 'failsafe',
      // It compares each with each: see `requireUnique`.
      uniqueKeys: false,
      strict: true,
      prettyErrors: true,
    })
    const [error] = document.errors
    if (error) throw error
    requireUnique(document)
    return document.toJS({ mapAsMap: true, maxAliasCount: 100 })
  } catch (cause) {
    // Whatever a parser finds wrong with it, nesting without end among it.
    const [why] = (cause instanceof Error ? cause.message : String(cause)).split('\n')
    throw new AppError('invalid', `This is neither YAML nor JSON: ${why?.slice(0, 200)}`, {
      reason: 'IMPORT_INVALID',
      faults: [{ path: 'text', message: 'must be YAML or JSON' }],
      cause,
    })
  }
}

function requireUnique(document: Document): void {
  visit(document, {
    Map: (_key, { items }) => {
      const keys = new Set<unknown>()
      for (const { key } of items) {
        const name = isScalar(key) ? key.value : key
        if (keys.has(name)) throw new Error(`Map keys must be unique: ${String(name).slice(0, 100)}`)
        keys.add(name)
      }
    },
  })
}

function reviveAsText(_key: string, value: unknown): unknown {
  if (value === null) return ''
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return typeof value === 'object' && !Array.isArray(value) ? new Map(Object.entries(value as object)) : value
}

function readCollection(
  name: string,
  collection: ReadonlyMap<string, unknown>,
  { at, loras }: { at: string; loras: FiledLora[] },
): FiledCollection {
  const shown = textOf(name, `${at}`, 100)
  if (shown === '') throw invalid('lora_collections', 'A collection has no name')
  const tags = listOf(collection.get('tags'), `${at}.tags`).map((tag) => textOf(tag, `${at}.tags`, 50))
  return {
    name: shown,
    description: textOf(collection.get('description'), `${at}.description`, 2_000),
    prompt: textOf(collection.get('default_prompt'), `${at}.default_prompt`, 4_000),
    tags: [...new Set(tags.filter(Boolean))].slice(0, most.tags),
    loras,
  }
}

function gathered(loras: readonly FiledLora[]): FiledCollection[] {
  const parts = Array.from({ length: Math.ceil(loras.length / most.entries) }, (_, part) =>
    loras.slice(part * most.entries, (part + 1) * most.entries),
  )
  return parts.map((part, index) => ({
    name: index === 0 ? unsorted : `${unsorted} ${index + 1}`,
    description: '',
    prompt: '',
    tags: [],
    loras: part,
  }))
}

function readLora(lora: ReadonlyMap<string, unknown>, at: string, remarks: Remark[]): FiledLora | undefined {
  const text = (field: string, longest: number) => textOf(lora.get(field), `${at}.${field}`, longest)
  const named = referenceOf((field) => text(field, 2_000))
  if (!named) {
    remarks.push({
      path: at,
      message: 'It does not say where it is: `hf_repo` with `lora_weights` is missing',
    })
    return undefined
  }
  const [fault] = named.lora ? validateSync(plainToInstance(LoraReference, named.lora)) : []
  if (fault) {
    remarks.push({ path: at, message: `Its ${fault.property} is none that can be kept` })
    return undefined
  }
  const images = listOf(lora.get('base_images'), `${at}.base_images`)
  const baseImages = images.filter((image) => uuid.test(image)).slice(0, 12)
  if (images.length > baseImages.length) {
    const message = `${images.length - baseImages.length} base images are files or addresses: put them into the gallery first`
    remarks.push({ path: `${at}.base_images`, message })
  }
  const weight = text('weight', 20)
  return {
    ...named,
    name: text('name', 200),
    trigger: text('trigger', 500),
    ...(weight !== '' && { weight: weightOf(weight, `${at}.weight`) }),
    prompt: text('default_prompt', 4_000),
    notes: text('notes', 4_000) || text('description', 4_000),
    baseImages,
  }
}

/** Of ours, or replicate-runner's: a repository, and in it a file; each of them may be an address, too. */
function referenceOf(text: (field: string) => string): Pick<FiledLora, 'lora' | 'reference'> | undefined {
  const [versionId, modelId, fileId] = [text('civitai_version'), text('civitai_model'), text('civitai_file')]
  if (/^\d{1,12}$/.test(versionId)) {
    const rest = { ...(number(modelId) && { modelId }), ...(number(fileId) && { fileId }) }
    return { lora: { source: 'civitai', versionId, ...rest } }
  }
  const bundleId = text('bundle')
  if (bundleId !== '') return { lora: { source: 'bundle', bundleId, path: text('file') } }
  const [repo, weights] = [text('hf_repo').replace(/\/+$/, ''), text('lora_weights')]
  if (isAddress(weights)) return { reference: weights }
  if (ownerAndName.test(repo)) return { lora: ofRepo(repo, weights, text('hf_revision')) }
  if (isAddress(repo)) {
    const inner = /^https?:\/\/[^/]+\/([^/]+\/[^/?#]+)$/.exec(repo)?.[1]
    return inner && ownerAndName.test(inner) ? { lora: ofRepo(inner, weights, '') } : { reference: repo }
  }
  if (ownerAndName.test(weights)) return { lora: { source: 'huggingface', repo: weights } }
  const sha256 = text('sha256')
  return /^[0-9a-f]{64}$/i.test(sha256)
    ? { lora: { source: 'library', sha256: sha256.toLowerCase(), path: text('file') || null } }
    : undefined
}

const number = (text: string) => /^\d{1,12}$/.test(text)
const isAddress = (text: string) => /^(https?|hf):\/\//i.test(text)

function ofRepo(repo: string, path: string, revision: string): LoraReference {
  const below = path.startsWith(`${repo}/`) ? path.slice(repo.length + 1) : path
  const clean = below.split('/').some((part) => part === '..' || part === '.') ? '' : below
  return { source: 'huggingface', repo, ...(clean && { path: clean }), ...(revision && { revision }) }
}

function weightOf(text: string, path: string): number {
  const weight = Number(text)
  if (Number.isFinite(weight) && Math.abs(weight) <= 10) return weight
  throw invalid(path, 'must be a number from -10 to 10')
}

function mapOf(value: unknown, path: string): ReadonlyMap<string, unknown> {
  if (value instanceof Map && [...value.keys()].every((key) => typeof key === 'string')) {
    return value as Map<string, unknown>
  }
  throw invalid(path, 'must hold names and what they stand for')
}

const optionalMap = (value: unknown, path: string): ReadonlyMap<string, unknown> =>
  value === undefined || value === '' ? new Map() : mapOf(value, path)

function listOf(value: unknown, path: string): string[] {
  if (value === undefined || value === '') return []
  const list: unknown[] = Array.isArray(value) ? value : [value]
  return list.map((item) => textOf(item, path, 2_000)).filter(Boolean)
}

/** Empty for what is not said. */
function textOf(value: unknown, path: string, longest: number): string {
  if (value === undefined) return ''
  if (typeof value !== 'string') throw invalid(path, 'must be a text')
  const text = value === '~' || value === 'null' ? '' : storable(value).trim()
  if (text.length > longest) throw invalid(path, `must be at most ${longest} characters`)
  return text
}

function invalid(path: string, message: string): AppError {
  return new AppError('invalid', path === '' ? message : `${path}: ${message}`, {
    reason: 'IMPORT_INVALID',
    faults: [{ path: path === '' ? 'text' : `text.${path}`.slice(0, 300), message }],
  })
}
