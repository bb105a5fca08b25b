import { gitBlobId, ggufBytes, pickleBytes, safetensorsBytes, sha256Of } from './model-bytes.ts'
import { between, hex, seededRandom } from './random.ts'
import { modelName, story } from './words.ts'
import type { Random } from './random.ts'

export type HfFile = {
  path: string
  bytes: Buffer
  lfs: boolean
  oid: string
  sha256: string
  xetHash: string
}

export type HfCommit = { sha: string; date: string; files: HfFile[] }

export type HfRepo = {
  objectId: string
  id: string
  author: string
  gated: false | 'auto' | 'manual'
  private: boolean
  tags: string[]
  pipelineTag: string | undefined
  library: string | undefined
  downloads: number
  likes: number
  trendingScore: number
  createdAt: string
  cardData: Record<string, unknown>
  /** Branches and tags, each with its commit. */
  refs: Record<string, string>
  /** The newest first. */
  commits: HfCommit[]
}

export type RepoPlan = {
  id: string
  gated?: HfRepo['gated']
  private?: boolean
  tags?: string[]
  task?: string
  library?: string
  license?: string
  baseModel?: string
  /** Not for all audiences. */
  explicit?: boolean
  /** Content by path; a number makes a file of about so many bytes that fits its ending. */
  files: Readonly<Record<string, Buffer | string | number>>
  /** What was there before `files`, under a commit of its own and the tag `v1`. */
  before?: Readonly<Record<string, Buffer | string | number>>
}

export type HuggingFaceWorld = {
  readonly repos: HfRepo[]
  /** Old names and where they lead. */
  readonly renamed: Map<string, string>
  /** Which gated and private repositories a token may read; `*` is all. */
  readonly grants: Map<string, ReadonlySet<string>>
  add(plan: RepoPlan): HfRepo
  find(id: string): HfRepo | undefined
}

const diffusers = (weights: number) => ({
  'model_index.json': '{"_class_name":"StandInPipeline"}',
  'unet/config.json': '{}',
  'unet/diffusion_pytorch_model.fp16.safetensors': weights,
  'vae/diffusion_pytorch_model.safetensors': 5_000,
  'text_encoder/model.safetensors': 6_000,
  'scheduler/scheduler_config.json': '{}',
})

const plans: readonly RepoPlan[] = [
  {
    id: 'standin-labs/lantern-xl',
    task: 'text-to-image',
    library: 'diffusers',
    license: 'openrail++',
    files: { ...diffusers(9_000), 'lantern_xl.safetensors': 20_000 },
    before: { 'lantern_xl.safetensors': 12_000 },
  },
  {
    id: 'standin-labs/lantern-xl-turbo',
    task: 'text-to-image',
    library: 'diffusers',
    license: 'other',
    baseModel: 'standin-labs/lantern-xl',
    files: { 'lantern_xl_turbo.safetensors': 12_000 },
  },
  {
    id: 'standin-labs/kiln-video-2-repackaged',
    task: 'image-to-video',
    license: 'apache-2.0',
    files: {
      'split_files/diffusion_models/kiln2_high_noise_fp16.safetensors': 14_000,
      'split_files/diffusion_models/kiln2_low_noise_fp16.safetensors': 14_000,
      'split_files/text_encoders/kiln_text_fp8.safetensors': 7_000,
      'split_files/vae/kiln_vae.safetensors': 4_000,
    },
  },
  {
    id: 'velvet-orchard/portrait-lora',
    task: 'text-to-image',
    library: 'diffusers',
    license: 'mit',
    baseModel: 'standin-labs/lantern-xl',
    tags: ['lora'],
    files: { 'portrait_lora.safetensors': 5_000 },
  },
  {
    id: 'velvet-orchard/words-embedding',
    tags: ['textual_inversion'],
    files: { 'learned_embeds.safetensors': 3_184 },
  },
  {
    id: 'velvet-orchard/edges-controlnet',
    tags: ['controlnet'],
    license: 'apache-2.0',
    files: { 'diffusion_pytorch_model.safetensors': 8_000, 'config.json': '{}' },
  },
  {
    id: 'gated-gallery/click-through',
    gated: 'auto',
    task: 'text-to-image',
    license: 'other',
    files: { 'click_through.safetensors': 9_000 },
  },
  {
    id: 'gated-gallery/ask-first',
    gated: 'manual',
    task: 'text-to-image',
    license: 'other',
    files: { 'ask_first.safetensors': 9_000, 'ae.safetensors': 4_000 },
  },
  {
    id: 'gated-gallery/nobody-knows',
    private: true,
    task: 'text-to-image',
    files: { 'secret.safetensors': 3_000 },
  },
  {
    id: 'quarry/only-pickles',
    task: 'text-to-image',
    tags: ['safetensors'],
    license: 'mit',
    files: { 'pytorch_model.bin': 6_000, 'model.ckpt': 6_000 },
  },
  {
    id: 'quarry/says-safetensors',
    task: 'text-to-image',
    tags: ['safetensors'],
    files: { 'notes.txt': 'The weights come later.' },
  },
  {
    id: 'quarry/small-quants-gguf',
    task: 'text-to-image',
    library: 'gguf',
    tags: ['gguf'],
    license: 'apache-2.0',
    files: { 'kiln-Q4_K_M.gguf': 8_000, 'kiln-Q8_0.gguf': 12_000 },
  },
  {
    id: 'quarry/upscalers',
    task: 'image-to-image',
    license: 'bsd-3-clause',
    files: { '4x-quarry.safetensors': 6_000, '4x-quarry-old.pth': 6_000 },
  },
  {
    id: 'quarry/talker-8b',
    task: 'text-generation',
    library: 'transformers',
    license: 'apache-2.0',
    files: {
      'model-00001-of-00002.safetensors': 8_000,
      'model-00002-of-00002.safetensors': 8_000,
      'config.json': '{}',
      'tokenizer.json': '{}',
    },
  },
  {
    id: 'after-dark/evening-scenes',
    task: 'text-to-image',
    license: 'other',
    explicit: true,
    files: { 'evening.safetensors': 6_000 },
  },
  {
    id: 'tidal/voice',
    task: 'text-to-speech',
    license: 'cc-by-nc-4.0',
    files: { 'voice.safetensors': 6_000 },
  },
  {
    id: 'tidal/many-files',
    task: 'text-to-image',
    license: 'mit',
    files: Object.fromEntries(
      Array.from({ length: 120 }, (_, index) => [
        `shards/part-${String(index).padStart(3, '0')}.safetensors`,
        300,
      ]),
    ),
  },
]

/** Repositories of our own invention, the same for the same seed. */
export function makeHuggingFaceWorld(options: { seed?: number; fileBytes?: number } = {}): HuggingFaceWorld {
  const random = seededRandom((options.seed ?? 1) + 1_000)
  const repos: HfRepo[] = []
  const scale = (options.fileBytes ?? 8_192) / 8_192
  const add = (plan: RepoPlan): HfRepo => {
    const repo = makeRepo(plan, { random, number: repos.length, scale })
    repos.push(repo)
    return repo
  }
  for (const plan of plans) add(plan)
  for (let index = 0; index < 6; index++) {
    const name = modelName(random)
    const id = `makers/${name.toLowerCase().replaceAll(' ', '-')}-${index}`
    add({
      id,
      task: 'text-to-image',
      library: 'diffusers',
      license: 'mit',
      files: { [`${name.replaceAll(' ', '')}.safetensors`]: 6_000 },
    })
  }
  return {
    repos,
    renamed: new Map([
      ['lantern', 'standin-labs/lantern-xl'],
      ['standin-old/lantern', 'standin-labs/lantern-xl'],
    ]),
    grants: new Map([
      ['hf_standinreader', new Set(['*'])],
      ['hf_standinstranger', new Set<string>()],
    ]),
    add,
    find: (id) => repos.find((repo) => repo.id.toLowerCase() === id.toLowerCase()),
  }
}

type Making = { random: Random; number: number; scale: number }

function makeRepo(plan: RepoPlan, { random, number, scale }: Making): HfRepo {
  const date = (days: number) => new Date(Date.UTC(2025, 1, 3 + number * 2 + days)).toISOString()
  const make = (files: RepoPlan['files'], days: number): HfCommit => ({
    sha: hex(random, 40),
    date: date(days),
    files: [...readme(plan, random), ...Object.entries(files)].map(([path, content], index) =>
      makeFile(path, bytesOf(path, content, { seed: number * 1_000 + index + days, scale }), random),
    ),
  })
  const commits = [make(plan.files, 20), ...(plan.before ? [make(plan.before, 0)] : [])]
  const weights = Object.keys(plan.files).some((path) => path.endsWith('.safetensors'))
  const author = plan.id.split('/')[0]!
  return {
    objectId: hex(random, 24),
    id: plan.id,
    author,
    gated: plan.gated ?? false,
    private: plan.private ?? false,
    tags: [
      ...(plan.library ? [plan.library] : []),
      ...(weights ? ['safetensors'] : []),
      ...(plan.task ? [plan.task] : []),
      ...(plan.tags ?? []),
      ...(plan.explicit ? ['not-for-all-audiences'] : []),
      ...(plan.license ? [`license:${plan.license}`] : []),
      ...(plan.baseModel ? [`base_model:${plan.baseModel}`, `base_model:adapter:${plan.baseModel}`] : []),
      'region:us',
    ],
    pipelineTag: plan.task,
    library: plan.library,
    downloads: between(random, 5, 500_000),
    likes: between(random, 0, 4_000),
    trendingScore: between(random, 0, 90),
    createdAt: date(-30),
    cardData: {
      ...(plan.license && { license: plan.license }),
      ...(plan.license === 'other' && { license_name: 'stand-in-community', license_link: 'LICENSE.md' }),
      ...(plan.baseModel && { base_model: plan.baseModel }),
      ...(plan.task && { pipeline_tag: plan.task }),
    },
    refs: {
      main: commits[0]!.sha,
      ...(plan.before && { v1: commits[1]!.sha }),
      'refs/pr/1': commits[0]!.sha,
    },
    commits,
  }
}

function readme(plan: RepoPlan, random: Random): [string, string][] {
  const name = plan.id.split('/')[1]!
  const text = `---\nlicense: ${plan.license ?? 'unknown'}\n---\n\n# ${name}\n\n${story(random, name)}\n`
  return [
    ['.gitattributes', '*.safetensors filter=lfs diff=lfs merge=lfs -text\n'],
    ['README.md', text],
  ]
}

function bytesOf(
  path: string,
  content: Buffer | string | number,
  { seed, scale }: { seed: number; scale: number },
): Buffer {
  if (typeof content !== 'number') return Buffer.from(content)
  const bytes = Math.round(content * scale)
  if (path.endsWith('.safetensors')) return safetensorsBytes({ seed, bytes })
  if (path.endsWith('.gguf')) return ggufBytes({ seed, bytes })
  return pickleBytes({ seed, bytes })
}

function makeFile(path: string, bytes: Buffer, random: Random): HfFile {
  const lfs = /\.(safetensors|gguf|bin|ckpt|pth?|onnx)$/.test(path)
  const sha256 = sha256Of(bytes)
  const pointer = Buffer.from(
    `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${bytes.length}\n`,
  )
  return { path, bytes, lfs, oid: gitBlobId(lfs ? pointer : bytes), sha256, xetHash: hex(random, 64) }
}
