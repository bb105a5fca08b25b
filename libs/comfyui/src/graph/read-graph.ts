import { AppError, parseJson, type Fault } from '@easel/protocol'
import { findCycle } from './graph-order.ts'
import { isLink, type Graph, type GraphNode, type GraphValue } from './graph.ts'

export type GraphFormat = 'api' | 'ui' | 'prompt-wrapper' | 'output-wrapper' | 'unknown'

export type ReadGraph = {
  graph: Graph
  /** Where the graph was found. */
  format: GraphFormat
  /** The UI document that came along in a wrapper. */
  workflow?: unknown
}

export type GraphLimits = {
  /** Of the text, or of all strings and keys of a parsed document. */
  bytes: number
  nodes: number
  /** Nesting of values. */
  depth: number
  inputsPerNode: number
}

const defaultLimits: GraphLimits = { bytes: 16 * 2 ** 20, nodes: 10_000, depth: 32, inputsPerNode: 1_000 }
const maxFaults = 50
const maxName = 200
const forbidden = new Set(['__proto__', 'constructor', 'prototype'])

/** What kind of document this is, by its shape alone. */
export function detectFormat(document: unknown): GraphFormat {
  if (!isRecord(document)) return 'unknown'
  if (Array.isArray(document.nodes) && (Array.isArray(document.links) || 'version' in document)) return 'ui'
  if (isRecord(document.prompt) && hasNode(document.prompt)) return 'prompt-wrapper'
  if (isRecord(document.output) && hasNode(document.output)) return 'output-wrapper'
  return hasNode(document) ? 'api' : 'unknown'
}

/** Text or a parsed document → a checked graph; throws `invalid` GRAPH_INVALID with faults. Copies. */
export function readGraph(document: unknown, limits: Partial<GraphLimits> = {}): ReadGraph {
  const allowed = { ...defaultLimits, ...limits }
  const parsed =
    typeof document === 'string' || document instanceof Uint8Array ? parse(document, allowed) : document
  checkShape(parsed, allowed)
  const format = detectFormat(parsed)
  if (format === 'ui') {
    throw invalid(
      'This is a workflow as the ComfyUI page saves it, not a graph in API format. ' +
        'Open it in ComfyUI and use “Export (API)”; converting it here is not possible yet.',
    )
  }
  if (format === 'unknown') {
    throw invalid('This is no ComfyUI graph: expected an object of nodes, each with class_type and inputs')
  }
  const outer = parsed as Record<string, unknown>
  const body = format === 'api' ? outer : outer[format === 'prompt-wrapper' ? 'prompt' : 'output']
  const graph = copyNodes(body as Record<string, unknown>, allowed)
  const workflow = format === 'api' ? undefined : (outer.workflow ?? pngWorkflow(outer))
  return { graph, format, workflow }
}

/** Where a body for `/prompt` carries the UI document. */
function pngWorkflow(outer: Record<string, unknown>): unknown {
  const extra = isRecord(outer.extra_data) ? outer.extra_data.extra_pnginfo : undefined
  return isRecord(extra) ? extra.workflow : undefined
}

function parse(document: string | Uint8Array, { bytes, depth }: GraphLimits): unknown {
  if (document.length > bytes) throw invalid(`The workflow is larger than ${bytes} bytes`)
  const text = (typeof document === 'string' ? document : Buffer.from(document).toString('utf8')).replace(
    /^\ufeff/,
    '',
  )
  if (depthOfText(text) > depth + 3) throw tooDeep(depth)
  try {
    return parseJson(text)
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
    throw invalid('The workflow is no valid JSON (NaN and comments are not allowed)')
  }
}

/** Before parsing, so that a document of brackets costs nothing. */
function depthOfText(text: string): number {
  let depth = 0
  let deepest = 0
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i)
    if (char === 0x22) {
      for (i++; i < text.length && text.charCodeAt(i) !== 0x22; i++) if (text.charCodeAt(i) === 0x5c) i++
    } else if (char === 0x7b || char === 0x5b) deepest = Math.max(deepest, ++depth)
    else if (char === 0x7d || char === 0x5d) depth--
  }
  return deepest
}

/** Walks without recursion. What comes through can be copied and written as JSON. */
function checkShape(document: unknown, { bytes, depth }: GraphLimits): void {
  const stack: { value: unknown; path: string; level: number }[] = [
    { value: document, path: 'workflow', level: 0 },
  ]
  let size = 0
  for (let item = stack.pop(); item; item = stack.pop()) {
    const { value, path, level } = item
    if (level > depth + 3) throw tooDeep(depth)
    if (typeof value === 'string') size += value.length
    if (typeof value === 'number' && !Number.isFinite(value))
      throw invalid('NaN and infinity are no values', path)
    if (value === undefined || typeof value === 'function' || typeof value === 'symbol') {
      throw invalid('This is no JSON value', path)
    }
    if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) {
        if (forbidden.has(key) && !Array.isArray(value))
          throw invalid('This name is not allowed', `${path}.${key}`)
        size += key.length + 1
        const name = key.length > maxName ? `${key.slice(0, maxName)}…` : key
        stack.push({ value: inner, path: `${path}.${name}`, level: level + 1 })
      }
    }
    if (size > bytes) throw invalid(`The workflow is larger than ${bytes} bytes`)
  }
}

function copyNodes(body: Record<string, unknown>, limits: GraphLimits): Graph {
  const ids = Object.keys(body)
  if (ids.length > limits.nodes) throw invalid(`The workflow has more than ${limits.nodes} nodes`)
  const faults: Fault[] = []
  const graph: Graph = {}
  for (const id of ids) {
    const node = copyNode(body[id], `workflow.${id.slice(0, maxName)}`, { faults, limits })
    if (node) graph[id] = node
    if (id.length > maxName)
      faults.push({ path: `workflow.${id.slice(0, maxName)}`, message: 'This id is too long' })
    if (faults.length >= maxFaults) break
  }
  if (faults.length === 0) faults.push(...linkFaults(graph))
  if (faults.length > 0) throw refused(faults)
  return graph
}

type Check = { faults: Fault[]; limits: GraphLimits }

function copyNode(node: unknown, path: string, { faults, limits }: Check): GraphNode | undefined {
  const fault = (message: string, at = path) => void faults.push({ path: at, message })
  if (!isRecord(node)) return fault('A node is an object with class_type and inputs')
  const { class_type: classType, inputs = {}, _meta: meta } = node
  if (typeof classType !== 'string' || classType === '' || classType.length > maxName) {
    return fault('The class_type is missing', `${path}.class_type`)
  }
  if (!isRecord(inputs)) return fault('The inputs are an object', `${path}.inputs`)
  if (Object.keys(inputs).length > limits.inputsPerNode)
    return fault('The node has too many inputs', `${path}.inputs`)
  const title = isRecord(meta) && typeof meta.title === 'string' ? meta.title : undefined
  const copied = structuredClone(inputs) as Record<string, GraphValue>
  return { class_type: classType, inputs: copied, ...(title === undefined ? {} : { _meta: { title } }) }
}

function linkFaults(graph: Graph): Fault[] {
  const faults: Fault[] = []
  for (const [id, node] of Object.entries(graph)) {
    for (const [name, value] of Object.entries(node.inputs)) {
      if (!Array.isArray(value) || faults.length >= maxFaults) continue
      const path = `workflow.${id}.inputs.${name}`
      if (!isLink(value)) faults.push({ path, message: 'A link is [node id as text, output number]' })
      else if (!Object.hasOwn(graph, value[0]))
        faults.push({ path, message: `There is no node ${value[0].slice(0, 50)}` })
    }
  }
  const cycle = faults.length === 0 ? findCycle(graph) : undefined
  if (cycle) {
    const way = cycle.slice(0, 20).join(' → ')
    faults.push({ path: `workflow.${cycle[0]}`, message: `The links go in a circle: ${way}` })
  }
  return faults
}

function hasNode(record: Record<string, unknown>): boolean {
  return Object.values(record).some((node) => isRecord(node) && 'class_type' in node)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const tooDeep = (depth: number) => invalid(`The workflow is nested deeper than ${depth} levels`)

function invalid(message: string, path = 'workflow'): AppError {
  return new AppError('invalid', message, { reason: 'GRAPH_INVALID', faults: [{ path, message }] })
}

function refused(faults: Fault[]): AppError {
  const { path, message } = faults[0]!
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : ''
  return new AppError('invalid', `${path}: ${message}${more}`, { reason: 'GRAPH_INVALID', faults })
}
