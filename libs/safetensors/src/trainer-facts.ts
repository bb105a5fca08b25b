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
  triggerWords: string[]
  /** Most frequent first, at most 200. */
  tags: { tag: string; count: number }[]
  resolution?: { width: number; height: number }
  networkDim?: number
  networkAlpha?: number
  epochs?: number
  steps?: number
}

export function trainerFacts(metadata: Readonly<Record<string, string>>): TrainerFacts {
  return { title: metadata['modelspec.title'], triggerWords: [], tags: [] }
}
