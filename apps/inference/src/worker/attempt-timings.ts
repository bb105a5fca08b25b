import type { JobTimings } from '@easel/contracts'
import type { RunResult } from '@easel/comfyui'

/** Nodes that read a model from a disk; LoadImage and its kin read inputs. */
const loader = /loader|^(Checkpoint|UNET|VAE|CLIP|LoRA|ControlNet)Load/i

export const isModelLoader = (classType: string): boolean => loader.test(classType)

/** Where the time of a run went, in milliseconds; an execution that was not seen has none. */
export function timingsOf(
  result: RunResult | undefined,
  own: { inputsMs: number; modelsMs?: number; saveMs: number },
): { timings: JobTimings; gpuSeconds: number } {
  const timings: JobTimings = {
    inputsMs: Math.round(own.inputsMs),
    ...(own.modelsMs && { modelsMs: Math.round(own.modelsMs) }),
    saveMs: Math.round(own.saveMs),
  }
  const nodes = result?.nodeTimings ?? []
  const seen = nodes.length > 0 ? Math.max(...nodes.map(({ endedAtMs }) => endedAtMs)) : undefined
  // A clock that was set back while it ran tells nothing.
  const said = result?.executionMs
  const totalMs = said !== undefined && said >= 0 ? said : seen
  if (totalMs === undefined) return { timings, gpuSeconds: 0 }
  const loading = nodes.filter(({ classType, cached }) => !cached && isModelLoader(classType))
  const loadMs = loading.reduce((sum, { startedAtMs, endedAtMs }) => sum + endedAtMs - startedAtMs, 0)
  const modelLoadMs = Math.min(loadMs, totalMs)
  return {
    timings: {
      ...timings,
      modelLoadMs: Math.round(modelLoadMs),
      executeMs: Math.round(totalMs - modelLoadMs),
    },
    gpuSeconds: totalMs / 1_000,
  }
}
