import { hasFfmpeg } from './ffmpeg.ts'
import type { NodeInfo, Pack } from './node-catalog.ts'
import { imageNodes } from './nodes/image-nodes.ts'
import { latentNodes } from './nodes/latent-nodes.ts'
import { loadNodes } from './nodes/load-nodes.ts'
import { animationNodes, mediaNodes } from './nodes/media-nodes.ts'
import { samplerNodes } from './nodes/sampler-nodes.ts'
import { primitiveNodes, saveNodes } from './nodes/save-nodes.ts'
import { testingInfo, testingNodes } from './nodes/testing-nodes.ts'
import type { Settings } from './options.ts'

/** The nodes of a server with these settings on this machine. */
export async function packsFor({ nodePacks }: Settings): Promise<Pack[]> {
  const stock = [imageNodes, loadNodes, saveNodes, primitiveNodes, samplerNodes, latentNodes, animationNodes]
  const packs: Pack[] = stock.map((nodes) => ({ nodes }))
  if (await hasFfmpeg()) packs.push({ nodes: mediaNodes })
  if (nodePacks.includes('testing'))
    packs.push({ nodes: testingNodes, info: testingInfo as unknown as Record<string, NodeInfo> })
  return packs
}
