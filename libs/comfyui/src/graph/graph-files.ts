import type { Graph } from './graph.ts'
import type { ObjectInfo } from './object-info.ts'

export type GraphInputFile = {
  nodeId: string
  input: string
  /** As in the graph: `subfolder/name.png`, perhaps with ` [output]`. */
  value: string
  filename: string
  subfolder: string
  type: 'input' | 'output' | 'temp'
}

export type GraphModel = {
  nodeId: string
  classType: string
  input: string
  filename: string
  /** ComfyUI's model folder, where the class or the input's name tells it. */
  folder?: string
  /** Does this server list the file? Undefined when its class is unknown. */
  present?: boolean
}

/** Files of the input folder that a graph reads. */
export function inputFilesOf(_graph: Graph, _objectInfo?: ObjectInfo): GraphInputFile[] {
  throw new Error('Not there yet')
}

/** Model files that a graph names. */
export function modelsOf(_graph: Graph, _objectInfo?: ObjectInfo): GraphModel[] {
  throw new Error('Not there yet')
}
