import { AppError } from '@easel/protocol'
import type { Graph } from '../graph/graph.ts'
import { graphRefused, readNodeErrors, recordOf } from './comfy-errors.ts'
import type { CallOptions, SubmitRequest } from './client-options.ts'
import { asJson, refused, type HttpCalls } from './http-calls.ts'
import type { HistoryEntry, Queue, QueueItem, ServerJob, Submitted } from './server-answers.ts'

/** The calls that a run is made of; the rest is in `catalog-calls.ts` and `file-calls.ts`. */
export class ServerCalls {
  readonly #http: HttpCalls
  readonly #clientId: string

  constructor(http: HttpCalls, clientId: string) {
    this.#http = http
    this.#clientId = clientId
  }

  async submit(request: SubmitRequest & { promptId: string }, options: CallOptions = {}): Promise<Submitted> {
    const path = '/api/prompt'
    const { previewMethod, extraData } = request
    const answer = await this.#http.bytes(path, {
      ...options,
      method: 'POST',
      json: {
        prompt: request.graph,
        client_id: this.#clientId,
        prompt_id: request.promptId,
        extra_data: previewMethod ? { ...extraData, preview_method: previewMethod } : extraData,
        front: request.front || undefined,
        partial_execution_targets: request.targets,
      },
    })
    if (answer.status === 400) throw graphRefused(asJson(path, answer))
    if (answer.status >= 400) throw refused(path, answer)
    const body = recordOf(asJson(path, answer))
    if (typeof body.prompt_id !== 'string') throw unexpected(path)
    const { faults, droppedOutputs } = readNodeErrors(body.node_errors)
    return { promptId: body.prompt_id, number: Number(body.number), nodeErrors: faults, droppedOutputs }
  }

  async queue(options: CallOptions = {}): Promise<Queue> {
    const body = recordOf(await this.#http.json('/api/queue', options))
    if (!Array.isArray(body.queue_running) || !Array.isArray(body.queue_pending))
      throw unexpected('/api/queue')
    // The server sends its heap as it lies in memory.
    const pending = body.queue_pending.map(queueItem).toSorted((a, b) => a.number - b.number)
    return { running: body.queue_running.map(queueItem), pending }
  }

  async historyOf(promptId: string, options: CallOptions = {}): Promise<HistoryEntry | undefined> {
    const body = recordOf(await this.#http.json(`/api/history/${encodeURIComponent(promptId)}`, options))
    return Object.hasOwn(body, promptId) ? historyEntry(promptId, body[promptId]) : undefined
  }

  async history(
    page: { maxItems?: number; offset?: number } = {},
    options: CallOptions = {},
  ): Promise<HistoryEntry[]> {
    const query = { max_items: page.maxItems, offset: page.offset }
    const body = recordOf(await this.#http.json('/api/history', { ...options, query }))
    return Object.entries(body).map(([promptId, entry]) => historyEntry(promptId, entry))
  }

  async interrupt(promptId?: string, options: CallOptions = {}): Promise<void> {
    await this.#http.json('/api/interrupt', { ...options, method: 'POST', json: { prompt_id: promptId } })
  }

  /** The one of `queue` and `history`. */
  async change(
    list: 'queue' | 'history',
    ids: readonly string[] | 'all',
    options: CallOptions = {},
  ): Promise<void> {
    const json = ids === 'all' ? { clear: true } : { delete: ids }
    await this.#http.json(`/api/${list}`, { ...options, method: 'POST', json })
  }

  async jobs(
    query: Record<string, string | number> = {},
    options: CallOptions = {},
  ): Promise<ServerJob[] | undefined> {
    const body = await this.#orMissing(this.#http.json('/api/jobs', { ...options, query }))
    return body && (recordOf(body).jobs as ServerJob[])
  }

  async job(id: string, options: CallOptions = {}): Promise<ServerJob | undefined> {
    const body = await this.#orMissing(this.#http.json(`/api/jobs/${encodeURIComponent(id)}`, options))
    return body as ServerJob | undefined
  }

  async cancelJob(id: string, options: CallOptions = {}): Promise<boolean | undefined> {
    const path = `/api/jobs/${encodeURIComponent(id)}/cancel`
    const body = await this.#orMissing(this.#http.json(path, { ...options, method: 'POST' }))
    return body && recordOf(body).cancelled === true
  }

  /** Older servers have no jobs API; they answer 404, or 405 where only GET of unknown paths is routed. */
  async #orMissing(answer: Promise<unknown>): Promise<object | undefined> {
    try {
      return recordOf(await answer)
    } catch (cause) {
      const missing = cause instanceof AppError && [404, 405].includes(Number(cause.extra.details?.status))
      if (missing) return undefined
      throw cause
    }
  }
}

export function unexpected(path: string): AppError {
  return new AppError('internal', `The answer to ${path} is not what a ComfyUI says`, {
    reason: 'COMFYUI_PROTOCOL',
  })
}

function queueItem(item: unknown): QueueItem {
  const [number, promptId, graph, extraData, outputs] = Array.isArray(item) ? item : []
  return {
    number: Number(number),
    promptId: String(promptId),
    graph: recordOf(graph) as Graph,
    extraData: recordOf(extraData),
    outputsToExecute: Array.isArray(outputs) ? outputs.map(String) : [],
  }
}

function historyEntry(promptId: string, entry: unknown): HistoryEntry {
  const { prompt, outputs, status } = recordOf(entry)
  const { status_str: word, completed, messages } = recordOf(status)
  const known = word === 'success' || word === 'error'
  return {
    promptId,
    graph: (Array.isArray(prompt) ? recordOf(prompt[2]) : {}) as Graph,
    outputs: recordOf(outputs) as HistoryEntry['outputs'],
    status: known
      ? { status_str: word, completed: completed === true, messages: Array.isArray(messages) ? messages : [] }
      : null,
  }
}
