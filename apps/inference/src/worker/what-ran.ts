import { filesOfNode, isLink } from '@easel/comfyui'
import type { Graph, NodeTiming } from '@easel/comfyui'
import type { AttemptEnded } from '@easel/contracts'

export type WhatRan = Pick<AttemptEnded, 'warm' | 'loads' | 'cached'>

/** No model is read from a disk in this time: the loader found it in memory. */
const leastLoadMs = 5
const maxLoads = 100

/**
 * What a run tells of models, by the nodes that ComfyUI ran and those it had from before (`execution_cached` names
 * every such node of the graph, loaders among them). Of a run that was not seen nothing is known.
 */
export function whatRan(graph: Graph, timings: readonly NodeTiming[]): WhatRan {
  if (timings.length === 0) return { warm: null, loads: [], cached: false }
  const ran = new Map(timings.map((timing) => [timing.nodeId, timing]))
  const loads: NonNullable<AttemptEnded['loads']> = []
  let models = 0
  let loaded = 0
  for (const [nodeId, node] of Object.entries(graph)) {
    const files = filesOfNode(node)
    if (files.length === 0) continue
    const needed = files.filter(({ lora }) => !lora).length
    models += needed
    const timing = ran.get(nodeId)
    const ms = timing && !timing.cached ? timing.endedAtMs - timing.startedAtMs : 0
    if (ms < leastLoadMs) continue
    loaded += needed
    for (const { name } of files) loads.push({ model: name, ms: Math.round(ms / files.length) })
  }
  const warm = models === 0 ? null : loaded === 0
  return { warm, loads: loads.slice(0, maxLoads), cached: isRepeat(graph, ran) }
}

/** ComfyUI had what a sampler makes, or most of a graph without samplers. */
function isRepeat(graph: Graph, ran: ReadonlyMap<string, NodeTiming>): boolean {
  const nodes = Object.entries(graph)
  const samplers = nodes.filter(([, { inputs }]) => isLink(inputs.latent_image))
  const isCached = ([nodeId]: [string, unknown]) => ran.get(nodeId)?.cached ?? false
  if (samplers.length > 0) return samplers.some(isCached)
  return nodes.filter(isCached).length > nodes.length / 2
}
