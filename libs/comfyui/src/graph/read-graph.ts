import type { Graph } from './graph.ts'

export type GraphFormat = 'api' | 'ui' | 'prompt-wrapper' | 'output-wrapper' | 'unknown'

export type ReadGraph = {
  graph: Graph
  /** Where the graph was found. */
  format: GraphFormat
  /** The UI document that came along in a wrapper. */
  workflow?: unknown
}

export type GraphLimits = { bytes: number; nodes: number; depth: number; inputsPerNode: number }

export function detectFormat(_document: unknown): GraphFormat {
  throw new Error('Not there yet')
}

/** Text or a parsed document → a checked graph; throws `invalid` GRAPH_INVALID with faults. Copies. */
export function readGraph(_document: unknown, _limits: Partial<GraphLimits> = {}): ReadGraph {
  throw new Error('Not there yet')
}
