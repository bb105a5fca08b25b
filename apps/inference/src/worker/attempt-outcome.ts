import type { AttemptEnded, JobError, JobOutput, NodeError } from '@easel/contracts'
import type { ComfyError, RunResult } from '@easel/comfyui'

/** What an attempt came to, apart from what it made. */
export type Outcome = Pick<AttemptEnded, 'result' | 'retryable'> & {
  error?: JobError
  warnings: NodeError[]
}

/** Why a run is stopped from our side. `dropped`: the ledger gave it up, so nobody waits for a word. */
export type StopReason = 'canceled' | 'dropped' | 'timed-out' | 'handed-back'

// One message on the bus holds a megabyte.
const maxFaults = 200
const maxMessage = 4_000
const maxTraceback = 100
const maxLine = 400

export function outcomeOf(result: RunResult, outputs: readonly JobOutput[]): Outcome {
  const warnings = warningsOf(result)
  if (result.status === 'succeeded') {
    if (outputs.length > 0) return { result: 'succeeded', retryable: false, warnings }
    const message = ['The workflow ran but gave nothing', ...result.comments].join('. ')
    return failed({ code: 'NO_OUTPUT', message }, { warnings })
  }
  if (result.status === 'interrupted') {
    const message = 'Somebody interrupted it at the ComfyUI'
    return failed({ code: 'INTERRUPTED', message }, { warnings })
  }
  const error = result.error ?? { kind: 'lost', message: 'ComfyUI gave no reason' }
  return { ...outcomeOfError(error), warnings }
}

export function outcomeOfStop(reason: StopReason): Outcome {
  switch (reason) {
    case 'canceled':
    case 'dropped':
      return { result: 'canceled', retryable: false, warnings: [] }
    case 'timed-out':
      return failed({ code: 'TIMEOUT', message: 'It took longer than it may, and was stopped' })
    case 'handed-back':
      return handedBack('The worker gave it back before it was done')
  }
}

/** Nothing has died: it counts neither against the job nor against the worker. */
export function handedBack(message: string): Outcome {
  return { result: 'lost', retryable: true, error: { code: 'HANDED_BACK', message }, warnings: [] }
}

/** ComfyUI died with it, or as good as. */
export function lost(message: string): Outcome {
  return { result: 'lost', retryable: true, error: { code: 'COMFYUI_LOST', message }, warnings: [] }
}

export function failed(
  { code, message }: JobError,
  { retryable = false, warnings = [] }: Partial<Pick<Outcome, 'retryable' | 'warnings'>> = {},
): Outcome {
  return { result: 'failed', retryable, error: { code, message: message.slice(0, maxMessage) }, warnings }
}

function outcomeOfError(error: ComfyError): Omit<Outcome, 'warnings'> {
  const about = describe(error)
  switch (error.kind) {
    case 'validation':
      return { result: 'failed', retryable: false, error: { ...about, code: 'GRAPH_INVALID' } }
    case 'execution':
      return { result: 'failed', retryable: false, error: { ...about, code: 'NODE_FAILED' } }
    case 'out-of-memory':
      return { result: 'failed', retryable: true, error: { ...about, code: 'OUT_OF_MEMORY' } }
    case 'lost':
    case 'unreachable':
      return { result: 'lost', retryable: true, error: { ...about, code: 'COMFYUI_LOST' } }
    case 'protocol':
      return { result: 'failed', retryable: true, error: { ...about, code: 'COMFYUI_PROTOCOL' } }
  }
}

function describe(error: ComfyError): Omit<JobError, 'code'> {
  const message = error.exceptionType ? `${error.exceptionType}: ${error.message}` : error.message
  return {
    message: message.slice(0, maxMessage),
    ...(error.nodeId !== undefined && { node: error.nodeId }),
    ...(error.classType !== undefined && { nodeClass: error.classType }),
    ...(error.faults && { nodeErrors: faultsOf(error.faults) }),
    ...(error.traceback && {
      traceback: error.traceback.slice(-maxTraceback).map((line) => line.slice(0, maxLine)),
    }),
  }
}

/** Each output that ComfyUI left out, and what was wrong with it. */
function warningsOf({ droppedOutputs, nodeErrors }: RunResult): NodeError[] {
  const why = nodeErrors.map(({ message }) => message).join('; ')
  const dropped = droppedOutputs.map((nodeId) => ({
    path: `workflow.${nodeId}`,
    message: `ComfyUI left this output out: ${why || 'it gave no reason'}`,
  }))
  return faultsOf([...dropped, ...nodeErrors])
}

function faultsOf(faults: readonly NodeError[]): NodeError[] {
  return faults
    .slice(0, maxFaults)
    .map(({ path, message }) => ({ path: path.slice(0, maxLine), message: message.slice(0, maxLine) }))
}
