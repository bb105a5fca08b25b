import type { Graph, GraphValue } from './graph.ts'
import type { ObjectInfo } from './object-info.ts'

/**
 * A copy of the graph with values put in: `{ '3.seed': 42, '10:3.format.codec': 'h264' }`.
 * Throws `invalid` OVERRIDE_INVALID for a node or input that is not there and for an input that is linked.
 * With `objectInfo`, an input that the class has but the graph leaves out may be set too.
 */
export function applyOverrides(
  _graph: Graph,
  _overrides: Readonly<Record<string, GraphValue>>,
  _objectInfo?: ObjectInfo,
): Graph {
  throw new Error('Not there yet')
}
