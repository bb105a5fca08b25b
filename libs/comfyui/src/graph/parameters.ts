import type { Graph, GraphValue } from './graph.ts'
import type { ObjectInfo } from './object-info.ts'

export type ParameterControl =
  | 'text'
  | 'multiline'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'choice'
  | 'seed'
  | 'image'
  | 'video'
  | 'audio'
  | 'model'
  | 'json'

export type GraphParameter = {
  /** `<node id>.<input name>`: the key for `applyOverrides`. */
  key: string
  nodeId: string
  input: string
  classType: string
  /** Title of the node, else the display name of its class. */
  nodeTitle: string
  label: string
  control: ParameterControl
  value: GraphValue
  default?: GraphValue
  /** `bigint` where a bound is beyond 2^53. */
  min?: number | bigint
  max?: number | bigint
  step?: number
  choices?: readonly (string | number | boolean)[]
  /** Of a model choice: several values in a list are allowed. */
  multiple?: boolean
  tooltip?: string
  /** The server hides it behind "advanced". */
  advanced: boolean
  role?: 'positive' | 'negative' | 'seed' | 'steps' | 'width' | 'height' | 'batch' | 'cfg' | 'denoise'
}

/** The inputs a form can edit, nodes in graph order, inputs in the order of the class. Linked ones are absent. */
export function parametersOf(_graph: Graph, _objectInfo: ObjectInfo): GraphParameter[] {
  throw new Error('Not there yet')
}
