import { tagWords, modelName, person, prompt, slug, story } from './words.ts'
import { civitaiHashes, ggufBytes, pickleBytes, safetensorsBytes } from './model-bytes.ts'
import { between, blurhash, oneOf, someOf, uuid } from './random.ts'
import type { CivitaiFile, CivitaiImage, CivitaiModel, CivitaiVersion } from './civitai-shape.ts'
import type { Random } from './random.ts'

/** What a model shall be like; everything left out is drawn. */
export type ModelPlan = {
  name?: string
  type: string
  baseModel: string
  creator?: string
  tags?: string[]
  description?: string
  trainedWords?: string[]
  nsfwLevel?: number
  commercial?: string[] | string
  mode?: CivitaiModel['mode']
  /** How many; the newest comes first. */
  versions?: number
  files?: readonly FilePlan[]
  video?: boolean
  /** Minutes old: counters are null, nothing is uploaded yet. */
  brandNew?: boolean
  earlyAccessUntil?: () => string
  /** How long ago the newest version came; left out: in early 2025. */
  ageMs?: number
  access?: Partial<CivitaiModel['access']>
}

export type FilePlan = {
  format?: string
  fp?: string
  size?: string
  quantType?: string
  type?: string
  name?: string
  primary?: boolean
  /** Left out: made to fit the format. */
  bytes?: Buffer
}

type Making = { random: Random; number: number; fileBytes: number }

const start = Date.UTC(2025, 0, 6)
const hour = 3_600_000

export function makeModel(
  plan: ModelPlan,
  making: Making,
): { model: CivitaiModel; bytes: Map<number, Buffer> } {
  const { random, number } = making
  const name = plan.name ?? modelName(random)
  const bytes = new Map<number, Buffer>()
  const nsfwLevel = plan.nsfwLevel ?? 1
  const id = 100_003 + number * 17
  const downloads = between(random, 20, 90_000)
  const username = plan.creator ?? person(random)
  const model: CivitaiModel = {
    id,
    name,
    description: plan.description ?? `<p>${story(random, name)}</p><p>Have <strong>fun</strong>!</p>`,
    type: plan.type,
    nsfw: nsfwLevel >= 8,
    nsfwLevel,
    minor: false,
    sfwOnly: false,
    poi: false,
    availability: plan.earlyAccessUntil ? 'EarlyAccess' : 'Public',
    userId: 7_000 + number,
    cosmetic: null,
    supportsGeneration: random() < 0.5,
    allowNoCredit: random() < 0.7,
    allowCommercialUse:
      plan.commercial ?? oneOf(random, [['Image', 'RentCivit'], ['Image'], ['Sell', 'Image']]),
    allowDerivatives: random() < 0.8,
    allowDifferentLicense: random() < 0.6,
    mode: plan.mode ?? null,
    stats: counts(plan.brandNew === true, {
      downloadCount: downloads,
      thumbsUpCount: Math.round(downloads / 9),
      thumbsDownCount: Math.round(downloads / 900),
      commentCount: Math.round(downloads / 400),
      tippedAmountCount: 0,
    }),
    creator: { username, image: random() < 0.7 ? imageUrl(random, 'width=96', `${username}.jpeg`) : null },
    tags: plan.tags ?? someOf(random, tagWords, 3),
    modelVersions: [],
    access: { login: false, disabled: false, ...plan.access },
  }
  const count = plan.versions ?? 1
  for (let index = 0; index < count; index++) {
    model.modelVersions.push(makeVersion(model, { plan, making, index, count, bytes }))
  }
  return { model, bytes }
}

type VersionMaking = {
  plan: ModelPlan
  making: Making
  index: number
  count: number
  bytes: Map<number, Buffer>
}

function makeVersion(
  model: CivitaiModel,
  { plan, making, index, count, bytes }: VersionMaking,
): CivitaiVersion {
  const { random, number } = making
  const id = 500_009 + number * 100 + (count - index)
  const age = (number * 3 + (count - index) * 5) * hour
  const moment = plan.ageMs === undefined ? start + age : Date.now() - plan.ageMs - index * 30 * 24 * hour
  const publishedAt = new Date(moment).toISOString()
  const name = count === 1 ? 'v1.0' : `v${count - index}.0`
  const filePlans = plan.brandNew ? [] : (plan.files ?? [{ format: 'SafeTensor', fp: 'fp16', primary: true }])
  const files = filePlans.map((file, position) => {
    const made = makeFile(file, { id: id * 10 + position, stem: slug(model.name), version: name, making })
    bytes.set(made.file.id, made.bytes)
    return made.file
  })
  const images = plan.brandNew
    ? []
    : Array.from({ length: 1 + (number % 3) }, (_, position) =>
        makeImage(random, {
          id: id * 10 + position,
          level: levelOf(model.nsfwLevel, position),
          video: plan.video === true && position === 0,
          file: files[0],
        }),
      )
  return {
    id,
    index,
    name,
    baseModel: plan.baseModel,
    baseModelType: 'Standard',
    createdAt: publishedAt,
    updatedAt: publishedAt,
    publishedAt,
    status: 'Published',
    availability: plan.earlyAccessUntil ? 'EarlyAccess' : 'Public',
    nsfwLevel: model.nsfwLevel,
    description: index === 0 && count > 1 ? '<p>Cleaner edges.</p>' : null,
    trainedWords: plan.trainedWords ?? (plan.type === 'LORA' ? [slug(model.name).replaceAll('_', '')] : []),
    usageControl: 'Download',
    earlyAccessEndsAt: plan.earlyAccessUntil?.() ?? null,
    supportsGeneration: model.supportsGeneration,
    stats: counts(plan.brandNew === true, {
      downloadCount: Math.round((model.stats['downloadCount'] ?? 0) / count),
      thumbsUpCount: Math.round((model.stats['thumbsUpCount'] ?? 0) / count),
      thumbsDownCount: 0,
    }),
    files,
    images,
  }
}

function makeFile(
  plan: FilePlan,
  { id, stem, version, making }: { id: number; stem: string; version: string; making: Making },
): { file: CivitaiFile; bytes: Buffer } {
  const format = plan.format ?? 'SafeTensor'
  const bytes = plan.bytes ?? contentOf(format, { seed: id, bytes: making.fileBytes + (id % 7) * 512 })
  const ending =
    { SafeTensor: 'safetensors', GGUF: 'gguf', PickleTensor: 'pt', Other: 'yaml' }[format] ?? 'bin'
  const suffix = plan.quantType ?? (plan.size === 'full' ? 'full' : '')
  const name =
    plan.name ?? `${[stem, version.replaceAll('.', ''), suffix].filter(Boolean).join('_')}.${ending}`
  const file: CivitaiFile = {
    id,
    sizeKB: bytes.length / 1024,
    name,
    overrideName: null,
    type: plan.type ?? 'Model',
    pickleScanResult: format === 'PickleTensor' ? 'Danger' : 'Success',
    pickleScanMessage: format === 'PickleTensor' ? 'Dangerous import found' : 'No Pickle imports',
    virusScanResult: 'Success',
    virusScanMessage: null,
    scannedAt: new Date(start + (id % 1_000) * hour).toISOString(),
    metadata: {
      format,
      ...(plan.fp && { fp: plan.fp }),
      ...(plan.size && { size: plan.size }),
      ...(plan.quantType && { quantType: plan.quantType }),
    },
    hashes: { ...civitaiHashes(bytes) },
    ...(plan.primary && { primary: true }),
  }
  return { file, bytes }
}

function contentOf(format: string, options: { seed: number; bytes: number }): Buffer {
  if (format === 'SafeTensor') return safetensorsBytes(options)
  if (format === 'GGUF') return ggufBytes(options)
  if (format === 'PickleTensor') return pickleBytes(options)
  return Buffer.from(`model:\n  seed: ${options.seed}\n`)
}

function makeImage(
  random: Random,
  { id, level, video, file }: { id: number; level: number; video: boolean; file: CivitaiFile | undefined },
): CivitaiImage {
  const [width, height] = oneOf(random, [
    [832, 1216],
    [1216, 832],
    [1024, 1024],
  ] as const)
  const hasMeta = random() < 0.8
  return {
    id,
    url: imageUrl(random, 'original=true', `${id}.${video ? 'mp4' : 'jpeg'}`),
    nsfwLevel: level,
    width,
    height,
    hash: blurhash(random),
    type: video ? 'video' : 'image',
    minor: false,
    poi: false,
    hasMeta,
    hasPositivePrompt: hasMeta,
    onSite: false,
    remixOfId: null,
    meta: hasMeta ? imageMeta(random, { width, height, file }) : null,
  }
}

function imageMeta(
  random: Random,
  { width, height, file }: { width: number; height: number; file: CivitaiFile | undefined },
): Record<string, unknown> {
  const lora = file ? file.name.replace(/\.[a-z]+$/, '') : 'none'
  return {
    Size: `${width}x${height}`,
    seed: between(random, 1, 2 ** 31),
    Model: 'brassFoundry_v3',
    steps: between(random, 8, 40),
    prompt: `${prompt(random)} <lora:${lora}:0.8>`,
    negativePrompt: 'blurry, cropped',
    sampler: oneOf(random, ['DPM++ 2M', 'Euler a', 'DDIM']),
    'Schedule type': oneOf(random, ['Karras', 'Normal']),
    cfgScale: oneOf(random, [3.5, 5, 7]),
    clipSkip: 2,
    'Model hash': file?.hashes['AutoV2']?.toLowerCase() ?? null,
    resources: [{ name: lora, type: 'lora', weight: 0.8 }],
  }
}

function levelOf(modelLevel: number, position: number): number {
  const bits = [1, 2, 4, 8, 16].filter((bit) => modelLevel & bit)
  return bits[position % bits.length] ?? 1
}

function counts(unknown: boolean, known: Record<string, number>): Record<string, number | null> {
  return unknown ? Object.fromEntries(Object.keys(known).map((key) => [key, null])) : known
}

function imageUrl(random: Random, transform: string, name: string): string {
  return `https://image.civitai.com/xStandIn/${uuid(random)}/${transform}/${name}`
}
