import { AppError, type Fault } from '@easel/protocol'
import type { ComfyError } from './run-result.ts'

/** The error of a run as the rest of the system speaks it. */
export function toAppError(error: ComfyError): AppError {
  const details = {
    kind: error.kind,
    nodeId: error.nodeId,
    classType: error.classType,
    exceptionType: error.exceptionType,
  }
  switch (error.kind) {
    case 'validation':
      return new AppError('invalid', error.message, {
        reason: 'GRAPH_INVALID',
        faults: error.faults,
        details,
      })
    case 'execution':
      return new AppError('invalid', error.message, { reason: 'NODE_FAILED', details })
    case 'out-of-memory':
      return new AppError('exhausted', error.message, { reason: 'OUT_OF_MEMORY', details })
    case 'lost':
      return new AppError('unavailable', error.message, { reason: 'PROMPT_LOST', details })
    case 'unreachable':
      return new AppError('unavailable', error.message, { reason: 'COMFYUI_UNREACHABLE', details })
    case 'protocol':
      return new AppError('internal', error.message, { reason: 'COMFYUI_PROTOCOL', details })
  }
}

export type NodeErrors = { faults: Fault[]; droppedOutputs: string[] }

/** `node_errors` of a `/prompt` answer. ComfyUI puts the outputs that will not run under `dependent_outputs`. */
export function readNodeErrors(nodeErrors: unknown): NodeErrors {
  const faults: Fault[] = []
  const dropped = new Set<string>()
  for (const [nodeId, entry] of entriesOf(nodeErrors)) {
    const { errors, dependent_outputs: outputs } = recordOf(entry)
    for (const output of Array.isArray(outputs) ? outputs : []) dropped.add(String(output))
    for (const error of Array.isArray(errors) ? errors : []) faults.push(faultOf(nodeId, recordOf(error)))
  }
  return { faults, droppedOutputs: [...dropped] }
}

/** The whole 400 answer of `/prompt`: one sentence and a fault for each wrong input. */
export function graphRefused(answer: unknown): AppError {
  const { error, node_errors: nodeErrors } = recordOf(answer)
  const top = recordOf(error)
  const { faults } = readNodeErrors(nodeErrors)
  const { nodeId, classType } = namedNode(top)
  const details = { type: textOf(top.type), classType }
  if (faults.length === 0) {
    const path = nodeId === undefined ? 'workflow' : `workflow.${nodeId}.class_type`
    faults.push({
      path,
      message: classType === undefined ? sentence(top) : `Unknown node class ${classType}`,
    })
  }
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : ''
  const message = `ComfyUI refused the workflow: ${faults[0]!.message}${more}`
  return new AppError('invalid', message, { reason: 'GRAPH_INVALID', faults, details })
}

/** Newer servers name the node in `extra_info`, older ones only in their sentences. */
function namedNode(error: Record<string, unknown>): { nodeId?: string; classType?: string } {
  const { node_id: id, class_type: name } = recordOf(error.extra_info)
  const nodeId = typeof id === 'string' ? id : /^Node ID '#(.+)'$/.exec(textOf(error.details))?.[1]
  const said = /node (\S+) does not exist/.exec(textOf(error.message))?.[1]
  return { nodeId, classType: typeof name === 'string' ? name : said }
}

/** An `execution_error` message. Running out of memory is told apart: it may be tried again elsewhere. */
export function executionError(data: Record<string, unknown>): ComfyError {
  const message = textOf(data.exception_message).trim() || 'The node failed without a message'
  const exceptionType = textOf(data.exception_type)
  const traceback = Array.isArray(data.traceback) ? data.traceback.slice(0, 200).map(String) : []
  return {
    kind: isOutOfMemory(exceptionType, message) ? 'out-of-memory' : 'execution',
    message,
    nodeId: textOf(data.node_id) || undefined,
    classType: textOf(data.node_type) || undefined,
    exceptionType: exceptionType || undefined,
    traceback,
  }
}

/** Torch says it with a class; allocators of CPU, ROCm and MPS only with words. */
function isOutOfMemory(exceptionType: string, message: string): boolean {
  if (/OutOfMemory|OOM|MemoryError/.test(exceptionType)) return true
  return /out of memory|can't allocate memory|Allocation on device|not enough memory/i.test(message)
}

function faultOf(nodeId: string, error: Record<string, unknown>): Fault {
  const info = recordOf(error.extra_info)
  const input = typeof info.input_name === 'string' ? `.inputs.${info.input_name}` : ''
  return { path: `workflow.${nodeId}${input}`, message: sentence(error) }
}

function sentence(error: Record<string, unknown>): string {
  const message = textOf(error.message) || textOf(error.type) || 'Refused without a reason'
  const details = textOf(error.details)
  return details && !message.includes(details) ? `${message}: ${details}` : message
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : '')
const entriesOf = (value: unknown) => Object.entries(recordOf(value))

export function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
