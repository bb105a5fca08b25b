import type { SourceFile } from '../source-model.ts'

/** Is it a file that an image or video program could load without running code? */
export function isWeights(path: string): boolean {
  return /\.(safetensors|sft|gguf)$/i.test(path) && !path.split('/').at(-1)!.startsWith('.')
}

export function formatOf(path: string): SourceFile['format'] {
  if (/\.(safetensors|sft)$/i.test(path)) return 'safetensors'
  if (/\.gguf$/i.test(path)) return 'gguf'
  if (/\.(ckpt|pt|pth|bin|pkl)$/i.test(path)) return 'pickle'
  return /\.onnx$/i.test(path) ? 'onnx' : 'other'
}

const precisions: readonly (readonly [RegExp, string])[] = [
  [/(?:^|[^a-z0-9])(?:fp8|f8)[_-]?(?:e4m3fn|e4m3|e5m2)?(?:[_-]?scaled)?(?=[^a-z0-9]|$)/, 'fp8'],
  [/(?:^|[^a-z0-9])(?:bf16|bfloat16)(?=[^a-z0-9]|$)/, 'bf16'],
  [/(?:^|[^a-z0-9])(?:fp16|f16|float16|half)(?=[^a-z0-9]|$)/, 'fp16'],
  [/(?:^|[^a-z0-9])(?:fp32|f32|float32)(?=[^a-z0-9]|$)/, 'fp32'],
  [/(?:^|[^a-z0-9])(nvfp4|mxfp8|nf4|int8|int4|fp4)(?=[^a-z0-9]|$)/, '$1'],
]

/** As the name tells it. */
export function precisionOf(path: string): string | null {
  const name = path.toLowerCase()
  for (const [pattern, value] of precisions) {
    const found = pattern.exec(name)
    if (found) return value === '$1' ? found[1]! : value
  }
  return null
}

/** `Q4_K_M`, as names of GGUF files tell it. */
export function quantOf(path: string): string | null {
  if (!/\.gguf$/i.test(path)) return null
  return (
    /(?:^|[^A-Za-z0-9])((?:IQ|Q)\d(?:_[A-Z0-9]+)*)(?=[^A-Za-z0-9]|$)/i.exec(path)?.[1]?.toUpperCase() ?? null
  )
}

/** The largest of the weights that lie at the top, else the largest of all. */
export function primaryPath(files: readonly { path: string; bytes: number | null }[]): string | undefined {
  const weights = files.filter(({ path }) => isWeights(path))
  const top = weights.filter(({ path }) => !path.includes('/'))
  return (top.length > 0 ? top : weights).toSorted((one, other) => (other.bytes ?? 0) - (one.bytes ?? 0))[0]
    ?.path
}
