/**
 * GPU-seconds for a megapixel and step before anything of its kind has run, by what files of models are called.
 * Rough on purpose: the first run of a model takes their place.
 */
const families: readonly (readonly [name: RegExp, secondsPerUnit: number])[] = [
  [/wan|hunyuan.?video|ltx|mochi|cosmos|cogvideo/i, 0.5],
  [/flux|hidream|qwen.?image|chroma/i, 0.8],
  [/turbo|lightning|lcm|schnell|hyper/i, 0.3],
  [/xl|pony|illustrious|noob|sd3|z.?image/i, 0.3],
  [/sd.?1|v1-5|sd15|dreamshaper/i, 0.15],
]
const unknownModel = 0.3
/** A graph without a model only moves pixels. */
const withoutModel = 0.05

export function priorPerUnit(models: readonly string[]): number {
  if (models.length === 0) return withoutModel
  const known = models.map((model) => families.find(([name]) => name.test(model))?.[1] ?? 0)
  return Math.max(...known) || unknownModel
}
