import type { HistoryMessage } from './history.ts'
import type { Preview } from './node.ts'
import type { QueueItem } from './prompt-queue.ts'
import type { Sockets } from './sockets.ts'

type NodeState = { text: string; max: number; sentAt: number }

/** At most this often does a node's progress reach the socket. */
const progressEveryMs = 100

/** Everything one run says, in ComfyUI's shapes; also collects what history keeps. */
export class RunMessages {
  readonly history: HistoryMessage[] = []
  readonly client: string | undefined
  private readonly states = new Map<string, NodeState>()
  private readonly quoted = new Map<string, string>()
  private readonly sockets: Sockets
  private readonly promptId: string

  constructor(item: QueueItem, sockets: Sockets) {
    this.sockets = sockets
    this.promptId = item.id
    const { client_id: client } = item.extraData
    this.client = typeof client === 'string' ? client : undefined
  }

  /** A message of the run's course. Prompts without a client hear only of interrupts, and then everybody does. */
  event(type: string, data: Record<string, unknown>, everybody = false): void {
    const full = { ...data, prompt_id: this.promptId, timestamp: Date.now() }
    this.history.push([type, full])
    if (this.client !== undefined) this.sockets.send(JSON.stringify({ type, data: full }), this.client)
    else if (everybody) this.sockets.send(JSON.stringify({ type, data: full }))
  }

  /** Looks like a failure but ends nothing and is not kept. */
  blocked({
    message,
    ...node
  }: {
    node_id: string
    node_type: string
    executed: readonly string[]
    message: string
  }): void {
    const data = {
      prompt_id: this.promptId,
      ...node,
      exception_message: `Execution Blocked: ${message}`,
      exception_type: 'ExecutionBlocked',
      traceback: [],
      current_inputs: [],
      current_outputs: [],
    }
    this.toClient(JSON.stringify({ type: 'execution_error', data }))
  }

  started(id: string): void {
    this.setState(id, { value: 0, max: 1, state: 'running' })
    this.sendStates()
    const node = this.quote(id)
    this.toClient(
      `{"type":"executing","data":{"node":${node},"display_node":${node},"prompt_id":"${this.promptId}"}}`,
    )
  }

  executed(id: string, output: unknown): void {
    this.toClient(
      JSON.stringify({
        type: 'executed',
        data: { node: id, display_node: id, output, prompt_id: this.promptId },
      }),
    )
  }

  finished(id: string): void {
    const max = this.states.get(id)?.max ?? 1
    this.setState(id, { value: max, max, state: 'finished' })
    this.sendStates()
  }

  progress(at: { id: string; value: number; max: number }, preview?: Preview): void {
    const now = performance.now()
    const sentAt = this.states.get(at.id)?.sentAt ?? -Infinity
    const quiet = !preview && now - sentAt < progressEveryMs && at.value < at.max
    this.setState(at.id, { value: at.value, max: at.max, state: 'running' }, quiet ? sentAt : now)
    if (quiet) return
    this.sendStates()
    const label = {
      node_id: at.id,
      prompt_id: this.promptId,
      display_node_id: at.id,
      parent_node_id: null,
      real_node_id: at.id,
    }
    const send = () => preview && this.sockets.sendPreview(preview, label, this.client)
    const labelled = this.sockets.wantsMetadata(this.client)
    if (labelled) send()
    const { value, max } = at
    this.sockets.send(
      JSON.stringify({ type: 'progress', data: { value, max, prompt_id: this.promptId, node: at.id } }),
      this.client,
    )
    if (!labelled) send()
  }

  text(id: string, text: string): void {
    this.sockets.sendText(id, text, this.client)
  }

  ended(): void {
    this.toClient(`{"type":"executing","data":{"node":null,"prompt_id":"${this.promptId}"}}`)
  }

  private toClient(message: string): void {
    if (this.client !== undefined) this.sockets.send(message, this.client)
  }

  private quote(id: string): string {
    let text = this.quoted.get(id)
    if (text === undefined) this.quoted.set(id, (text = JSON.stringify(id)))
    return text
  }

  private setState(id: string, at: { value: number; max: number; state: string }, sentAt = -Infinity): void {
    const node = this.quote(id)
    const text =
      `${node}:{"value":${at.value},"max":${at.max},"state":"${at.state}","node_id":${node},"prompt_id":"${this.promptId}",` +
      `"display_node_id":${node},"parent_node_id":null,"real_node_id":${node}}`
    const known = this.states.get(id)
    if (known) Object.assign(known, { text, max: at.max, sentAt })
    else this.states.set(id, { text, max: at.max, sentAt })
  }

  private sendStates(): void {
    if (this.client !== undefined && !this.sockets.has(this.client)) return
    let nodes = ''
    for (const { text } of this.states.values()) nodes += nodes === '' ? text : `,${text}`
    this.sockets.send(
      `{"type":"progress_state","data":{"prompt_id":"${this.promptId}","nodes":{${nodes}}}}`,
      this.client,
    )
  }
}
