import type { SourceFile, SourceModel, SourceVersion } from '../../apps/catalog/src/sources/source-model.ts'
import { createHash } from 'node:crypto'

/* Models as CivitAI and Hugging Face have them: few words that are everywhere, many that are rare, few with all the downloads. */

const common = (
  'anime realistic style character portrait fantasy photo detail girl landscape cyberpunk dark light cinematic ' +
  'vintage ink watercolor comic pixel retro neon gothic dream magic dragon robot city forest ocean space knight ' +
  'princess warrior mecha cute chibi lineart sketch oil painting render clay flat pastel vibrant moody noir horror'
).split(' ')
const syllables =
  'ka mi ro ze lu ta vi no shi ra el or an dor mir sol quin fae bra the ky zo ri bel go nim'.split(' ')
const bases = [
  'SD 1.5',
  'SDXL 1.0',
  'Pony',
  'Illustrious',
  'Flux.1 D',
  'SD 3.5 Large',
  'Wan Video 14B t2v',
  'Qwen',
  'ZImageTurbo',
  'NoobAI',
]
const types = [
  'lora',
  'lora',
  'lora',
  'lora',
  'checkpoint',
  'checkpoint',
  'embedding',
  'locon',
  'vae',
  'controlnet',
  'upscaler',
] as const

/** Repeatable: the same number gives the same sequence on every machine. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

export function vocabulary(size: number): string[] {
  const random = randomFrom(7)
  const words = new Set<string>(common)
  while (words.size < size) {
    const length = 2 + Math.floor(random() * 3)
    words.add(Array.from({ length }, () => syllables[Math.floor(random() * syllables.length)]).join(''))
  }
  return [...words]
}

const mega = 1_048_576

export function* syntheticModels(count: number): Generator<SourceModel> {
  const random = randomFrom(42)
  const words = vocabulary(12_000)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  // Zipf and Mandelbrot: the n-th word is as rare as 1 / (n + 30), so that the most common are in a third of all texts.
  const word = () => words[Math.floor(30 * ((words.length + 30) / 30) ** random()) - 30]!
  const text = (length: number) => Array.from({ length }, word).join(' ')
  const title = (value: string) => value.replaceAll(/\b\w/g, (letter) => letter.toUpperCase())
  for (let index = 0; index < count; index++) {
    const hub = random() < 0.25
    const base = pick(bases)
    const name = title(text(1 + Math.floor(random() * 3))).replaceAll(' ', random() < 0.3 ? '' : ' ')
    const creator = `${pick(syllables)}${pick(syllables)}${Math.floor(random() * 30)}`
    const id = hub ? `${creator}/${name.replaceAll(' ', '-')}-${index}` : String(100_000 + index)
    const day = new Date(Date.UTC(2026, 9, 1) - Math.floor(random() ** 2 * 1_200) * 86_400_000).toISOString()
    const downloads = Math.floor(10 ** (random() ** 3 * 6))
    const tags = [...new Set(Array.from({ length: 3 + Math.floor(random() * 6) }, word))]
    const versions = Array.from({ length: hub ? 1 : 1 + Math.floor(random() ** 3 * 3) }, (_, position) =>
      version({ id, position, base, day, words: [word(), word()], hub }),
    )
    const level = random() < 0.6 ? 1 : pick([2, 4, 8, 16])
    yield {
      source: hub ? 'huggingface' : 'civitai',
      id,
      name,
      type: pick(types),
      sourceType: null,
      creator: { name: creator, image: null },
      description: text(60),
      descriptionMarkdown: null,
      tags,
      nsfwLevel: level,
      licence: {
        id: hub ? pick(['apache-2.0', 'openrail++', 'cc-by-nc-4.0']) : null,
        name: null,
        url: null,
        commercialUse: hub ? null : pick([['image', 'sell'], ['image'], []]),
        derivatives: true,
        credit: true,
        sameLicence: false,
        gate: { kind: 'open', until: null, approvalUrl: null },
      },
      stats: { downloads, likes: Math.floor(downloads / 10), dislikes: 0, rating: null },
      publishedAt: day,
      updatedAt: day,
      pageUrl: `https://example.org/models/${index}`,
      mode: null,
      versions,
      derivedFrom: [],
      task: hub ? 'text-to-image' : null,
      library: null,
      raw: null,
    }
  }
}

type VersionPlan = {
  id: string
  position: number
  base: string
  day: string
  words: readonly string[]
  hub: boolean
}

function version({ id, position, base, day, words, hub }: VersionPlan): SourceVersion {
  const sha256 = createHash('sha256').update(`${id} ${position}`).digest('hex')
  return {
    id: hub ? sha256.slice(0, 40) : `${id}${position}`,
    name: `v${position + 1}.0`,
    baseModel: base,
    description: null,
    trainedWords: words,
    publishedAt: day,
    air: null,
    downloadUrl: `https://example.org/download/${id}`,
    stats: { downloads: null, likes: null, dislikes: null, rating: null },
    nsfwLevel: 1,
    gate: { kind: 'open', until: null, approvalUrl: null },
    files: [file(sha256)],
    images: [1, 4].map((nsfwLevel) => ({
      id: null,
      url: `https://image.example.org/${sha256}/${nsfwLevel}.jpeg`,
      kind: 'image',
      width: 832,
      height: 1_216,
      nsfwLevel,
      hash: null,
      meta: null,
      rawMeta: null,
    })),
  }
}

function file(sha256: string): SourceFile {
  return {
    id: sha256.slice(0, 12),
    name: `${sha256.slice(0, 8)}.safetensors`,
    role: 'Model',
    format: 'safetensors',
    precision: 'fp16',
    quant: null,
    size: 'full',
    bytes: 220 * mega,
    bytesExact: true,
    sha256,
    autoV1: null,
    autoV2: sha256.slice(0, 10),
    autoV3: sha256.slice(10, 22),
    crc32: null,
    blake3: null,
    scans: { pickle: 'success', pickleText: null, virus: 'success', virusText: null, scannedAt: null },
    primary: true,
    downloadUrl: `https://example.org/download/${sha256}`,
  }
}
