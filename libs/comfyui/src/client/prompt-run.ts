import type { Fault } from '@easel/protocol'
import type { Graph } from '../graph/graph.ts'
import { executionError, recordOf } from './comfy-errors.ts'
import type { ImageFrame, TextFrame } from './frames.ts'
import { NodeProgress } from './node-progress.ts'
import { outputsOfNode } from './outputs.ts'
import type { ComfyError, ComfyEvent, ComfyOutput, RunResult, RunStatus } from './run-result.ts'
import type { HistoryEntry } from './server-answers.ts'

export type PromptRunOptions = {
  promptId: string
  graph: Graph
  onEvent: (event: ComfyEvent) => void
  /** Milliseconds; any steady clock. */
  now: () => number
}

/**
 * What is known of one prompt, from socket messages and from its history entry. Moves: `queued` →
 * (execution_start, or any sign of life) → `started` → (executing null, or a look-up) → `over`: told what
 * became of it, it gives the result, once. Messages are hints, the history entry is the truth; hints fill in
 * only what history does not keep (timings, cached nodes, images sent over the socket).
 */
export class PromptRun {
  readonly promptId: string
  readonly #options: PromptRunOptions
  readonly #nodes: NodeProgress
  readonly #comments: string[] = []
  readonly #outputs = new Map<string, ComfyOutput[]>()
  readonly #socketImages: ComfyOutput[] = []
  #droppedOutputs: readonly string[] = []
  #nodeErrors: readonly Fault[] = []
  #startedAt: number | undefined
  #serverStart: number | undefined
  #serverEnd: number | undefined
  #said: { status: RunStatus; error?: ComfyError } | undefined
  #blocked: ComfyError | undefined
  #result: RunResult | undefined
  /** When a message of this prompt came last. */
  lastSignAt: number
  /** The server says it is over: time to read the history. */
  finishHinted = false
  /** One socket has been open since before the prompt was sent: no message of it was missed. */
  heardAll = false

  constructor(options: PromptRunOptions) {
    this.promptId = options.promptId
    this.#options = options
    this.lastSignAt = options.now()
    this.#nodes = new NodeProgress(options.graph, (event) => this.#emit(event))
  }

  get started(): boolean {
    return this.#startedAt !== undefined
  }

  get result(): RunResult | undefined {
    return this.#result
  }

  comment(text: string): void {
    if (!this.#comments.includes(text)) this.#comments.push(text)
  }

  queued(answer: {
    number?: number
    droppedOutputs?: readonly string[]
    nodeErrors?: readonly Fault[]
  }): void {
    this.#droppedOutputs = answer.droppedOutputs ?? []
    this.#nodeErrors = answer.nodeErrors ?? []
    if (this.#droppedOutputs.length > 0) {
      this.comment(`ComfyUI refused the outputs ${this.#droppedOutputs.join(', ')} and ran the others`)
    }
    this.#emit({ type: 'queued', promptId: this.promptId, number: answer.number })
  }

  /** A look-up found it running; the message that said so was missed, or is on its way. */
  sawRunning(): void {
    this.#start()
  }

  text({ type, data }: TextFrame): void {
    if (this.#result) return
    this.lastSignAt = this.#options.now()
    switch (type) {
      case 'execution_start':
        this.#serverStart = timeOf(data)
        return this.#start()
      case 'execution_cached':
        return this.#cached(data.nodes)
      case 'progress_state':
        this.#start()
        return this.#nodes.state(recordOf(data.nodes), this.#elapsed())
      case 'executing':
        return this.#executing(data)
      case 'progress':
        if (typeof data.value !== 'number' || typeof data.max !== 'number') return
        return this.#nodes.progress(nodeOf(data) ?? this.#nodes.current ?? '', data.value, data.max)
      case 'executed':
        return this.#executed(nodeOf(data) ?? '', data.output)
      case 'execution_success':
        this.#serverEnd = timeOf(data)
        this.#blocked = this.#said?.error // an ExecutionBlocker that speaks: an error, and success after it
        this.#said = { status: 'succeeded' }
        return
      case 'execution_error':
        this.#serverEnd = timeOf(data)
        this.#said = { status: 'failed', error: executionError(data) }
        return
      case 'execution_interrupted':
        this.#serverEnd = timeOf(data)
        this.#said = { status: 'interrupted' }
        return
    }
  }

  image(frame: ImageFrame): void {
    if (this.#result) return
    this.lastSignAt = this.#options.now()
    const nodeId = frame.nodeId ?? this.#nodes.current
    const { mime, bytes } = frame
    if (nodeId !== undefined && /websocket/i.test(this.#nodes.classOf(nodeId))) {
      const index = this.#socketImages.filter((image) => image.nodeId === nodeId).length
      const output: ComfyOutput = {
        nodeId,
        key: 'websocket',
        index,
        kind: 'image',
        data: { mime, bytes },
        temporary: false,
        raw: null,
      }
      this.#socketImages.push(output)
      return this.#emit({ type: 'output', nodeId, outputs: [output] })
    }
    this.#emit({ type: 'preview', nodeId, mime, bytes })
  }

  /** The truth has been read. */
  finishFrom(entry: HistoryEntry): RunResult {
    for (const [nodeId, output] of Object.entries(entry.outputs))
      this.#outputs.set(nodeId, outputsOfNode(nodeId, output))
    const { status, error } = this.#statusOf(entry)
    return this.#finish(status, error)
  }

  /** Over without a history entry: lost, taken out of the queue, never accepted. */
  finish(status: RunStatus, error?: ComfyError): RunResult {
    return this.#finish(status, error)
  }

  /** When no message was missed and it went well, the history could tell nothing more. */
  finishFromSuccess(): RunResult | undefined {
    const whole = this.heardAll && this.#serverStart !== undefined && this.#said?.status === 'succeeded'
    return whole ? this.finishFromMessages() : undefined
  }

  /** Over by what the messages said, when history does not know it (it was deleted meanwhile). */
  finishFromMessages(): RunResult | undefined {
    return this.#said && this.#finish(this.#said.status, this.#said.error)
  }

  #statusOf(entry: HistoryEntry): { status: RunStatus; error?: ComfyError } {
    let found: { status: RunStatus; error?: ComfyError } | undefined
    for (const [event, data] of entry.status?.messages ?? []) {
      if (event === 'execution_start') this.#serverStart ??= timeOf(data)
      if (event === 'execution_success') found = { status: 'succeeded' }
      if (event === 'execution_interrupted') found = { status: 'interrupted' }
      if (event === 'execution_error') found = { status: 'failed', error: executionError(data) }
      if (found) this.#serverEnd = timeOf(data) ?? this.#serverEnd
    }
    if (found) return found
    if (this.#said) return this.#said
    if (entry.status?.status_str === 'error') {
      return {
        status: 'failed',
        error: { kind: 'execution', message: 'The run failed; ComfyUI kept no reason' },
      }
    }
    return { status: 'succeeded' }
  }

  #finish(status: RunStatus, error: ComfyError | undefined): RunResult {
    if (this.#result) return this.#result
    this.#nodes.end(this.#elapsed())
    if (status === 'succeeded' && this.#blocked) {
      this.comment(`Node ${this.#blocked.nodeId ?? ''} was blocked: ${this.#blocked.message}`)
    }
    const { promptId } = this
    const started = this.#serverStart !== undefined && this.#serverEnd !== undefined
    this.#result = {
      promptId,
      status,
      outputs: [...[...this.#outputs.values()].flat(), ...this.#socketImages],
      droppedOutputs: this.#droppedOutputs,
      nodeErrors: this.#nodeErrors,
      error,
      nodeTimings: this.#nodes.timings,
      executionMs: started ? this.#serverEnd! - this.#serverStart! : undefined,
      comments: this.#comments,
    }
    this.#emit({ type: 'ended', result: this.#result })
    return this.#result
  }

  #cached(nodes: unknown): void {
    this.#start()
    const nodeIds = Array.isArray(nodes) ? nodes.map(String) : []
    this.#nodes.cached(nodeIds, this.#elapsed())
    if (nodeIds.length > 0) this.#emit({ type: 'cached', nodeIds })
  }

  #executing(data: Record<string, unknown>): void {
    const nodeId = nodeOf(data)
    if (nodeId === undefined) {
      this.finishHinted = true
      return
    }
    this.#start()
    this.#nodes.executing(nodeId, data.display_node, this.#elapsed())
  }

  #executed(nodeId: string, output: unknown): void {
    this.#start()
    if (output === null || output === undefined) return // a cached node may have nothing to say
    const outputs = outputsOfNode(nodeId, output)
    this.#outputs.set(nodeId, outputs)
    this.#emit({ type: 'output', nodeId, outputs })
  }

  #start(): void {
    if (this.#startedAt !== undefined) return
    this.#startedAt = this.#options.now()
    this.#emit({ type: 'started' })
  }

  #elapsed(): number {
    return this.#startedAt === undefined
      ? 0
      : Math.max(0, Math.round((this.#options.now() - this.#startedAt) * 10) / 10)
  }

  #emit(event: ComfyEvent): void {
    this.#options.onEvent(event)
  }
}

/** Ids are texts; an old custom node may send a number. */
function nodeOf({ node }: Record<string, unknown>): string | undefined {
  return typeof node === 'string' || typeof node === 'number' ? String(node) : undefined
}

const timeOf = (data: Record<string, unknown>) =>
  typeof data.timestamp === 'number' ? data.timestamp : undefined
