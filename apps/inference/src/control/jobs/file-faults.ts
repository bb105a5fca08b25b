import { inputFilesOf } from '@easel/comfyui'
import type { Graph, ObjectInfo } from '@easel/comfyui'
import type { Fault } from '@easel/protocol'

/**
 * Files that a graph must not touch. ComfyUI knows no users: its output and temp folders hold what everybody has
 * made, so that of its files only those of the input folder may be named.
 */
export function fileFaults(graph: Graph, info?: ObjectInfo): Fault[] {
  const known = readFaults(graph, info)
  const told = new Set(known.map(({ path }) => path))
  const others = nameFaults(graph).filter(({ path }) => !told.has(path))
  return [...known, ...others, ...writeFaults(graph)]
}

const foreign = 'What other jobs made is not read from ComfyUI: give an asset, as asset:<id>'
const outside = 'A file lies in the input folder of ComfyUI'

function readFaults(graph: Graph, info?: ObjectInfo): Fault[] {
  return inputFilesOf(graph, info).flatMap(({ nodeId, input, value, type }) => {
    const path = `workflow.${nodeId}.inputs.${input}`
    if (type !== 'input') return [{ path, message: foreign }]
    return leavesFolder(value) ? [{ path, message: outside }] : []
  })
}

/**
 * Nodes that take a file as a plain text or inside an object (`LoadLatent`, `Load3D`, those of packs) do not say so.
 * What can hardly be anything but the name of a file elsewhere is refused wherever it stands.
 */
function nameFaults(graph: Graph): Fault[] {
  return Object.entries(graph).flatMap(([nodeId, { inputs }]) =>
    Object.entries(inputs).flatMap(([input, value]) => {
      if (input === 'filename_prefix') return []
      const path = `workflow.${nodeId}.inputs.${input}`
      const texts = textsIn(value)
      if (texts.some((text) => annotated.test(text))) return [{ path, message: foreign }]
      return texts.some(climbs) ? [{ path, message: outside }] : []
    }),
  )
}

/** ComfyUI cuts off the annotation with the one letter before it, whichever that is. */
const annotated = /\.\w{1,8}.?\[(output|temp)\]$/s

function climbs(text: string): boolean {
  return text.length < 1_000 && /\.\w{1,8}$/.test(text) && /(^|[\\/])\s*\.\.\s*[\\/]/.test(text)
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
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
