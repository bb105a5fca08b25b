import type { Fault } from '@easel/protocol'
import type { Graph } from '../graph/graph.ts'

export type SystemStats = {
  system: {
    os: string
    ram_total: number
    ram_free: number
    comfyui_version: string
    python_version: string
    pytorch_version: string
    argv: string[]
    [key: string]: unknown
  }
  devices: {
    name: string
    /** `cuda`, `mps`, `cpu`, … */
    type: string
    index: number | null
    vram_total: number
    vram_free: number
    torch_vram_total: number
    torch_vram_free: number
  }[]
}

export type QueueItem = {
  number: number
  promptId: string
  graph: Graph
  extraData: Record<string, unknown>
  outputsToExecute: string[]
}

/** Both lists in the order in which ComfyUI will take them. */
export type Queue = { running: QueueItem[]; pending: QueueItem[] }

export type HistoryEntry = {
  promptId: string
  graph: Graph
  outputs: Record<string, Record<string, unknown> | null>
  status: {
    status_str: 'success' | 'error'
    completed: boolean
    messages: [string, Record<string, unknown>][]
  } | null
}

export type ServerJob = {
  id: string
  status: 'pending' | 'in_progress' | 'completed' | 'failed' | 'cancelled'
  create_time?: number
  execution_start_time?: number
  execution_end_time?: number
  outputs_count?: number
  outputs?: Record<string, Record<string, unknown> | null>
  [key: string]: unknown
}

export type Submitted = {
  promptId: string
  /** Place in the order; negative for `front`. */
  number: number
  /** Of the outputs that were dropped; empty when all are run. */
  nodeErrors: Fault[]
  droppedOutputs: string[]
}

export type UploadedFile = {
  /** What ComfyUI called it: another name than asked for when that was taken by other bytes. */
  name: string
  subfolder: string
  type: 'input' | 'output' | 'temp'
  /** `subfolder/name`: what a LoadImage input wants. */
  inputName: string
}
