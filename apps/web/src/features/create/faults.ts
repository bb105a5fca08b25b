import { labelOf } from './form-model.ts'
import type { ParameterView } from '@easel/client'

export type Fault = { path: string; message: string }

/** `workflow.3.inputs.cfg`, `overrides.3.cfg` and `inputs.3.image` are about one input: `3.cfg`, `3.image`. */
function keyOf(path: string): string {
  const [, place = path] = /^(?:workflow|overrides|inputs)\.(.+)$/s.exec(path) ?? []
  return place.replace('.inputs.', '.')
}

/** What the server finds wrong, at the controls it is about; the rest is for all to read. */
export function sortFaults(faults: readonly Fault[], parameters: readonly ParameterView[]) {
  const keys = new Set(parameters.map(({ key }) => key))
  const at = new Map<string, string>()
  const others: Fault[] = []
  for (const fault of faults) {
    const key = keyOf(fault.path)
    if (!keys.has(key)) others.push(fault)
    else if (!at.has(key)) at.set(key, fault.message)
  }
  return { at, others }
}

/** Where it is, in the words of the form: `Width of Empty latent`; else the path as it is. */
export function placeOf(path: string, parameters: readonly ParameterView[]): string {
  const key = keyOf(path)
  const parameter = parameters.find((each) => each.key === key)
  if (parameter) return `${labelOf(parameter)} of ${parameter.nodeTitle}`
  const place = key.replace(/\.class_type$/, '')
  const inNode = parameters.find(({ node }) => place === node || place.startsWith(`${node}.`))
  if (inNode) return `${inNode.nodeTitle} (${place})`
  return place === 'workflow' ? 'The workflow' : `Node ${place}`
}
