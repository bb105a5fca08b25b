import { AppError } from '@easel/protocol'
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
