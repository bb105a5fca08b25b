import { inputFilesOf } from '@easel/comfyui'
import type { Graph, ObjectInfo } from '@easel/comfyui'
import type { Fault } from '@easel/protocol'

/**
 * Files that a graph must not touch. ComfyUI knows no users: its output and temp folders hold what everybody has
 * made, so that of its files only those of the input folder may be named.
 */
export function fileFaults(graph: Graph, info?: ObjectInfo): Fault[] {
  return [...readFaults(graph, info), ...writeFaults(graph)]
}

function readFaults(graph: Graph, info?: ObjectInfo): Fault[] {
  return inputFilesOf(graph, info).flatMap(({ nodeId, input, value, type }) => {
    const path = `workflow.${nodeId}.inputs.${input}`
    if (type !== 'input') {
      return [
        { path, message: 'What other jobs made is not read from ComfyUI: give an asset, as asset:<id>' },
      ]
    }
    return leavesFolder(value) ? [{ path, message: 'A file lies in the input folder of ComfyUI' }] : []
  })
}

function writeFaults(graph: Graph): Fault[] {
  return Object.entries(graph).flatMap(([nodeId, { inputs }]) => {
    const prefix = Object.hasOwn(inputs, 'filename_prefix') ? inputs.filename_prefix : undefined
    if (typeof prefix !== 'string' || !leavesFolder(prefix)) return []
    const path = `workflow.${nodeId}.inputs.filename_prefix`
    return [{ path, message: 'A file is written below the output folder of ComfyUI' }]
  })
}

function leavesFolder(name: string): boolean {
  return /^[\\/~]|^[a-z]:/i.test(name) || name.split(/[\\/]/).some((part) => part.trim() === '..')
}
