import type { Graph } from './graph.ts'
import { defaultOf, inputSpecsOf } from './input-spec.ts'
import { nodeInfoOf, type ObjectInfo } from './object-info.ts'

/**
 * A copy in which required inputs that are missing have the default of their class (the first choice of a
 * list without one). Old graphs need it: nodes gain inputs.
 */
export function fillDefaults(graph: Graph, objectInfo: ObjectInfo): Graph {
  const filled = structuredClone(graph)
  for (const node of Object.values(filled)) {
    const info = nodeInfoOf(objectInfo, node.class_type)
    if (!info) continue
    // Each choice filled in may bring inputs of its own.
    for (let added = true; added;) {
      added = false
      for (const spec of inputSpecsOf(info, node.inputs)) {
        if (!spec.required || Object.hasOwn(node.inputs, spec.name)) continue
        const value = defaultOf(spec)
        if (value === undefined) continue
        node.inputs[spec.name] = structuredClone(value)
        added = true
      }
    }
  }
  return filled
}
