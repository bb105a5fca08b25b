import { isGiven } from '../../lib/given.ts'
import type { AssetDetail, AssetView } from '@easel/client'
import type { Recipe } from '../../lib/recipe.ts'

type Lora = { name: string; weight?: number }

/** How an asset was made, for Create; undefined when nothing of it is known. */
export function recipeOf(asset: AssetView, graph?: AssetDetail['graph']): Recipe | undefined {
  const { prompt, negativePrompt, seed, steps, cfg, sampler, scheduler, width, height, models, loras } = asset
  const known = [prompt, negativePrompt, seed, steps, sampler, models[0], loras[0]]
  if (!known.some((value) => isGiven(value) && value !== '')) return undefined
  return {
    ...(prompt && { prompt }),
    ...(negativePrompt && { negative: negativePrompt }),
    ...(isGiven(seed) && { seed }),
    ...(isGiven(steps) && { steps }),
    ...(isGiven(cfg) && { cfg }),
    ...(sampler && { sampler }),
    ...(scheduler && { scheduler }),
    ...(isGiven(width) && isGiven(height) && asset.kind === 'image' && { width, height }),
    ...(models[0] !== undefined && { model: models[0] }),
    ...(loras.length > 0 && { loras: lorasOf(loras, graph) }),
  }
}

/** With their weights, where the graph tells them. */
function lorasOf(names: readonly string[], graph: AssetDetail['graph']): Lora[] {
  const weights = new Map<string, number>()
  for (const node of Object.values(graph ?? {})) {
    const { lora_name: name, strength_model: weight } = inputsOf(node)
    if (typeof name === 'string' && typeof weight === 'number') weights.set(name, weight)
  }
  return names.map((name) => ({ name, ...(weights.has(name) && { weight: weights.get(name)! }) }))
}

function inputsOf(node: unknown): Record<string, unknown> {
  const { inputs } = (typeof node === 'object' && node !== null ? node : {}) as { inputs?: unknown }
  return typeof inputs === 'object' && inputs !== null ? (inputs as Record<string, unknown>) : {}
}
