import { baseModels, fileTypes } from './civitai-shape.ts'
import { between, blurhash, hex, oneOf, seededRandom, someOf, uuid } from './random.ts'
import type { Random } from './random.ts'
import { modelName, person, prompt, slug, story, tagWords } from './words.ts'

type Gate = {
  kind: 'open' | 'terms' | 'approval' | 'early-access'
  until: string | null
  approvalUrl: string | null
}

/** A model in the shape that the catalogue gives to what CivitAI and Hugging Face tell. */
export type GeneratedModel = ReturnType<typeof generatedModel>

const types = [
  'lora',
  'lora',
  'lora',
  'lora',
  'checkpoint',
  'locon',
  'embedding',
  'vae',
  'controlnet',
  'upscaler',
  'workflow',
  'other',
] as const
const sourceTypes: Readonly<Record<(typeof types)[number], string>> = {
  lora: 'LORA',
  checkpoint: 'Checkpoint',
  locon: 'LoCon',
  embedding: 'TextualInversion',
  vae: 'VAE',
  controlnet: 'Controlnet',
  upscaler: 'Upscaler',
  workflow: 'Workflows',
  other: 'Other',
}
const open: Gate = { kind: 'open', until: null, approvalUrl: null }
const start = Date.UTC(2023, 0, 1)
const day = 86_400_000
const syllables = [
  'ka',
  'ro',
  'mi',
  'ten',
  'sha',
  'lu',
  'vor',
  'bel',
  'ni',
  'dra',
  'quo',
  'zen',
  'fy',
  'gor',
  'pal',
  'eth',
]

/**
 * So many models, one after the other: the same for the same seed, with names, makers and tags as unevenly spread as
 * they are in life. Four of five are CivitAI's.
 */
export function* generateModels({
  count,
  seed = 1,
}: {
  count: number
  seed?: number
}): Generator<GeneratedModel> {
  for (let index = 0; index < count; index++)
    yield generatedModel(index, seededRandom(seed * 1_000_003 + index))
}

function generatedModel(index: number, random: Random) {
  const isHub = random() < 0.2
  const name = `${modelName(random)} ${rareWord(random)}${random() < 0.3 ? ` v${between(random, 1, 9)}` : ''}`
  const maker = random() < 0.5 ? person(random) : `${rareWord(random)}${between(random, 1, 99)}`
  const id = isHub ? `${maker}/${slug(name).replaceAll('_', '-')}-${index}` : String(1_000_000 + index)
  const type = oneOf(random, types)
  // A few have most of the downloads.
  const downloads = Math.floor(50 / (random() + 0.00005))
  const publishedAt = new Date(start + Math.floor(random() * 1_200) * day).toISOString()
  const versions = Array.from({ length: isHub ? 1 : 1 + Math.floor(random() * 2.4) }, (_, position) =>
    generatedVersion(random, { index, position, publishedAt, stem: slug(name), isHub, type }),
  )
  return {
    source: isHub ? ('huggingface' as const) : ('civitai' as const),
    id,
    name,
    type,
    sourceType: isHub ? 'text-to-image' : sourceTypes[type],
    creator: { name: maker, image: null as string | null },
    description: `${story(random, name)} ${story(random, name)} ${rareWord(random)} ${rareWord(random)}.`,
    descriptionMarkdown: null as string | null,
    tags: someOf(random, tagWords, between(random, 1, 5)).concat(rareWord(random)),
    nsfwLevel: oneOf(random, [1, 1, 1, 3, 7, 15, 28]),
    licence: {
      id: isHub ? oneOf(random, ['apache-2.0', 'mit', 'openrail++', 'other']) : (null as string | null),
      name: null as string | null,
      url: null as string | null,
      commercialUse: someOf(random, ['image', 'rent', 'sell'] as const, between(random, 0, 3)),
      derivatives: random() < 0.8,
      credit: random() < 0.4,
      sameLicence: random() < 0.3,
      gate:
        isHub && random() < 0.1
          ? { ...open, kind: 'terms' as const, approvalUrl: `https://huggingface.co/${id}` }
          : open,
    },
    stats: {
      downloads,
      likes: Math.floor(downloads / 9),
      dislikes: Math.floor(downloads / 700),
      rating: null as number | null,
    },
    publishedAt,
    updatedAt: publishedAt,
    pageUrl: isHub ? `https://huggingface.co/${id}` : `https://civitai.com/models/${id}`,
    mode: null as 'archived' | 'taken-down' | null,
    versions,
    derivedFrom: [] as string[],
    task: isHub ? 'text-to-image' : (null as string | null),
    library: isHub ? 'diffusers' : (null as string | null),
    raw: { id } as unknown,
  }
}

type VersionPlan = {
  index: number
  position: number
  publishedAt: string
  stem: string
  isHub: boolean
  type: string
}

function generatedVersion(random: Random, { index, position, publishedAt, stem, isHub, type }: VersionPlan) {
  const id = isHub ? hex(random, 40) : String(5_000_000 + index * 4 + position)
  const format = random() < 0.95 ? ('safetensors' as const) : ('pickle' as const)
  const sha256 = hex(random, 64)
  const bytes = type === 'checkpoint' ? between(random, 2, 24) * 1e9 : between(random, 10, 900) * 1e6
  return {
    id,
    name: `v${9 - position}.0`,
    baseModel: oneOf(random, baseModels),
    description: null as string | null,
    trainedWords: type === 'lora' ? [rareWord(random), prompt(random).split(',')[0]!] : [],
    publishedAt,
    air: null as string | null,
    downloadUrl: isHub ? null : `https://civitai.com/api/download/models/${id}`,
    stats: { downloads: null as number | null, likes: null as number | null, dislikes: null, rating: null },
    nsfwLevel: 1,
    gate: open,
    files: [
      {
        id: isHub ? `${stem}.safetensors` : String(9_000_000 + index * 4 + position),
        name: `${stem}_${position}.${format === 'pickle' ? 'ckpt' : 'safetensors'}`,
        role: isHub ? null : (fileTypes[0] as string),
        format,
        precision: oneOf(random, ['fp16', 'bf16', 'fp8', null]),
        quant: null as string | null,
        size: null as string | null,
        bytes,
        bytesExact: true,
        sha256,
        autoV1: null as string | null,
        autoV2: sha256.slice(0, 10),
        autoV3: hex(random, 12),
        crc32: hex(random, 8),
        blake3: null as string | null,
        scans: {
          pickle: 'success' as const,
          pickleText: null as string | null,
          virus: 'success' as const,
          virusText: null as string | null,
          scannedAt: publishedAt,
        },
        primary: true,
        downloadUrl: isHub
          ? `https://huggingface.co/x/resolve/${id}/${stem}.safetensors`
          : `https://civitai.com/api/download/models/${id}`,
      },
    ],
    images: isHub ? [] : [generatedImage(random, index * 4 + position)],
  }
}

function generatedImage(random: Random, id: number) {
  const meta = {
    prompt: prompt(random),
    negative: 'blurry',
    seed: between(random, 1, 2 ** 31),
    steps: 25,
    sampler: 'Euler a',
    scheduler: null as string | null,
    cfg: 7,
    size: '832x1216',
    model: null as string | null,
    loras: [] as { name: string; weight: number | null; hash: string | null }[],
  }
  return {
    id: String(20_000_000 + id),
    url: `https://image.civitai.com/xStandIn/${uuid(random)}/original=true/${id}.jpeg`,
    kind: 'image' as const,
    width: 832,
    height: 1216,
    nsfwLevel: 1,
    hash: blurhash(random),
    meta,
    rawMeta: { prompt: meta.prompt } as unknown,
  }
}

/** Few have the same: two to four syllables. */
function rareWord(random: Random): string {
  return Array.from({ length: between(random, 2, 4) }, () => oneOf(random, syllables)).join('')
}
