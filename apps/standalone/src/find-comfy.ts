import { createComfyClient } from '@easel/comfyui'
import { startComfySim } from '@easel/comfy-sim'
import type { ComfySim } from '@easel/comfy-sim'

export type FoundComfy = AsyncDisposable & {
  urls: readonly string[]
  /** True when nothing real was found. */
  simulated: boolean
}

const usualUrl = 'http://127.0.0.1:8188'

/**
 * The servers that are named; else the one at ComfyUI's usual address; else a simulator, which says so. It offers what
 * lies in the models folder, as ComfyUI would.
 */
export async function findComfy(
  named: readonly string[],
  { folder, models }: { folder: string; models: string },
): Promise<FoundComfy> {
  if (named.length > 0) return found(named)
  if (await answers(usualUrl)) return found([usualUrl])
  const simulator: ComfySim = await startComfySim({ baseDirectory: folder, modelsDirectory: models })
  return {
    ...found([simulator.url]),
    simulated: true,
    [Symbol.asyncDispose]: () => simulator[Symbol.asyncDispose](),
  }
}

function found(urls: readonly string[]): FoundComfy {
  return { urls, simulated: false, [Symbol.asyncDispose]: async () => {} }
}

async function answers(baseUrl: string): Promise<boolean> {
  await using client = createComfyClient({ baseUrl })
  const { ok } = await client.ping({ timeoutMs: 1_000 })
  return ok
}
