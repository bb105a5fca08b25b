/** A value of an input. Integers beyond ±2^53 are `bigint` (see `parseJson`). */
export type GraphValue =
  null | boolean | number | bigint | string | GraphValue[] | { [key: string]: GraphValue }

/** `[id of the node it comes from, index of that node's output]` */
export type GraphLink = [nodeId: string, slot: number]

export type GraphNode = {
  class_type: string
  inputs: Record<string, GraphValue>
  _meta?: { title?: string }
}

/** A ComfyUI graph in API format. Node ids are strings and may hold colons (`10:3`, a node of a subgraph). */
export type Graph = Record<string, GraphNode>

/** ComfyUI takes any two-element array with a string and a number for a link. */
export function isLink(value: unknown): value is GraphLink {
  return (
    Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' && typeof value[1] === 'number'
  )
}

/** The class names a graph uses, each once, in order of first use. */
export function classesOf(graph: Graph): string[] {
  return [...new Set(Object.values(graph).map((node) => node.class_type))]
}

/** How a list is given as a value: bare, it would be a link. */
export function unwrapped(value: GraphValue): GraphValue {
  const wrapped = typeof value === 'object' && value !== null && !Array.isArray(value) && '__value__' in value
  return wrapped ? value.__value__! : value
}
