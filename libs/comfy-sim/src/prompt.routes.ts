import { randomUUID } from 'node:crypto'
import type { Executor } from './executor.ts'
import type { History } from './history.ts'
import type { Reply, Request, Route } from './http-server.ts'
import { asNumber, isRecord, parseJson } from './json.ts'
import type { NodeCatalog } from './node-catalog.ts'
import type { OutputFolder } from './output-files.ts'
import { queueTuple, type PromptGraph, type PromptQueue, type QueueItem } from './prompt-queue.ts'
import { PromptValidation } from './validation.ts'

export type PromptParts = {
  catalog: NodeCatalog
  files: OutputFolder
  queue: PromptQueue
  history: History
  executor: Executor
  onArrival(item: QueueItem): void
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const secrets = new Set(['auth_token_comfy_org', 'api_key_comfy_org'])

const refuse = (type: string, message: string, details: string): Reply => ({
  status: 400,
  json: { error: { type, message, details, extra_info: {} }, node_errors: {} },
})

const bodyOf = ({ body }: Request): unknown => parseJson(body.toString())

/** The body as an object; what has no keys makes the server stumble, which its clients see as a 500. */
function objectOf(request: Request): Record<string, unknown> {
  const body = bodyOf(request)
  if (Array.isArray(body)) return {}
  if (!isRecord(body)) throw new TypeError('the body is no JSON object')
  return body
}

/** Queueing, watching and steering prompts. */
export function promptRoutes(parts: PromptParts): Route[] {
  const { queue, history, executor } = parts
  let counter = 0

  function numberFor(body: Record<string, unknown>): number {
    if (Object.hasOwn(body, 'number')) {
      const number = asNumber(body.number)
      if (!Number.isFinite(number)) throw new TypeError('number is no number')
      return number
    }
    const number = counter++
    return body.front && number !== 0 ? -number : number
  }

  function submit(request: Request): Reply {
    const arrivedAt = performance.now()
    const parsed = bodyOf(request)
    const body = isRecord(parsed) ? parsed : {}
    if (!isRecord(parsed) && !Array.isArray(parsed)) throw new TypeError('the body is no object')
    const number = numberFor(body)
    if (!Object.hasOwn(body, 'prompt')) return refuse('no_prompt', 'No prompt provided', 'No prompt provided')
    const id = body.prompt_id ?? randomUUID()
    if (typeof id !== 'string' || !uuid.test(id)) {
      return refuse(
        'invalid_prompt_id',
        'prompt_id must be a valid UUID',
        'prompt_id must be a UUID string in canonical lowercase hyphenated form; omit it to let the server generate one',
      )
    }
    if (!isRecord(body.prompt) || !Object.values(body.prompt).every(isRecord))
      throw new TypeError('the prompt is no graph')
    const prompt = body.prompt as PromptGraph
    const targets = Array.isArray(body.partial_execution_targets)
      ? (body.partial_execution_targets as string[])
      : undefined
    const result = new PromptValidation(prompt, parts.catalog, parts).run(targets)
    if (!result.ok) return { status: 400, json: { error: result.error, node_errors: result.nodeErrors } }

    const extraData: Record<string, unknown> = {}
    const sent = isRecord(body.extra_data) ? body.extra_data : {}
    for (const key of Object.keys(sent))
      if (!secrets.has(key) && key !== '__proto__') extraData[key] = sent[key]
    if (Object.hasOwn(body, 'client_id')) extraData.client_id = body.client_id
    extraData.create_time = Date.now()
    const item: QueueItem = { number, id, prompt, extraData, outputs: result.outputs, arrivedAt }
    queue.push(item)
    parts.onArrival(item)
    // As in ComfyUI the status of the growing queue may come before the answer.
    executor.sendStatus()
    executor.wake()
    return { json: { prompt_id: id, number, node_errors: result.nodeErrors } }
  }

  function changeQueue(request: Request): Reply {
    const body = objectOf(request)
    if (body.clear) {
      queue.clear()
      executor.sendStatus()
    }
    if (Array.isArray(body.delete)) for (const id of body.delete) executor.deletePending(String(id))
    return {}
  }

  function interrupt(request: Request): Reply {
    let body: unknown
    try {
      body = request.body.length > 0 ? bodyOf(request) : {}
    } catch {
      body = {} // Broken JSON counts as no body: everything is interrupted.
    }
    if (!isRecord(body)) throw new TypeError('the body is no JSON object')
    const { prompt_id: id } = body
    if (!id || [...queue.running].some((item) => item.id === id)) executor.interrupt()
    return {}
  }

  function listHistory({ query }: Request): Reply {
    const number = (name: string) => {
      const text = query.get(name)
      if (text === null) return undefined
      if (!/^-?\d+$/.test(text)) throw new TypeError(`${name} is no integer`)
      return Number(text)
    }
    return { json: history.page(number('max_items'), number('offset') ?? -1) }
  }

  function changeHistory(request: Request): Reply {
    const body = objectOf(request)
    if (body.clear) history.clear()
    if (Array.isArray(body.delete)) for (const id of body.delete) history.delete(String(id))
    return {}
  }

  function free(request: Request): Reply {
    const body = bodyOf(request)
    if (!isRecord(body)) throw new TypeError('the body is no JSON object')
    executor.free({ models: Boolean(body.unload_models), cache: Boolean(body.free_memory) })
    return {}
  }

  return [
    {
      method: 'GET',
      path: '/prompt',
      handle: () => ({ json: { exec_info: { queue_remaining: queue.remaining } } }),
    },
    { method: 'POST', path: '/prompt', handle: submit },
    {
      method: 'GET',
      path: '/queue',
      handle: () => ({
        json: {
          queue_running: [...queue.running].map(queueTuple),
          queue_pending: queue.pending.map(queueTuple),
        },
      }),
    },
    { method: 'POST', path: '/queue', handle: changeQueue },
    { method: 'POST', path: '/interrupt', handle: interrupt },
    { method: 'POST', path: '/free', handle: free },
    { method: 'GET', path: '/history', handle: listHistory },
    { method: 'POST', path: '/history', handle: changeHistory },
    {
      method: 'GET',
      path: '/history/{id}',
      handle: (_request, [id]) => {
        const found = history.find(id!)
        return { json: found ? { [id!]: found.entry } : {} }
      },
    },
  ]
}
