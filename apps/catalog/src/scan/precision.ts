import { createHash } from 'node:crypto'

/** In names, the most special first. */
const named: readonly (readonly [RegExp, string])[] = [
  [/quanto[._-]?(m?bf16[._-]|m?fp16[._-])?int8/, 'quanto-int8'],
  [/quanto[._-]?(m?bf16[._-]|m?fp16[._-])?int4/, 'quanto-int4'],
  [/quanto/, 'quanto'],
  [/\bnvfp4|nvfp4\b/, 'nvfp4'],
  [/svdq|nunchaku/, 'svdq'],
  [/nf4/, 'nf4'],
  [/mxfp8/, 'mxfp8'],
  [/(fp8|float8)/, 'fp8'],
  [/(^|[._-])int8/, 'int8'],
  [/(^|[._-])int4/, 'int4'],
]

const byDtype: Readonly<Record<string, string>> = {
  F32: 'fp32',
  F16: 'fp16',
  BF16: 'bf16',
  F8_E4M3: 'fp8',
  F8_E5M2: 'fp8',
  I8: 'int8',
  U8: 'int8',
}

/** `bf16`, `fp8`, `quanto-int8`, `Q4_K_M`, …: by what most elements are, and by the name where that is packed. */
export function precisionOf(
  name: string,
  { quantization, dtypes }: { quantization?: string | undefined; dtypes: Readonly<Record<string, number>> },
): string | null {
  if (quantization) return quantization
  const [most] = Object.entries(dtypes).sort((a, b) => b[1] - a[1])
  const plain = most && Object.hasOwn(byDtype, most[0]) ? byDtype[most[0]]! : null
  const said = named.find(([pattern]) => pattern.test(name.toLowerCase()))?.[1] ?? null
  const packed = plain === null || plain === 'int8' || said?.startsWith('quanto')
  return packed ? (said ?? plain) : plain
}

const tokens =
  /[._-](quanto|mbf16|mfp16|bf16|fp16|fp32|f16|f32|fp8|e4m3fn|e5m2|scaled|int8|int4|nf4|mixed|q\d(_[k01])?(_[sml])?|iq\d_\w+)(?=[._-]|$)/g

/** Equal for files of a folder whose names differ only in what they say of precision. */
export function variantKeyOf(path: string, root: string): string {
  const slash = path.lastIndexOf('/')
  const dot = path.lastIndexOf('.')
  let stem = path.slice(slash + 1, dot > slash ? dot : undefined).toLowerCase()
  // Once more, for a token is taken away together with what separates it from the next.
  for (let round = 0; round < 2; round += 1) stem = stem.replaceAll(tokens, '')
  return createHash('sha256')
    .update(`${root}\0${path.slice(0, slash)}\0${stem}`)
    .digest('hex')
    .slice(0, 32)
}
