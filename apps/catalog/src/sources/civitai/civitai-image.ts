import { Lenient, type Fields } from '../lenient.ts'
import type { ImageMeta, SourceImage } from '../source-model.ts'
import { levelOf } from './civitai-values.ts'

export function imageOf(fields: Fields): SourceImage | undefined {
  const url = fields.text('url')
  if (url === null || !/^https?:/.test(url)) return undefined
  const level = fields.get('nsfwLevel')
  const meta = flatMeta(fields.get('meta'))
  const isNumber = typeof level === 'number'
  return {
    id: fields.id('id') ?? /\/(\d+)\.\w+$/.exec(url)?.[1] ?? null,
    url,
    kind: fields.text('type') === 'video' ? 'video' : 'image',
    width: positive(fields.number('width')),
    height: positive(fields.number('height')),
    nsfwLevel: levelOf(
      isNumber ? level : fields.get('browsingLevel') === undefined ? null : fields.number('browsingLevel'),
      isNumber ? null : (level ?? fields.get('nsfw')),
    ),
    hash: fields.text('hash'),
    meta: meta ? metaOf(meta) : null,
    rawMeta: meta ?? null,
  }
}

/** With some filters it comes as `{id, meta}`. */
function flatMeta(value: unknown): Record<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const meta = value as Record<string, unknown>
  const inner = Object.hasOwn(meta, 'meta') ? meta['meta'] : undefined
  return typeof inner === 'object' && inner !== null && !Object.hasOwn(meta, 'prompt')
    ? (inner as Record<string, unknown>)
    : meta
}

/** Of free form: what is odd in it is left out without a word. */
function metaOf(raw: Record<string, unknown>): ImageMeta {
  const fields = new Lenient().object(raw, 'meta')!
  return {
    prompt: fields.text('prompt'),
    negative: fields.text('negativePrompt'),
    seed: numberIn(fields, 'seed'),
    steps: numberIn(fields, 'steps'),
    sampler: fields.text('sampler'),
    scheduler: fields.text('Schedule type') ?? fields.text('scheduler'),
    cfg: numberIn(fields, 'cfgScale') ?? numberIn(fields, 'Distilled CFG Scale'),
    size: fields.text('Size'),
    model: fields.text('Model'),
    loras: lorasOf(fields),
  }
}

/** Some write decimals with a comma, and numbers as text. */
function numberIn(fields: Fields, name: string): number | null {
  const value = fields.get(name)
  if (typeof value === 'number' && Number.isFinite(value)) return value
  const number =
    typeof value === 'string' && value.trim() !== '' ? Number(value.replace(',', '.')) : Number.NaN
  return Number.isFinite(number) ? number : null
}

type Lora = ImageMeta['loras'][number]

/** From `resources`, else from `civitaiResources` (by version), else from `<lora:name:weight>` in the prompt. */
function lorasOf(fields: Fields): Lora[] {
  const listed = fields.each('resources', (item) => {
    const name = item.text('name')
    const isLora = /^(lora|locon|dora|lycoris)$/i.test(item.text('type') ?? '')
    return isLora && name ? { name, weight: numberIn(item, 'weight'), hash: item.text('hash') } : undefined
  })
  if (listed.length > 0) return listed
  const linked = fields.each('civitaiResources', (item) => {
    const version = item.id('modelVersionId')
    const isLora = /^(lora|locon|dora)$/i.test(item.text('type') ?? '')
    return isLora && version
      ? { name: item.text('modelName') ?? `civitai:${version}`, weight: numberIn(item, 'weight'), hash: null }
      : undefined
  })
  if (linked.length > 0) return linked
  const inPrompt = (fields.text('prompt') ?? '').matchAll(
    /<(?:lora|lyco):([^:<>]{1,200})(?::(-?[\d.]+))?[^<>]*>/gi,
  )
  return [...inPrompt].map(([, name, weight]) => ({
    name: name!,
    weight: weight === undefined ? null : Number(weight) || 0,
    hash: null,
  }))
}

const positive = (value: number | null): number | null => (value !== null && value > 0 ? value : null)
