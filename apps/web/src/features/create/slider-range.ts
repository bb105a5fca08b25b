import type { ParameterView } from '@easel/client'

export type SliderRange = { min: number; max: number; step: number }

/** Between which values people choose: nodes often take far more, and those can be typed. */
const usual: Readonly<Record<string, SliderRange>> = {
  steps: { min: 1, max: 60, step: 1 },
  cfg: { min: 1, max: 15, step: 0.5 },
  guidance: { min: 0, max: 10, step: 0.1 },
  denoise: { min: 0, max: 1, step: 0.01 },
  width: { min: 64, max: 2048, step: 64 },
  height: { min: 64, max: 2048, step: 64 },
  batch: { min: 1, max: 16, step: 1 },
  batch_size: { min: 1, max: 16, step: 1 },
  shift: { min: 0, max: 12, step: 0.1 },
  strength: { min: 0, max: 2, step: 0.05 },
  strength_model: { min: 0, max: 2, step: 0.05 },
  strength_clip: { min: 0, max: 2, step: 0.05 },
}

/** So many steps at most are a slider's; more are typed. */
const mostSteps = 400

export function sliderRangeOf({
  role,
  input,
  control,
  min,
  max,
  step,
}: ParameterView): SliderRange | undefined {
  const [low, high] = [finite(min), finite(max)]
  const known = [role, input].find(
    (name): name is string => typeof name === 'string' && Object.hasOwn(usual, name),
  )
  if (known !== undefined) {
    const range = usual[known]!
    return {
      ...range,
      min: Math.max(range.min, low ?? range.min),
      max: Math.min(range.max, high ?? range.max),
    }
  }
  if (low === undefined || high === undefined) return undefined
  const by = finite(step) ?? (control === 'integer' ? 1 : 0.01)
  return high > low && (high - low) / by <= mostSteps ? { min: low, max: high, step: by } : undefined
}

const finite = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined
