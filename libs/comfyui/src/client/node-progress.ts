import type { Graph } from '../graph/graph.ts'
import type { ComfyEvent, NodeTiming } from './run-result.ts'

/** A sampler takes far longer than the nodes around it; `steps` is the only hint a graph gives. */
const weightWithSteps = 20

type OpenNode = { startedAtMs: number; fraction: number }

/** Which nodes run, how long each took, and how far the whole is. Works from `executing` and `progress_state`. */
export class NodeProgress {
  readonly #graph: Graph
  readonly #emit: (event: ComfyEvent) => void
  readonly #weights: Map<string, number>
  readonly #totalWeight: number
  readonly #open = new Map<string, OpenNode>()
  readonly #done = new Set<string>()
  readonly #stateRunning = new Set<string>()
  readonly #last = new Map<string, string>()
  readonly timings: NodeTiming[] = []
  #overall = 0
  /** The node that `executing` named last. */
  current: string | undefined

  constructor(graph: Graph, emit: (event: ComfyEvent) => void) {
    this.#graph = graph
    this.#emit = emit
    const steps = (id: string) => graph[id]?.inputs !== undefined && Object.hasOwn(graph[id].inputs, 'steps')
    this.#weights = new Map(Object.keys(graph).map((id) => [id, steps(id) ? weightWithSteps : 1]))
    this.#totalWeight = Math.max(
      1,
      this.#weights.values().reduce((sum, weight) => sum + weight, 0),
    )
  }

  classOf(nodeId: string, displayNodeId?: unknown): string {
    const own = Object.hasOwn(this.#graph, nodeId) ? this.#graph[nodeId] : undefined
    if (own) return own.class_type
    return typeof displayNodeId === 'string' && displayNodeId !== nodeId ? this.classOf(displayNodeId) : ''
  }

  cached(nodeIds: readonly string[], atMs: number): void {
    for (const nodeId of nodeIds) {
      this.#done.add(nodeId)
      const classType = this.classOf(nodeId)
      this.timings.push({ nodeId, classType, startedAtMs: atMs, endedAtMs: atMs, cached: true })
    }
  }

  /** `executing`: the others are over, unless `progress_state` has said that they run beside it. */
  executing(nodeId: string, displayNodeId: unknown, atMs: number): void {
    for (const other of this.#open.keys()) {
      if (other !== nodeId && !this.#stateRunning.has(other)) this.#finish(other, atMs)
    }
    this.current = nodeId
    this.#start(nodeId, displayNodeId, atMs)
  }

  state(nodes: Record<string, unknown>, atMs: number): void {
    for (const [nodeId, entry] of Object.entries(nodes)) {
      const { state, value, max, display_node_id: display } = (entry ?? {}) as Record<string, unknown>
      if (state === 'running') {
        this.#stateRunning.add(nodeId)
        this.#start(nodeId, display, atMs)
        // Every node begins with 0 of 1: only those that count have something to say.
        if (typeof value === 'number' && typeof max === 'number' && max !== 1)
          this.progress(nodeId, value, max)
      } else if (state === 'finished' || state === 'error') {
        this.#stateRunning.delete(nodeId)
        this.#finish(nodeId, atMs)
      }
    }
  }

  progress(nodeId: string, value: number, max: number): void {
    const node = this.#open.get(nodeId)
    // ComfyUI says the same thing twice, as `progress` and as `progress_state`.
    const said = `${value}/${max}`
    if (!Number.isFinite(value) || !Number.isFinite(max) || this.#last.get(nodeId) === said) return
    this.#last.set(nodeId, said)
    if (node && max > 0) node.fraction = Math.min(1, Math.max(0, value / max))
    this.#emit({ type: 'progress', nodeId, value, max, overall: this.overall() })
  }

  /** Of a run that is over: nothing is open any more. */
  end(atMs: number): void {
    for (const nodeId of this.#open.keys()) this.#finish(nodeId, atMs)
    this.current = undefined
  }

  overall(): number {
    let done = 0
    for (const [nodeId, weight] of this.#weights) {
      done += weight * (this.#done.has(nodeId) ? 1 : (this.#open.get(nodeId)?.fraction ?? 0))
    }
    this.#overall = Math.max(this.#overall, Math.min(1, done / this.#totalWeight))
    return this.#overall
  }

  #start(nodeId: string, displayNodeId: unknown, atMs: number): void {
    if (this.#open.has(nodeId) || this.#done.has(nodeId)) return
    this.#open.set(nodeId, { startedAtMs: atMs, fraction: 0 })
    const classType = this.classOf(nodeId, displayNodeId)
    this.timings.push({ nodeId, classType, startedAtMs: atMs, endedAtMs: atMs, cached: false })
    this.#emit({ type: 'node-started', nodeId, classType })
  }

  #finish(nodeId: string, atMs: number): void {
    const node = this.#open.get(nodeId)
    if (!node) return
    this.#open.delete(nodeId)
    this.#done.add(nodeId)
    const timing = this.timings.findLast((entry) => entry.nodeId === nodeId)!
    timing.endedAtMs = atMs
    const durationMs = Math.round((atMs - node.startedAtMs) * 10) / 10
    const { classType } = timing
    this.#emit({ type: 'node-finished', nodeId, classType, durationMs, overall: this.overall() })
  }
}
