import type { Fault } from '@easel/protocol'
import type { Graph } from './graph.ts'
import type { ObjectInfo } from './object-info.ts'

export type GraphCheck = {
  /** What ComfyUI would refuse. */
  faults: Fault[]
  /** What ComfyUI ignores, but the author hardly meant. */
  warnings: Fault[]
  /** Classes the server does not have. */
  missingClasses: string[]
}

/** Paths look like `workflow.3.inputs.seed`. */
export function validateGraph(_graph: Graph, _objectInfo: ObjectInfo): GraphCheck {
  throw new Error('Not there yet')
}
