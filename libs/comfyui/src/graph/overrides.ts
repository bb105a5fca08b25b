import { AppError, type Fault } from '@easel/protocol'
import type { Graph, GraphValue } from './graph.ts'
import { inputSpecsOf } from './input-spec.ts'
import { nodeInfoOf, type ObjectInfo } from './object-info.ts'

/**
 * A copy of the graph with values put in: `{ '3.seed': 42, '10:3.format.codec': 'h264' }`.
 * Throws `invalid` OVERRIDE_INVALID for a node or input that is not there and for an input that is linked.
 * With `objectInfo`, an input that the class has but the graph leaves out may be set too.
 */
export function applyOverrides(
  graph: Graph,
  overrides: Readonly<Record<string, GraphValue>>,
  objectInfo?: ObjectInfo,
): Graph {
  const changed = structuredClone(graph)
  const faults: Fault[] = []
  const added: { key: string; nodeId: string; input: string }[] = []
  for (const [key, value] of Object.entries(overrides)) {
    const fault = (message: string) => void faults.push({ path: `overrides.${key}`, message })
    const target = targetOf(graph, key)
    if (!target) {
      fault('There is no such node; write <node id>.<input name>')
      continue
    }
    const { nodeId, input } = target
    const { inputs } = changed[nodeId]!
    if (!isPlainValue(value)) fault('A value is a text, a number, true, false, null or {"__value__": […]}')
    else if (Array.isArray(inputs[input]))
      fault('This input is linked to another node; its value comes from there')
    else {
      if (!Object.hasOwn(graph[nodeId]!.inputs, input)) added.push({ key, nodeId, input })
      inputs[input] = structuredClone(value)
    }
  }
  // Only now, as one override may choose the option that another one's input belongs to.
  for (const { key, nodeId, input } of added) {
    const { class_type: classType, inputs } = changed[nodeId]!
    const info = objectInfo && nodeInfoOf(objectInfo, classType)
    if (info && inputSpecsOf(info, inputs).some((spec) => spec.name === input)) continue
    faults.push({ path: `overrides.${key}`, message: `Node ${nodeId} (${classType}) has no input ${input}` })
  }
  if (faults.length === 0) return changed
  const message = `${faults[0]!.path}: ${faults[0]!.message}`
  throw new AppError('invalid', message, { reason: 'OVERRIDE_INVALID', faults })
}

/** Ids and input names may both have dots: the longest id that has the input wins, then the longest id. */
function targetOf(graph: Graph, key: string): { nodeId: string; input: string } | undefined {
  const targets = [...key.matchAll(/\./g)]
    .map(({ index }) => ({ nodeId: key.slice(0, index), input: key.slice(index + 1) }))
    .filter(({ nodeId, input }) => Object.hasOwn(graph, nodeId) && input !== '' && input !== '__proto__')
    .toReversed()
  return targets.find(({ nodeId, input }) => Object.hasOwn(graph[nodeId]!.inputs, input)) ?? targets[0]
}

/** A bare list would be taken for a link. */
function isPlainValue(value: unknown): value is GraphValue {
  if (typeof value === 'number') return Number.isFinite(value)
  if (value === null || ['string', 'boolean', 'bigint'].includes(typeof value)) return true
  const list =
    typeof value === 'object' && Object.keys(value).join() === '__value__' && Object.values(value)[0]
  return Array.isArray(list) && list.every((item) => !Array.isArray(item) && isPlainValue(item))
}
