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

/** `sampler_name` → `Sampler`; a prompt is called what it is. */
export function labelOf({ role, label }: Pick<ParameterView, 'role' | 'label'>): string {
  if (role === 'positive') return 'Prompt'
  if (role === 'negative') return 'Negative prompt'
  if (Object.hasOwn(known, label)) return known[label]!
  const words = label.replaceAll('_', ' ').trim()
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`
}

const known: Readonly<Record<string, string>> = {
  cfg: 'CFG',
  ckpt_name: 'Checkpoint',
  unet_name: 'Diffusion model',
  vae_name: 'VAE',
  clip_name: 'Text encoder',
  clip_name1: 'Text encoder 1',
  clip_name2: 'Text encoder 2',
  lora_name: 'LoRA',
  control_net_name: 'ControlNet',
  sampler_name: 'Sampler',
  noise_seed: 'Seed',
  fps: 'Frames per second',
}

/** Keys of parameters whose label is another's, too: only these need the name of their node beside it. */
export function ambiguousKeys(parameters: readonly ParameterView[]): Set<string> {
  const by = Map.groupBy(parameters, labelOf)
  return new Set(
    [...by.values()].filter(({ length }) => length > 1).flatMap((same) => same.map(({ key }) => key)),
  )
}

/** Values of a former workflow that this one has inputs for, too. */
export function keepKnown(values: Values, parameters: readonly ParameterView[]): Values {
  const keys = new Set(parameters.map(({ key }) => key))
  return Object.fromEntries(Object.entries(values).filter(([key]) => keys.has(key)))
}

/** What an input has now: set in the form, else the workflow's own. */
export const valueOf = ({ key, value }: ParameterView, values: Values): Value =>
  Object.hasOwn(values, key) ? values[key]! : (value as Value)

/** What the first input of this role has now. */
export function roleValue(
  parameters: readonly ParameterView[],
  values: Values,
  role: string,
): Value | undefined {
  const parameter = parameters.find((each) => each.role === role)
  return parameter && valueOf(parameter, values)
}

/** Numbers of any size are the same when they are written the same. */
export const sameValue = (a: unknown, b: unknown): boolean =>
  typeof a === typeof b || (isNumber(a) && isNumber(b)) ? String(a) === String(b) : a === b

const isNumber = (value: unknown): boolean => typeof value === 'number' || typeof value === 'bigint'

export const isChanged = (parameter: ParameterView, values: Values): boolean =>
  Object.hasOwn(values, parameter.key) && !sameValue(values[parameter.key], parameter.value)

/** A value beside the others; one that is the workflow's own needs no place among them. */
export function withValue(values: Values, parameter: ParameterView, value: Value | undefined): Values {
  const { [parameter.key]: _, ...rest } = values
  return value === undefined || sameValue(value, parameter.value) ? rest : { ...rest, [parameter.key]: value }
}

type Graph = Readonly<Record<string, unknown>>
type Node = { class_type?: unknown; inputs?: Readonly<Record<string, unknown>> }

/** The graph as it would run: with the values of the form in it. */
export function withValues(
  graph: Graph,
  parameters: readonly ParameterView[],
  values: Values,
): Record<string, unknown> {
  const changed: Record<string, unknown> = { ...graph }
  for (const parameter of parameters) {
    if (!isChanged(parameter, values) || !Object.hasOwn(changed, parameter.node)) continue
    const node = changed[parameter.node] as Node
    changed[parameter.node] = {
      ...node,
      inputs: { ...node.inputs, [parameter.input]: values[parameter.key] },
    }
  }
  return changed
}

/** The values that another graph has for these inputs; undefined when it is another workflow. */
export function valuesFrom(
  graph: Graph,
  parameters: readonly ParameterView[],
  own: Graph,
): Values | undefined {
  const ids = Object.keys(own)
  const isSame =
    ids.length === Object.keys(graph).length &&
    ids.every((id) => (graph[id] as Node | undefined)?.class_type === (own[id] as Node).class_type)
  if (!isSame) return undefined
  return parameters.reduce<Values>((values, parameter) => {
    const value = (graph[parameter.node] as Node).inputs?.[parameter.input]
    return value === undefined || typeof value === 'object'
      ? values
      : withValue(values, parameter, value as Value)
  }, {})
}

const maxSeed = 2n ** 53n

export function randomSeed(): number {
  const words = crypto.getRandomValues(new BigUint64Array(1))
  return Number(words[0]! % maxSeed)
}

export type SeedRule = 'keep' | 'count' | 'random'

export type Run = { overrides: Record<string, Value>; inputs: Record<string, string> }

export type RunPlan = {
  values: Values
  times: number
  seeds: SeedRule
  /** Keys of seeds that stay as they are, whatever the rule. */
  locked?: readonly string[]
}

/** The seeds that the rule changes. */
export const freeSeeds = (
  parameters: readonly ParameterView[],
  { seeds, locked = [] }: Pick<RunPlan, 'seeds' | 'locked'>,
): ParameterView[] =>
  seeds === 'keep' ? [] : parameters.filter(({ control, key }) => control === 'seed' && !locked.includes(key))

const seedOf = (parameter: ParameterView, values: Values): bigint =>
  BigInt((valueOf(parameter, values) ?? 0) as number)

/**
 * What is asked of the server for so many runs: the values, and each run with its own seeds. Pictures are inputs, not
 * overrides.
 */
export function runsOf(parameters: readonly ParameterView[], plan: RunPlan): Run[] {
  const free = freeSeeds(parameters, plan)
  return Array.from({ length: plan.times }, (_, run) => {
    const entries = Object.entries(plan.values)
    const inputs = entries.filter(([, value]) => typeof value === 'string' && value.startsWith('asset:'))
    const overrides: Record<string, Value> = Object.fromEntries(
      entries.filter((entry) => !inputs.includes(entry)),
    )
    for (const parameter of free) {
      if (plan.seeds === 'random') overrides[parameter.key] = randomSeed()
      else if (run > 0) overrides[parameter.key] = seedOf(parameter, plan.values) + BigInt(run)
    }
    return { overrides, inputs: Object.fromEntries(inputs) as Record<string, string> }
  })
}

/** Where counting goes on after so many runs. */
export function valuesAfter(parameters: readonly ParameterView[], plan: RunPlan): Values {
  if (plan.seeds !== 'count') return plan.values
  return freeSeeds(parameters, plan).reduce<Values>(
    (values, parameter) => ({
      ...values,
      [parameter.key]: exactNumber(seedOf(parameter, plan.values) + BigInt(plan.times)),
    }),
    plan.values,
  )
}

/** A number where it holds all digits. */
export const exactNumber = (value: bigint): number | bigint =>
  value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value
