import type { ParameterView } from '@easel/client'

export type Value = string | number | bigint | boolean | null
/** By `node.input`: what differs from the workflow. */
export type Values = Readonly<Record<string, Value>>

export type SectionName = 'prompt' | 'images' | 'size' | 'sampler' | 'model' | 'advanced'
export type Section = { name: SectionName; title: string; parameters: ParameterView[] }

const titles: Record<SectionName, string> = {
  prompt: 'Prompt',
  images: 'Inputs',
  size: 'Size',
  sampler: 'Sampler',
  model: 'Model',
  advanced: 'Advanced',
}

const sizes = new Set(['width', 'height', 'batch_size', 'length', 'frames', 'fps', 'frame_rate'])
const sampling = new Set([
  'seed',
  'noise_seed',
  'steps',
  'cfg',
  'guidance',
  'sampler_name',
  'scheduler',
  'denoise',
  'start_at_step',
  'end_at_step',
  'shift',
])
const loaders =
  /^(ckpt|unet|clip|vae|lora|model|control_net|style_model|upscale_model)_?name\d?$|^strength_(model|clip)$/

function sectionOf({ control, role, input, nodeClass }: ParameterView): SectionName {
  if (control === 'image' || control === 'file') return 'images'
  if (role === 'positive' || role === 'negative' || control === 'multiline') return 'prompt'
  if (loaders.test(input)) return 'model'
  if (sizes.has(input)) return 'size'
  if (control === 'seed' || sampling.has(input) || /Sampler/.test(nodeClass)) return 'sampler'
  return 'advanced'
}

/** In the order of the page; within a section in the order of the graph, the positive prompt first. */
export function sectionsOf(parameters: readonly ParameterView[]): Section[] {
  const by = Map.groupBy(parameters, sectionOf)
  return (Object.keys(titles) as SectionName[]).flatMap((name) => {
    const own = by.get(name)
    if (!own) return []
    const rank = ({ role }: ParameterView) => (role === 'positive' ? 0 : role === 'negative' ? 2 : 1)
    return [{ name, title: titles[name], parameters: own.toSorted((a, b) => rank(a) - rank(b)) }]
  })
}

/** `sampler_name` → `Sampler name`; a prompt is called what it is. */
export function labelOf({ role, label }: ParameterView): string {
  if (role === 'positive') return 'Prompt'
  if (role === 'negative') return 'Negative prompt'
  const words = label.replaceAll('_', ' ').trim()
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`
}

/** Values of a former workflow that this one has inputs for, too. */
export function keepKnown(values: Values, parameters: readonly ParameterView[]): Values {
  const known = new Set(parameters.map(({ key }) => key))
  return Object.fromEntries(Object.entries(values).filter(([key]) => known.has(key)))
}

const maxSeed = 2n ** 53n

export function randomSeed(): number {
  const words = crypto.getRandomValues(new BigUint64Array(1))
  return Number(words[0]! % maxSeed)
}

export type SeedRule = 'keep' | 'count' | 'random'

export type Run = { overrides: Record<string, Value>; inputs: Record<string, string> }

/**
 * What is asked of the server for so many runs: the values, and each run with its own seeds. Pictures are inputs, not
 * overrides.
 */
export function runsOf(
  parameters: readonly ParameterView[],
  { values, times, seeds }: { values: Values; times: number; seeds: SeedRule },
): Run[] {
  const seedKeys = parameters.filter(({ control }) => control === 'seed')
  return Array.from({ length: times }, (_, run) => {
    const entries = Object.entries(values)
    const inputs = entries.filter(([, value]) => typeof value === 'string' && value.startsWith('asset:'))
    const overrides: Record<string, Value> = Object.fromEntries(
      entries.filter((entry) => !inputs.includes(entry)),
    )
    for (const { key, value } of seedKeys) {
      const now = BigInt((values[key] ?? value ?? 0) as number)
      if (seeds === 'random') overrides[key] = randomSeed()
      else if (run > 0) overrides[key] = now + BigInt(run)
    }
    return { overrides, inputs: Object.fromEntries(inputs) as Record<string, string> }
  })
}
