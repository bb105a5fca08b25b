/** What trainers write into `__metadata__`, in one shape. Absent means: not said, or not to be believed. */
export type TrainerFacts = {
  /** The tool: `kohya-ss`, `ai-toolkit`, or the software the file names. */
  trainer?: string
  title?: string
  author?: string
  description?: string
  /** As written (`sdxl_base_v1-0`, `flux1`, …). */
  baseModel?: string
  /** ModelSpec's architecture (`stable-diffusion-xl-v1-base/lora`). */
  architecture?: string
  /** The most important first, at most 50. */
  triggerWords: string[]
  /** Most frequent first, at most 200. */
  tags: { tag: string; count: number }[]
  resolution?: { width: number; height: number }
  networkDim?: number
  networkAlpha?: number
  epochs?: number
  steps?: number
}

const longestText = 20_000
const mostTags = 200
const mostTriggers = 50
const mostFrequent = 10
/** Parsing more would be felt on the event loop. */
const longestJson = 2 * 1024 * 1024

/**
 * Reads kohya's `ss_*`, ai-toolkit's `software` and `training_info`, and `modelspec.*`. Total: whatever it
 * cannot make sense of it leaves out. Texts are whatever the file says: show them escaped.
 */
export function trainerFacts(metadata: Readonly<Record<string, string>>): TrainerFacts {
  const software = record(json(metadata, 'software'))
  const training = record(json(metadata, 'training_info'))
  const tags = tagFrequency(json(metadata, 'ss_tag_frequency'))
  const trainer = trainerOf(metadata, software)
  return {
    trainer,
    title: text(metadata, 'modelspec.title', 'ss_output_name', 'name'),
    author: text(metadata, 'modelspec.author'),
    description: text(metadata, 'modelspec.description', 'ss_training_comment'),
    baseModel: text(metadata, 'ss_base_model_version', 'ss_sd_model_name', 'base_model'),
    architecture: text(metadata, 'modelspec.architecture'),
    triggerWords: triggerWords(metadata, { trainer, tags }),
    tags,
    resolution: resolution(text(metadata, 'modelspec.resolution', 'ss_resolution')),
    networkDim: positive(text(metadata, 'ss_network_dim')),
    networkAlpha: positive(text(metadata, 'ss_network_alpha')),
    epochs: positive(text(metadata, 'ss_epoch')) ?? positive(training?.epoch),
    steps: positive(text(metadata, 'ss_steps')) ?? positive(training?.step),
  }
}

function trainerOf(
  metadata: Readonly<Record<string, string>>,
  software: object | undefined,
): string | undefined {
  const name = software && 'name' in software ? software.name : undefined
  if (typeof name === 'string' && name !== '') return name.slice(0, 100)
  if (Object.hasOwn(metadata, 'ss_sd_scripts_commit_hash') || Object.hasOwn(metadata, 'ss_network_module')) {
    return 'kohya-ss'
  }
  return undefined
}

/**
 * What is called a trigger, and then by frequency what stands for one: ai-toolkit writes its trigger word as a tag;
 * kohya has no field for it, but what it was trained on at least half as often as on anything else comes close.
 */
function triggerWords(metadata: Readonly<Record<string, string>>, facts: TagFacts): string[] {
  const phrase = text(metadata, 'modelspec.trigger_phrase', 'ss_trigger_words', 'trigger_word') ?? ''
  const words = phrase.split(',').map((word) => word.trim())
  const said = [...new Set(words)].filter((word) => word !== '').slice(0, mostTriggers)
  if (said.length > 0 && facts.trainer !== 'ai-toolkit') return said
  const least = facts.trainer === 'ai-toolkit' ? 0 : (facts.tags[0]?.count ?? 0) / 2
  const frequent = facts.tags.filter(({ count }) => count >= least).slice(0, mostFrequent)
  return [...new Set([...said, ...frequent.map(({ tag }) => tag)])].slice(0, mostTriggers)
}

type TagFacts = { trainer: string | undefined; tags: TrainerFacts['tags'] }

/** `{ "10_folder": { "tag": 12 } }`, added up over the folders. */
function tagFrequency(value: unknown): TrainerFacts['tags'] {
  const counts = new Map<string, number>()
  for (const folder of Object.values(record(value) ?? {})) {
    for (const [tag, count] of Object.entries(record(folder) ?? {})) {
      const name = tag.trim().slice(0, 200)
      if (name !== '' && typeof count === 'number' && count > 0)
        counts.set(name, (counts.get(name) ?? 0) + count)
    }
  }
  return [...counts]
    .map(([tag, count]) => ({ tag, count }))
    .sort((a, b) => b.count - a.count || (a.tag < b.tag ? -1 : 1))
    .slice(0, mostTags)
}

/** `1024x1024`, `(1024, 768)`, `["512", "512"]` or `1024`; two numbers are width and height. */
function resolution(value: string | undefined): TrainerFacts['resolution'] {
  const [width, height = width] = (value?.slice(0, 100).match(/\d{1,6}/g) ?? []).map(Number)
  return width !== undefined && height !== undefined && width > 0 && height > 0
    ? { width, height }
    : undefined
}

function text(metadata: Readonly<Record<string, string>>, ...names: string[]): string | undefined {
  for (const name of names) {
    const value = Object.hasOwn(metadata, name) ? metadata[name]!.slice(0, longestText).trim() : ''
    if (value !== '' && value !== 'None') return value
  }
  return undefined
}

function positive(value: unknown): number | undefined {
  const number = typeof value === 'string' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) && number > 0 ? number : undefined
}

function json(metadata: Readonly<Record<string, string>>, name: string): unknown {
  const value = Object.hasOwn(metadata, name) ? metadata[name]! : ''
  if (value === '' || value.length > longestJson) return undefined
  try {
    return JSON.parse(value)
  } catch {
    return undefined // not the JSON it is elsewhere: nothing is known
  }
}

const record = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined
