import { families } from './families.ts'

/**
 * What names say, the special before the general: file names, repositories, tags, what trainers write. Names are
 * compared in lower case with everything but letters, digits and dots made a space.
 */
const rules: readonly (readonly [RegExp, string])[] = [
  [/\bpony ?(diffusion )?v?7\b/, 'pony7'],
  [/\bpony(?!tail)|\bpdxl\b|\bpnyxl\b/, 'pony'],
  [/noob ?ai|\bnoob(xl)?\b|\bnai ?xl\b/, 'noobai'],
  [/illustrious|\bil ?xl\b|\bilxl\b|\bwai ?nsfw\b|\bilustmix\b/, 'illustrious'],
  [/\bplayground ?v?2/, 'playground'],
  [/\bkolors\b/, 'kolors'],
  [/\bstable ?cascade\b|\bwuerstchen\b/, 'cascade'],

  [/flux ?3/, 'flux3-video'],
  [/flux ?\.?2.*klein.*4b|klein.*4b/, 'flux2-klein-4b'],
  [/flux ?\.?2.*klein|\bklein ?(base )?9b/, 'flux2-klein-9b'],
  [/flux ?\.?2\b|flux2/, 'flux2-dev'],
  [/\bchroma(1|xl|\b)/, 'chroma'],
  [/flux.*kontext|\bkontext\b/, 'flux1-kontext'],
  [/flux.*krea/, 'flux1-krea'],
  [/flux.*\bfill\b/, 'flux1-fill'],
  [/flux.*schnell|flux ?\.?1? ?s\b|\bschnell\b/, 'flux1-schnell'],
  [/\bflux/, 'flux1-dev'],

  [/qwen.*edit/, 'qwen-image-edit'],
  [/qwen ?image ?2(\.0)?\b/, 'qwen-image-2'],
  [/qwen ?image|\bqwen$|\bqwen (lora|lightning)/, 'qwen-image'],
  [/\bz ?image.*turbo|\bzit\b/, 'z-image-turbo'],
  [/\bz ?image/, 'z-image'],

  [/hunyuan ?3d/, 'hunyuan3d'],
  [/hunyuan ?image/, 'hunyuan-image'],
  [/hunyuan ?(video|v)? ?1\.5/, 'hunyuan-video-1.5'],
  [/hunyuan ?dit|\bhydit\b/, 'hunyuan-dit'],
  [/hunyuan|\bhyvid\b|\bframepack/, 'hunyuan-video'],

  [/\bwan ?(video ?)?2\.?7/, 'wan27'],
  [/\bwan ?(video ?)?2\.?5\b/, 'wan25'],
  [/\bwan.*(ti2v|\b5b\b)/, 'wan22-ti2v-5b'],
  [/\bwan ?(video ?)?2[._ ]?2.*(i2v|image ?to ?video|animate)/, 'wan22-i2v'],
  [/\bwan ?(video ?)?2[._ ]?2/, 'wan22-t2v'],
  [/\bwan.*(i2v|image ?to ?video|flf2v|fun).*\b(high|low)\b/, 'wan22-i2v'],
  [/\bwan.*\b1[._ ]?3b/, 'wan21-t2v-1.3b'],
  [/\bwan.*(i2v|image ?to ?video|flf2v)/, 'wan21-i2v'],
  [/\bwan ?(video|ai)? ?(2[._ ]?1|14b|t2v|vace|$)|\bwan ?video/, 'wan21-t2v'],

  [/\bltx(v|video)? ?2|\bltx2/, 'ltx2'],
  [/\bltx/, 'ltx'],
  [/\bcogvideo/, 'cogvideox'],
  [/\bmochi( ?1| preview|$)/, 'mochi'],
  [/\bsvd\b|stable ?video ?diffusion|\bimg2vid\b/, 'svd'],
  [/\bcosmos ?(predict|transfer|diffusion|reason|1|2)/, 'cosmos'],
  [/\bace ?step/, 'ace-step'],

  [/hidream ?o1/, 'hidream-o1'],
  [/hidream/, 'hidream'],
  [/pixart.*(sigma|\be\b)/, 'pixart-sigma'],
  [/pixart/, 'pixart-alpha'],
  [/\blumina/, 'lumina'],
  [/\bomnigen ?2/, 'omnigen2'],
  [/\bsana\b/, 'sana'],
  [/\baura ?flow|^aura$/, 'aura'],
  [/^anima\b/, 'anima'],

  [/sd ?3\.?5.*medium|stable ?diffusion ?v?3\.5.*medium/, 'sd35-medium'],
  [/sd ?3\.?5|stable ?diffusion ?v?3\.5/, 'sd35-large'],
  [/\bsd ?v?3|stable ?diffusion ?v?3/, 'sd3'],
  [/sdxl|stable ?diffusion ?xl|\bxl ?base|\bsd ?xl|\bxl\b/, 'sdxl'],
  [/\bsd ?v?2\b|\bsd ?v?2[._ ][01]|\bsd2[01]\b|stable ?diffusion ?v?2|^v2 ?1\b|768 ?v ?ema/, 'sd2'],
  [/\bsd ?v?1\b|\bsd ?v?1[._ ]?[45]|stable ?diffusion ?v?1|^sd1|\bsd15\b|\bv1 ?5\b/, 'sd15'],
]

const byRepo: ReadonlyMap<string, string> = new Map(
  families.flatMap(({ id, baseRepos }) => baseRepos.map((repo) => [repo.toLowerCase(), id])),
)

/** The id of the family that a name tells; `undefined` when it tells none. */
export function familyInName(name: string): string | undefined {
  const plain = plainName(name)
  return rules.find(([pattern]) => pattern.test(plain))?.[1]
}

/** `base_model:owner/name`, `base_model:adapter:owner/name`; other tags only where they are a family's name. */
export function familyInTag(tag: string): string | undefined {
  const [, repo] = /^base_model:(?:[a-z]+:)?([^:]+)$/i.exec(tag.slice(0, longest)) ?? []
  if (repo !== undefined) return familyOfRepo(repo)
  return tag.includes(':') ? undefined : familyInName(tag)
}

export function familyOfRepo(repo: string): string | undefined {
  return byRepo.get(repo.toLowerCase()) ?? familyInName(repo.slice(repo.indexOf('/') + 1))
}

/** Wan 2.2 has two experts, and its files come in pairs. */
export function noiseLevelOf(fileName: string): 'high' | 'low' | undefined {
  const [, level] = /(?:^| )(high|low)(?: ?noise| ?lora| |$)/.exec(plainName(fileName)) ?? []
  return level as 'high' | 'low' | undefined
}

const longest = 300

/** `FLUX.1-dev_fp8.safetensors` → `flux.1 dev fp8`. */
function plainName(name: string): string {
  return name
    .slice(0, longest)
    .toLowerCase()
    .replaceAll(/\.(safetensors|gguf|sft|ckpt|pt|pth|bin)$/g, '')
    .replaceAll(/[^a-z0-9.]+/g, ' ')
    .trim()
}
