import type { ComfyOutput } from '@easel/comfyui'
import type { GraphJson } from '@easel/contracts'

/**
 * The order that gives outputs their indexes, and so the assets their ids: by node as in the graph, key, and
 * place. It does not depend on the order of execution, so each attempt of a job gives the same.
 */
export function inOrder(graph: GraphJson, outputs: readonly ComfyOutput[]): ComfyOutput[] {
  const places = new Map(Object.keys(graph).map((nodeId, place) => [nodeId, place]))
  const placeOf = ({ nodeId }: ComfyOutput) => places.get(nodeId) ?? places.size
  return outputs.toSorted(
    (a, b) =>
      placeOf(a) - placeOf(b) || compare(a.nodeId, b.nodeId) || compare(a.key, b.key) || a.index - b.index,
  )
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
