import type { Fault } from '@easel/protocol'

export type OutputKind = 'image' | 'animation' | 'video' | 'audio' | 'text' | 'latent' | 'model3d' | 'other'

/** Where a file lies in a ComfyUI: what `/view` wants. */
export type ComfyFileRef = {
  filename: string
  /** Folder below the folder of the type; empty for none. */
  subfolder: string
  type: 'output' | 'input' | 'temp'
}

export type ComfyOutput = {
  nodeId: string
  /** The key the node used (`images`, `gifs`, `text`, …); decides nothing about the kind. */
  key: string
  /** Place in the list under that key. */
  index: number
  kind: OutputKind
  file?: ComfyFileRef & { mime: string }
  text?: string
  /** Bytes that came over the socket (SaveImageWebsocket) and lie nowhere as a file. */
  data?: { mime: string; bytes: Uint8Array }
  /** A preview: in ComfyUI's temp folder, gone at its next start. */
  temporary: boolean
  /** As the server said it. */
  raw: unknown
}

export type ComfyErrorKind =
  'validation' | 'execution' | 'out-of-memory' | 'lost' | 'unreachable' | 'protocol'

export type ComfyError = {
  kind: ComfyErrorKind
  message: string
  nodeId?: string
  classType?: string
  /** Python class of what was raised (`RuntimeError`). */
  exceptionType?: string
  traceback?: readonly string[]
  /** Of a validation: one per wrong input, with paths like `workflow.3.inputs.seed`. */
  faults?: readonly Fault[]
}

export type NodeTiming = {
  nodeId: string
  classType: string
  /** Milliseconds since the start of the execution, by this machine's clock. */
  startedAtMs: number
  endedAtMs: number
  cached: boolean
}

export type RunStatus = 'succeeded' | 'failed' | 'interrupted' | 'lost'

export type RunResult = {
  promptId: string
  status: RunStatus
  outputs: readonly ComfyOutput[]
  /** Output nodes that ComfyUI refused while it ran the others (200 with `node_errors`). */
  droppedOutputs: readonly string[]
  /** Why they were refused. */
  nodeErrors: readonly Fault[]
  error?: ComfyError
  /** Empty when the run was found finished and no event of it was seen. */
  nodeTimings: readonly NodeTiming[]
  /** From start to end of the execution by ComfyUI's clock; undefined when it never started. */
  executionMs?: number
  /** What a person should know of a run that went in an unusual way; plain sentences. */
  comments: readonly string[]
}

/** What happens to one prompt. `ended` comes exactly once and last. */
export type ComfyEvent =
  | { type: 'queued'; promptId: string; number?: number }
  | { type: 'started' }
  | { type: 'cached'; nodeIds: readonly string[] }
  | { type: 'node-started'; nodeId: string; classType: string }
  /** `overall` is 0…1 over the whole graph and never goes back. */
  | { type: 'node-finished'; nodeId: string; classType: string; durationMs: number; overall: number }
  | { type: 'progress'; nodeId: string; value: number; max: number; overall: number }
  | { type: 'preview'; nodeId?: string; mime: string; bytes: Uint8Array }
  | { type: 'output'; nodeId: string; outputs: readonly ComfyOutput[] }
  | { type: 'ended'; result: RunResult }
