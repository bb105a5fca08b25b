import { makeModel, type ModelPlan } from './civitai-model.ts'
import { baseModels, modelTypes } from './civitai-shape.ts'
import type { CivitaiFile, CivitaiModel, CivitaiVersion } from './civitai-shape.ts'
import { oneOf, seededRandom } from './random.ts'

export type CivitaiWorld = {
  readonly models: CivitaiModel[]
  /** The bytes of a file by its id. */
  readonly bytes: Map<number, Buffer>
  /** Models that are special in one way each. */
  readonly special: Readonly<Record<SpecialModel, CivitaiModel>>
  add(plan: ModelPlan): CivitaiModel
  findVersion(id: number): { model: CivitaiModel; version: CivitaiVersion } | undefined
  findByHash(hash: string): { model: CivitaiModel; version: CivitaiVersion; file: CivitaiFile } | undefined
}

export type SpecialModel =
  | 'plain'
  | 'manyVersions'
  | 'manyFiles'
  | 'earlyAccess'
  | 'loginRequired'
  | 'downloadsDisabled'
  | 'archived'
  | 'takenDown'
  | 'brandNew'
  | 'explicit'
  | 'pickle'
  | 'gguf'
  | 'video'
  | 'oldLicence'
  | 'notCommercial'

const day = 86_400_000
const types = [
  ...modelTypes,
  ...Array.from({ length: 14 }, (_, index) => (['LORA', 'Checkpoint', 'LORA', 'LoCon'] as const)[index % 4]!),
]

const specials: Record<SpecialModel, ModelPlan> = {
  plain: {
    name: 'Plain Detail Style',
    type: 'LORA',
    baseModel: 'SDXL 1.0',
    trainedWords: ['plain detail', 'pdstyle'],
  },
  manyVersions: { name: 'Growing Orchard Mix', type: 'Checkpoint', baseModel: 'Illustrious', versions: 4 },
  manyFiles: {
    name: 'Many Parts Mix',
    type: 'Checkpoint',
    baseModel: 'Pony',
    files: [
      { format: 'SafeTensor', fp: 'fp16', size: 'pruned', primary: true },
      { format: 'SafeTensor', fp: 'fp32', size: 'full' },
      { format: 'SafeTensor', type: 'VAE', name: 'manyPartsVae.safetensors' },
      { format: 'Other', type: 'Config', name: 'manyParts.yaml' },
    ],
  },
  earlyAccess: {
    name: 'Early Bird Style',
    type: 'LORA',
    baseModel: 'Flux.1 D',
    earlyAccessUntil: () => new Date(Date.now() + 7 * day).toISOString(),
  },
  loginRequired: {
    name: 'Members Only Style',
    type: 'LORA',
    baseModel: 'Pony',
    ageMs: 3 * day,
    access: { login: true },
  },
  downloadsDisabled: {
    name: 'Look But Keep Style',
    type: 'LORA',
    baseModel: 'Pony',
    access: { disabled: true },
  },
  archived: { name: 'Shelved Mix', type: 'Checkpoint', baseModel: 'SD 1.5', mode: 'Archived' },
  takenDown: { name: 'Withdrawn Mix', type: 'Checkpoint', baseModel: 'SD 1.5', mode: 'TakenDown' },
  brandNew: {
    name: 'Minutes Old Style',
    type: 'LORA',
    baseModel: 'Krea 2',
    brandNew: true,
    ageMs: 5 * 60_000,
  },
  explicit: { name: 'Grown Up Scenes', type: 'Checkpoint', baseModel: 'Pony', nsfwLevel: 28 },
  pickle: {
    name: 'Pickled Words',
    type: 'TextualInversion',
    baseModel: 'SD 1.5',
    files: [{ format: 'PickleTensor', name: 'pickledWords.pt', primary: true }],
  },
  gguf: {
    name: 'Small Quants Render',
    type: 'Checkpoint',
    baseModel: 'Flux.1 D',
    files: [
      { format: 'GGUF', quantType: 'Q4_K_M', primary: true },
      { format: 'GGUF', quantType: 'Q8_0' },
    ],
  },
  video: { name: 'Slow Waves Motion', type: 'LORA', baseModel: 'Wan Video 2.2 I2V-A14B', video: true },
  oldLicence: {
    name: 'Old Text Licence Mix',
    type: 'Checkpoint',
    baseModel: 'SD 1.5',
    commercial: '{Image,Rent}',
  },
  notCommercial: { name: 'Only For Fun Style', type: 'LORA', baseModel: 'SDXL 1.0', commercial: [] },
}

/** Models of our own invention, the same for the same seed; only dates of what is new are near today. */
export function makeCivitaiWorld(options: { seed?: number; fileBytes?: number } = {}): CivitaiWorld {
  const random = seededRandom(options.seed ?? 1)
  const models: CivitaiModel[] = []
  const bytes = new Map<number, Buffer>()
  const add = (plan: ModelPlan): CivitaiModel => {
    const made = makeModel(plan, { random, number: models.length, fileBytes: options.fileBytes ?? 8_192 })
    for (const [id, content] of made.bytes) bytes.set(id, content)
    models.push(made.model)
    return made.model
  }
  const special = Object.fromEntries(
    Object.entries(specials).map(([key, plan]) => [key, add(plan)]),
  ) as CivitaiWorld['special']
  types.forEach((type, index) => {
    add({
      type,
      baseModel: baseModels[index % baseModels.length]!,
      versions: 1 + (index % 3),
      nsfwLevel: oneOf(random, [1, 1, 3, 7, 15]),
    })
  })
  return {
    models,
    bytes,
    special,
    add,
    findVersion: (id) => findVersion(models, id),
    findByHash: (hash) => findByHash(models, hash),
  }
}

function findVersion(models: readonly CivitaiModel[], id: number) {
  for (const model of models) {
    const version = model.modelVersions.find((each) => each.id === id)
    if (version) return { model, version }
  }
  return undefined
}

function findByHash(models: readonly CivitaiModel[], hash: string) {
  const wanted = hash.toUpperCase()
  for (const model of models) {
    for (const version of model.modelVersions) {
      const file = version.files.find(({ hashes }) => Object.values(hashes).includes(wanted))
      if (file) return { model, version, file }
    }
  }
  return undefined
}
