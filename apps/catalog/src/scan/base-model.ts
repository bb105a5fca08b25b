/** How headers name a base model, and how people and CivitAI do. The first that fits counts. */
const names: readonly (readonly [RegExp, string])[] = [
  [/pony/, 'Pony'],
  [/illustrious/, 'Illustrious'],
  [/noob/, 'NoobAI'],
  [/flux.*(schnell|1[._-]?s\b)/, 'Flux.1 S'],
  [/flux.*kontext/, 'Flux.1 Kontext'],
  [/flux[._-]?2/, 'Flux.2'],
  [/flux/, 'Flux.1 D'],
  [/sdxl|stable-diffusion-xl/, 'SDXL 1.0'],
  [/sd3|stable-diffusion-v?3/, 'SD 3'],
  [/sd_?v?2|stable-diffusion-v2/, 'SD 2.1'],
  [/sd_?v?1|sd1|stable-diffusion-v1/, 'SD 1.5'],
  [/qwen/, 'Qwen'],
  [/wan.*2[._]?2/, 'Wan Video 2.2'],
  [/wan/, 'Wan Video'],
  [/hunyuan/, 'Hunyuan Video'],
  [/ltx/, 'LTXV'],
  [/chroma/, 'Chroma'],
  [/lumina/, 'Lumina'],
  [/cascade/, 'Stable Cascade'],
]

/** The known name of a base model; an unknown one as the header has it. */
export function baseModelName(
  written: string | undefined,
  architecture: string | undefined,
): string | undefined {
  const known = [written, architecture]
    .map((text) => text?.slice(0, 300).toLowerCase())
    .flatMap((text) => (text ? names.filter(([pattern]) => pattern.test(text)) : []))
  return known[0]?.[1] ?? written
}
