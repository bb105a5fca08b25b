import { modelsOf } from '@easel/comfyui'
import { GraphWalk } from './graph-walk.ts'
import { promptText } from './prompt-text.ts'
import type { Graph, GraphValue } from '@easel/comfyui'

/** What an output was made with, as far as its graph tells. */
export type GenerationFacts = {
  prompt: string | null
  negativePrompt: string | null
  models: string[]
  loras: string[]
  sampler: string | null
  scheduler: string | null
  /** Digits: it may have 64 bits. */
  seed: string | null
  steps: number | null
  cfg: number | null
}

const maxText = 20_000
const maxName = 300
const maxNames = 50

/** @param output the node that made it; without one, the first end of the graph that leads to a sampler */
export function generationFacts(graph: Graph, output?: string): GenerationFacts {
  const walk = new GraphWalk(graph)
  const { way, sampler } = findSampler(walk, output)
  const settings = sampler === undefined ? [] : walk.upstream([sampler], (name) => settingLinks.has(name))
  const find = (...names: string[]) => findValue(walk, settings.length > 0 ? settings : way, names)
  return {
    prompt: sampler === undefined ? plainPrompt(walk, way) : textOf(promptText(walk, sampler, 'positive')),
    negativePrompt: sampler === undefined ? null : textOf(promptText(walk, sampler, 'negative')),
    ...filesOf(walk, way),
    sampler: nameOf(find('sampler_name')),
    scheduler: nameOf(find('scheduler')),
    seed: seedOf(find('seed', 'noise_seed')),
    steps: stepsOf(find('steps')),
    cfg: numberOf(find('cfg')),
  }
}

/** A sampler keeps its settings in itself, or in nodes that stand behind these inputs. */
const settingLinks = new Set(['noise', 'sampler', 'sigmas', 'guider'])
const latentLinks = /^(latent|samples)/

function findSampler(walk: GraphWalk, output: string | undefined) {
  const starts = output !== undefined && walk.node(output) ? [[output]] : walk.ends().map((end) => [end])
  const ways = starts.map((start) => walk.upstream(start))
  const way = ways.find((ids) => ids.some((id) => isSampler(walk, id))) ?? ways.flat()
  let sampler = way.find((id) => isSampler(walk, id))
  // What was sampled again (a second pass at more pixels, a refiner) began with the first of them.
  const seen = new Set<string>()
  while (sampler !== undefined && !seen.has(sampler)) {
    seen.add(sampler)
    const latents = Object.keys(walk.node(sampler)!.inputs).filter((name) => latentLinks.test(name))
    const before = walk.upstream(latents.flatMap((name) => walk.origin(sampler!, name) ?? []))
    const earlier = before.find((id) => isSampler(walk, id) && !seen.has(id))
    if (earlier === undefined) break
    sampler = earlier
  }
  return { way: [...new Set(way)], sampler }
}

function isSampler(walk: GraphWalk, id: string): boolean {
  if (walk.origin(id, 'guider') !== undefined) return true
  const settings = ['seed', 'noise_seed', 'sampler_name', 'sampler']
  return (
    walk.origin(id, 'positive') !== undefined && settings.some((name) => walk.input(id, name) !== undefined)
  )
}

/** The first of the nodes that has one of the inputs; what is linked there is followed to a value. */
function findValue(
  walk: GraphWalk,
  ids: readonly string[],
  names: readonly string[],
): GraphValue | undefined {
  for (const id of ids) {
    for (const name of names) {
      const value = resolve(walk, { id, name })
      if (value !== undefined) return value
    }
  }
  return undefined
}

const valueNames = ['value', 'seed', 'int', 'float', 'number', 'text', 'string']

function resolve(walk: GraphWalk, { id, name }: { id: string; name: string }): GraphValue | undefined {
  const value = walk.input(id, name)
  if (!Array.isArray(value)) return typeof value === 'object' ? undefined : value
  const origin = walk.origin(id, name)
  if (origin === undefined) return undefined
  const names = [name, ...valueNames]
  for (const from of walk.upstream([origin])) {
    for (const each of names) {
      const found = walk.input(from, each)
      if (found !== undefined && typeof found !== 'object') return found
    }
  }
  return undefined
}

/** Without a sampler (a provider's node): the nearest text that is called a prompt. */
function plainPrompt(walk: GraphWalk, way: readonly string[]): string | null {
  const value = findValue(walk, way, ['prompt', 'text_prompt'])
  return typeof value === 'string' ? textOf(value) : null
}

const modelFolders = new Set(['checkpoints', 'diffusion_models', 'unet'])

function filesOf(walk: GraphWalk, way: readonly string[]): Pick<GenerationFacts, 'models' | 'loras'> {
  const files = modelsOf(walk.part(way))
  const isLora = ({ folder, input }: (typeof files)[number]) =>
    folder === 'loras' || (folder === undefined && /lora/i.test(input))
  const models = files.filter((file) => !isLora(file) && isModel(file.folder))
  return {
    models: namesOf(models.map(({ filename }) => filename)),
    loras: namesOf([...files.filter(isLora).map(({ filename }) => filename), ...stackedLoras(walk, way)]),
  }
}

const isModel = (folder: string | undefined) => folder === undefined || modelFolders.has(folder)

/** Power Lora Loader and its like: `lora_1: { on: true, lora: "name", strength: 1 }`. */
function stackedLoras(walk: GraphWalk, way: readonly string[]): string[] {
  return way.flatMap((id) =>
    Object.values(walk.node(id)!.inputs).flatMap((value) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
      const { lora, on } = value
      return typeof lora === 'string' && on !== false && lora !== 'None' ? [lora.replaceAll('\\', '/')] : []
    }),
  )
}

function namesOf(names: readonly string[]): string[] {
  return [...new Set(names.map((name) => name.slice(0, maxName)))].slice(0, maxNames)
}

const textOf = (text: string | undefined) => (text ? text.slice(0, maxText) : null)

function nameOf(value: GraphValue | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value.slice(0, maxName) : null
}

function seedOf(value: GraphValue | undefined): string | null {
  if (typeof value !== 'string' && typeof value !== 'bigint' && !Number.isSafeInteger(value)) return null
  const text = String(value as string | number | bigint)
  return /^-?\d{1,20}$/.test(text) ? text : null
}

function stepsOf(value: GraphValue | undefined): number | null {
  return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? value : null
}

function numberOf(value: GraphValue | undefined): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}
