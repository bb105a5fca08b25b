import type { Fault } from '@easel/protocol'
import { filesOfNode } from './graph-needs.ts'
import { findCycle, upstreamOf } from './graph-order.ts'
import { unwrapped, type Graph, type GraphNode, type GraphValue } from './graph.ts'
import { inputSpecsOf, isFileChoice, sameChoice, typesMatch, type InputSpec } from './input-spec.ts'
import { nodeInfoOf, type ObjectInfo } from './object-info.ts'

export type GraphCheck = {
  /** What ComfyUI would refuse, or would fail on for certain. */
  faults: Fault[]
  /** What ComfyUI ignores, but the author hardly meant. */
  warnings: Fault[]
  /** Classes the server does not have. */
  missingClasses: string[]
  /** Files of models that are named where this server does not list them, each once. */
  absentModels: string[]
  /** Output nodes without a fault in what they are made from: with faults elsewhere, ComfyUI still runs these. */
  runnableOutputs: string[]
}

export type ValidateOptions = {
  /** A file of a model that the server does not list is no fault: it may come. */
  allowAbsentModels?: boolean
}

/** Checks as ComfyUI does before it queues, without asking it. Paths look like `workflow.3.inputs.seed`. */
export function validateGraph(
  graph: Graph,
  objectInfo: ObjectInfo,
  { allowAbsentModels = false }: ValidateOptions = {},
): GraphCheck {
  const outputs = Object.keys(graph).filter(
    (id) => nodeInfoOf(objectInfo, graph[id]!.class_type)?.output_node,
  )
  const missing = Object.entries(graph).filter(([, node]) => !nodeInfoOf(objectInfo, node.class_type))
  const faults: Fault[] = missing.map(([id, node]) => ({
    path: `workflow.${id}.class_type`,
    message: `This ComfyUI has no node class ${node.class_type}`,
  }))
  const warnings: Fault[] = []
  const cycle = findCycle(graph)
  if (cycle)
    faults.push({ path: `workflow.${cycle[0]}`, message: `The links go in a circle: ${cycle.join(' → ')}` })
  else if (outputs.length === 0 && missing.length === 0) {
    faults.push({
      path: 'workflow',
      message: 'No node gives an output; add one that saves or shows something',
    })
  }

  const upstream = new Map(outputs.map((id) => [id, upstreamOf(graph, id)]))
  const used = new Set([...upstream.values()].flatMap((ids) => [...ids]))
  const broken = new Set(missing.map(([id]) => id))
  const absent = new Set<string>()
  for (const [id, node] of Object.entries(graph)) {
    const found = nodeFaults({ graph, objectInfo, id, node })
    warnings.push(...found.warnings)
    // Nodes that lead to no output are never looked at.
    if (!used.has(id)) {
      warnings.push(...found.faults, ...found.absent.map(({ fault }) => fault))
      continue
    }
    for (const { names } of found.absent) for (const name of names) absent.add(name)
    const own = allowAbsentModels
      ? found.faults
      : [...found.faults, ...found.absent.map(({ fault }) => fault)]
    if (own.length > 0) {
      faults.push(...own)
      broken.add(id)
    }
  }
  const whole = missing.length === 0 && !cycle
  const isRunnable = (output: string) =>
    !upstream
      .get(output)!
      .values()
      .some((id) => broken.has(id))
  return {
    faults,
    warnings,
    missingClasses: [...new Set(missing.map(([, node]) => node.class_type))],
    absentModels: [...absent],
    runnableOutputs: whole ? outputs.filter(isRunnable) : [],
  }
}

type NodeContext = { graph: Graph; objectInfo: ObjectInfo; id: string; node: GraphNode }

/** A file that is named but not listed, with the fault that this is where it must be listed. */
type AbsentModel = { names: string[]; fault: Fault }

function nodeFaults(context: NodeContext): { faults: Fault[]; warnings: Fault[]; absent: AbsentModel[] } {
  const { objectInfo, id, node } = context
  const info = nodeInfoOf(objectInfo, node.class_type)
  if (!info) return { faults: [], warnings: [], absent: [] }
  const specs = inputSpecsOf(info, node.inputs)
  const names = new Set(specs.map((spec) => spec.name))
  const path = (name: string) => `workflow.${id}.inputs.${name}`
  const found = specs.flatMap((spec) => {
    const message = inputFault(spec, context)
    return message === undefined ? [] : [{ spec, fault: { path: path(spec.name), message } }]
  })
  const absent = found.flatMap(({ spec, fault }) => {
    const names = spec.kind === 'COMBO' ? modelsAt(node, spec.name) : []
    return names.length > 0 ? [{ names, fault }] : []
  })
  const faults = found.flatMap(({ fault }) => (absent.some((model) => model.fault === fault) ? [] : [fault]))
  // ComfyUI does not miss an option that was not chosen, though the node may when it runs.
  const unchosen = specs
    .filter(
      ({ kind, name, required }) => kind === 'DYNAMIC_COMBO' && required && !Object.hasOwn(node.inputs, name),
    )
    .map(({ name }) => ({ path: path(name), message: 'Nothing is chosen here; the node may fail' }))
  const unknown = Object.keys(node.inputs)
    .filter((name) => !names.has(name))
    .map((name) => ({
      path: path(name),
      message: `${node.class_type} has no input ${name}; ComfyUI ignores it`,
    }))
  return { faults, warnings: [...unchosen, ...unknown], absent }
}

/** Names of model files that are the value of this input. */
function modelsAt({ class_type: classType, inputs }: GraphNode, input: string): string[] {
  const value = inputs[input]
  if (typeof value !== 'string') return []
  return filesOfNode({ class_type: classType, inputs: { [input]: value } }).map(({ name }) => name)
}

function inputFault(spec: InputSpec, context: NodeContext): string | undefined {
  const { inputs } = context.node
  if (!Object.hasOwn(inputs, spec.name))
    return spec.required && spec.kind !== 'DYNAMIC_COMBO' ? 'This input is required' : undefined
  const value = inputs[spec.name]!
  if (Array.isArray(value)) return linkFault(value, spec, context)
  return valueFault(unwrapped(value), spec)
}

function linkFault(
  link: GraphValue[],
  spec: InputSpec,
  { graph, objectInfo }: NodeContext,
): string | undefined {
  const [origin, slot] = link
  if (link.length !== 2 || typeof origin !== 'string') return 'A link is [node id as text, output number]'
  if (!Object.hasOwn(graph, origin)) return `There is no node ${origin}`
  const outputs = nodeInfoOf(objectInfo, graph[origin]!.class_type)?.output
  if (!outputs) return undefined
  if (typeof slot !== 'number' || !Number.isInteger(slot) || slot < 0 || slot >= outputs.length) {
    return `Node ${origin} has no output ${shown(slot!)}`
  }
  const given = outputs[slot]
  return typesMatch(given, spec.linkType)
    ? undefined
    : `Wants ${spec.linkType}, node ${origin} gives ${String(given)}`
}

function valueFault(value: GraphValue, spec: InputSpec): string | undefined {
  switch (spec.kind) {
    case 'INT':
      return numberFault(asInteger(value), spec, 'Wants a whole number')
    case 'FLOAT':
      return numberFault(asFloat(value), spec, 'Wants a number')
    case 'COMBO':
    case 'DYNAMIC_COMBO':
      return choiceFault(value, spec)
    case 'STRING':
    case 'BOOLEAN':
    case 'COLOR':
    case 'socket':
      return undefined // Python makes a text or a truth value of anything
  }
}

function numberFault(
  number: number | bigint | undefined,
  { options }: InputSpec,
  wants: string,
): string | undefined {
  if (number === undefined) return wants
  const { min, max } = options
  if (isNumber(min) && number < min) return `Must be ${min} or more`
  if (isNumber(max) && number > max) return `Must be ${max} or less`
  return undefined
}

function choiceFault(value: GraphValue, { kind, choices = [], options }: InputSpec): string | undefined {
  // The list of files in the input folder is older than the file that was just uploaded.
  if (kind === 'COMBO' && isFileChoice(options)) return undefined
  const values = Array.isArray(value) && options.multiselect ? value : [value]
  const wrong = values.find((item) => !choices.some((choice) => sameChoice(choice, item)))
  if (wrong === undefined) return undefined
  if (choices.length === 0) return 'This ComfyUI has no file to choose from'
  const list = choices.length <= 20 ? `: ${choices.join(', ')}` : ` (${choices.length} choices)`
  return `${shown(wrong)} is none of the choices${list}`
}

/** As Python's `int()`: fractions are cut off, texts must be whole numbers. */
function asInteger(value: GraphValue): number | bigint | undefined {
  if (typeof value === 'bigint') return value
  if (typeof value === 'boolean') return Number(value)
  if (typeof value === 'number') return Number.isFinite(value) ? Math.trunc(value) : undefined
  return typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value)
    ? BigInt(value.trim().replace(/^\+/, ''))
    : undefined
}

function asFloat(value: GraphValue): number | bigint | undefined {
  if (typeof value === 'bigint') return value
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof number === 'boolean') return Number(number)
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}

const isNumber = (value: unknown): value is number | bigint =>
  typeof value === 'number' || typeof value === 'bigint'

function shown(value: GraphValue): string {
  return typeof value === 'object' ? 'An object' : `“${String(value).slice(0, 120)}”`
}
