/** Names of schedules as pages write them behind a sampler, longest first. */
const schedules = [
  'align your steps',
  'linear quadratic',
  'sgm uniform',
  'ddim uniform',
  'kl optimal',
  'exponential',
  'karras',
  'simple',
  'normal',
  'beta',
] as const

export type SamplerNames = { sampler: string; scheduler?: string }

/**
 * A sampler as ComfyUI calls it, out of how pages write it: `DPM++ 2M Karras` is `dpmpp_2m` with `karras`,
 * `Euler a` is `euler_ancestral`. A name that is ComfyUI's own stays as it is.
 */
export function readSamplerName(name: string): SamplerNames {
  let words = wordsOf(name)
  const schedule = schedules.find((each) => words !== each && words.endsWith(` ${each}`))
  if (schedule !== undefined) words = words.slice(0, -schedule.length - 1)
  return {
    sampler: samplerOf(words),
    ...(schedule !== undefined && { scheduler: schedule.replaceAll(' ', '_') }),
  }
}

/** `SGM Uniform` is `sgm_uniform`; `Automatic` says nothing. */
export function readSchedulerName(name: string): string | undefined {
  const words = wordsOf(name)
  return words === '' || words === 'automatic' ? undefined : words.replaceAll(' ', '_')
}

const wordsOf = (name: string): string =>
  name
    .slice(0, 100)
    .toLowerCase()
    .replaceAll(/[\s_]+/g, ' ')
    .trim()

function samplerOf(words: string): string {
  return words
    .replace(/^k /, '')
    .replaceAll('dpm++', 'dpmpp')
    .replaceAll(/\bdpm2\b/g, 'dpm 2')
    .replace(/\bunipc\b/, 'uni pc')
    .replace(/ (a|ancestral)$/, ' ancestral')
    .replaceAll(' ', '_')
}
