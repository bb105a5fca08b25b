import {
  applyOverrides,
  classesOf,
  detectFormat,
  fillDefaults,
  modelFilesOf,
  readGraph,
  validateGraph,
} from '@easel/comfyui'
import { AppError } from '@easel/protocol'
import type { Graph, GraphLimits, GraphValue, ObjectInfo, ValidateOptions } from '@easel/comfyui'
import type { Fault } from '@easel/protocol'
import { assetInputsOf, checkAssetNames } from './asset-inputs.ts'
import type { AssetInput } from './asset-inputs.ts'
import { fileFaults } from './file-faults.ts'
import { textFaults } from './text-faults.ts'

export type GraphRequest = {
  document: unknown
  overrides?: Record<string, unknown>
  /** `nodeId.input` → `asset:<id>`. */
  inputs?: Record<string, string>
}

export type CheckedGraph = {
  graph: Graph
  classes: string[]
  assets: AssetInput[]
  /** Files of models that it names and none of the asked lists; with nobody to ask, all that it names. */
  absentModels: string[]
  /** The UI document that came along in a wrapper. */
  workflow?: unknown
}

/** A message on the bus holds 1 MiB, and the graph goes through it with what else there is to say of a job. */
export const graphLimits: Partial<GraphLimits> = { bytes: 384 * 1024, nodes: 5_000 }

/**
 * From what was sent to what will run, or `invalid` with every fault. `infos` are the different node definitions
 * of the workers that may run it: one of them has to accept it. Without any, only the structure is checked.
 */
export function checkGraph(
  request: GraphRequest,
  infos: readonly ObjectInfo[],
  { allowAbsentModels = false }: ValidateOptions = {},
): CheckedGraph {
  refuseOtherFormats(request.document)
  const { graph, workflow } = readGraph(request.document, graphLimits)
  const tries = (infos.length > 0 ? infos : [undefined]).map((info) =>
    tryWith(graph, { ...request, allowAbsentModels }, info),
  )
  const best = tries.reduce((a, b) => (isBetter(b, a) ? b : a))
  if (best.faults.length > 0) throw refusalOf(best)
  return {
    graph: best.graph,
    classes: classesOf(best.graph),
    assets: assetInputsOf(best.graph),
    absentModels: infos.length > 0 ? best.absent : namedIn(best.graph),
    ...(workflow !== undefined && { workflow }),
  }
}

type Try = { graph: Graph; faults: Fault[]; absent: string[] }

const isBetter = (a: Try, b: Try): boolean =>
  a.faults.length < b.faults.length ||
  (a.faults.length === b.faults.length && a.absent.length < b.absent.length)

function namedIn(graph: Graph): string[] {
  const { models, loras } = modelFilesOf(graph)
  return [...models, ...loras]
}

/** Where only files are missing, it is said how to come by them. */
function refusalOf({ faults, absent }: Try): AppError {
  const error = refusal(faults)
  if (absent.length === 0) return error
  const names = `${absent.slice(0, 5).join(', ')}${absent.length > 5 ? ` and ${absent.length - 5} more` : ''}`
  const hint = `No worker has ${names}. With missingModels: "fetch" the job waits while they are fetched.`
  return new AppError('invalid', `${error.message}. ${hint}`, {
    ...error.extra,
    details: { ...error.extra.details, missingModels: absent },
  })
}

function tryWith(
  read: Graph,
  { overrides = {}, inputs = {}, allowAbsentModels }: GraphRequest & ValidateOptions,
  info?: ObjectInfo,
): Try {
  const faults = [...checkAssetNames(inputs), ...textFaults(overrides, 'overrides')]
  let graph = read
  try {
    graph = applyOverrides(graph, { ...overrides, ...inputs } as Record<string, GraphValue>, info)
  } catch (cause) {
    faults.push(...faultsOf(cause).map((fault) => renamed(fault, inputs)))
  }
  faults.push(...textFaults(graph, 'workflow'), ...fileFaults(graph, info))
  if (!info) return { graph, faults, absent: [] }
  graph = fillDefaults(graph, info)
  const check = validateGraph(graph, info, { allowAbsentModels: allowAbsentModels === true })
  // With some outputs whole, ComfyUI runs these and drops the others; the job tells which.
  if (check.runnableOutputs.length === 0) faults.push(...check.faults)
  return { graph, faults, absent: check.absentModels }
}

/** A fault of a file's place is told under `inputs`, where the caller wrote it. */
function renamed(fault: Fault, inputs: Record<string, string>): Fault {
  const key = fault.path.slice('overrides.'.length)
  return Object.hasOwn(inputs, key) ? { ...fault, path: `inputs.${key}` } : fault
}

export function refuseOtherFormats(document: unknown): void {
  if (detectFormat(document) !== 'ui') return
  const message =
    'This is a workflow as the ComfyUI page saves it, not a graph in API format. ' +
    'Open it in ComfyUI and use “Export (API)”.'
  throw new AppError('invalid', message, { reason: 'UI_FORMAT', faults: [{ path: 'workflow', message }] })
}

function faultsOf(cause: unknown): readonly Fault[] {
  if (cause instanceof AppError && cause.code === 'invalid' && cause.extra.faults) return cause.extra.faults
  throw cause
}

export function refusal(faults: readonly Fault[]): AppError {
  const [first] = faults
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : ''
  const ofOverrides = faults.every(({ path }) => path.startsWith('overrides.'))
  return new AppError('invalid', `${first?.path}: ${first?.message}${more}`, {
    reason: ofOverrides ? 'OVERRIDE_INVALID' : 'GRAPH_INVALID',
    faults,
  })
}
