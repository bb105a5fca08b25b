import type { Executor } from './executor.ts'
import type { History, HistoryEntry } from './history.ts'
import type { Reply, Request, Route } from './http-server.ts'
import { isRecord, parseJson } from './json.ts'
import type { PromptQueue, QueueItem } from './prompt-queue.ts'

export type JobParts = { queue: PromptQueue; history: History; executor: Executor }

const statuses = ['pending', 'in_progress', 'completed', 'failed', 'cancelled']
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
/** Kinds of output a list can show a picture of. */
const previewable = new Set(['images', 'video', 'audio', 'gifs', '3d'])

type Job = Record<string, unknown> & { status: string; create_time: number }

const workflowId = ({ extraData }: QueueItem): unknown => {
  const { extra_pnginfo: extra } = extraData
  return isRecord(extra) && isRecord(extra.workflow) ? extra.workflow.id : undefined
}

function summary(outputs: Readonly<Record<string, unknown>>) {
  let count = 0
  let shown = 0
  let preview: Record<string, unknown> | undefined
  let text: Record<string, unknown> | undefined
  let saved = false
  for (const [nodeId, output] of Object.entries(outputs)) {
    if (!isRecord(output)) continue
    for (const [mediaType, items] of Object.entries(output)) {
      if (!Array.isArray(items) || mediaType === 'animated') continue
      const [content]: unknown[] = items
      if (mediaType === 'text' && typeof content === 'string') text ??= { content, nodeId, mediaType }
      count += items.filter(isRecord).length
      if (!previewable.has(mediaType)) continue
      shown += items.length
      const first: unknown = items[0]
      if (!isRecord(first) || saved || (preview && first.type !== 'output')) continue
      saved = first.type === 'output'
      preview = { ...first, nodeId, mediaType }
    }
  }
  preview ??= text
  return {
    outputs_count: count,
    previewable_outputs_count: shown,
    ...(preview && { preview_output: preview }),
  }
}

const waiting = (item: QueueItem, status: string): Job => ({
  id: item.id,
  status,
  priority: item.number,
  create_time: Number(item.extraData.create_time),
  outputs_count: 0,
  previewable_outputs_count: 0,
  ...(workflowId(item) !== undefined && { workflow_id: workflowId(item) }),
})

function finished(item: QueueItem, entry: HistoryEntry): Job {
  const { status } = entry
  const message = (type: string) => status.messages.find(([event]) => event === type)?.[1]
  const failure = message('execution_error')
  const interrupted = message('execution_interrupted')
  const end = interrupted ?? message('execution_success') ?? failure
  const kind = interrupted ? 'cancelled' : status.status_str === 'error' ? 'failed' : 'completed'
  return {
    id: item.id,
    status: kind,
    priority: item.number,
    create_time: Number(item.extraData.create_time),
    execution_start_time: message('execution_start')?.timestamp,
    execution_end_time: end?.timestamp,
    ...(kind === 'failed' && { execution_error: failure }),
    ...summary(entry.outputs),
    ...(workflowId(item) !== undefined && { workflow_id: workflowId(item) }),
  }
}

const bad = (error: string): Reply => ({ status: 400, json: { error } })

/** A number out of the query; a text is the complaint. */
function count(query: URLSearchParams, name: string): number | undefined | string {
  const text = query.get(name)
  if (text === null) return undefined
  return /^-?\d+$/.test(text) ? Number(text) : `${name} must be an integer`
}

/** The newer way to look at the queue and at what has run. */
export function jobRoutes({ queue, history, executor }: JobParts): Route[] {
  const all = (): Job[] => [
    ...queue.pending.map((item) => waiting(item, 'pending')),
    ...[...queue.running].map((item) => waiting(item, 'in_progress')),
    ...history.all().map(({ item, entry }) => finished(item, entry)),
  ]

  function list({ query }: Request): Reply {
    const wanted = query
      .get('status')
      ?.split(',')
      .map((status) => status.trim())
      .filter(Boolean)
    const unknown = wanted?.filter((status) => !statuses.includes(status)) ?? []
    if (unknown.length > 0)
      return bad(`Invalid status value(s): ${unknown.join(', ')}. Valid values: ${statuses.join(', ')}`)
    const sortBy = query.get('sort_by') ?? 'created_at'
    if (!['created_at', 'execution_duration'].includes(sortBy))
      return bad("sort_by must be 'created_at' or 'execution_duration'")
    const order = query.get('sort_order') ?? 'desc'
    if (!['asc', 'desc'].includes(order)) return bad("sort_order must be 'asc' or 'desc'")
    const limit = count(query, 'limit')
    if (typeof limit === 'string') return bad(limit)
    if (limit !== undefined && limit < 1) return bad('limit must be a positive integer')
    const start = count(query, 'offset') ?? 0
    if (typeof start === 'string') return bad(start)
    const offset = Math.max(0, start)
    const id = query.get('workflow_id')

    const value = (job: Job) =>
      sortBy === 'created_at'
        ? job.create_time
        : Number(job.execution_end_time ?? 0) - Number(job.execution_start_time ?? 0)
    const sign = order === 'desc' ? -1 : 1
    const jobs = all()
      .filter(
        (job) => (!wanted?.length || wanted.includes(job.status)) && (id === null || job.workflow_id === id),
      )
      .toSorted((a, b) => sign * (value(a) - value(b)))
    const page = jobs.slice(offset, limit === undefined ? undefined : offset + limit)
    const pagination = {
      offset,
      limit: limit ?? null,
      total: jobs.length,
      has_more: offset + page.length < jobs.length,
    }
    return { json: { jobs: page, pagination } }
  }

  function get(id: string): Reply {
    const done = history.find(id)
    if (done) {
      const { item, entry } = done
      const workflow = { prompt: item.prompt, extra_data: item.extraData }
      return {
        json: { ...finished(item, entry), outputs: entry.outputs, execution_status: entry.status, workflow },
      }
    }
    const running = [...queue.running].find((item) => item.id === id)
    if (running) return { json: waiting(running, 'in_progress') }
    const pending = queue.pending.find((item) => item.id === id)
    return pending ? { json: waiting(pending, 'pending') } : { status: 404, json: { error: 'Job not found' } }
  }

  function cancel(ids: readonly string[]): Reply {
    let cancelled = false
    for (const id of ids) {
      if (executor.deletePending(id)) cancelled = true
      else if ([...queue.running].some((item) => item.id === id)) {
        executor.interrupt()
        cancelled = true
      }
    }
    return { json: { cancelled } }
  }

  function cancelMany({ body }: Request): Reply {
    let parsed: unknown
    try {
      parsed = parseJson(body.toString())
    } catch {
      return bad('Request body must be valid JSON')
    }
    const ids = isRecord(parsed) ? parsed.job_ids : undefined
    if (!Array.isArray(ids)) return bad('job_ids must be a list')
    const invalid = ids.filter((id) => typeof id !== 'string' || !uuid.test(id)).map(String)
    if (invalid.length > 0) {
      return { status: 400, json: { error: 'job_ids contains invalid id(s)', invalid_ids: invalid } }
    }
    return cancel(ids as string[])
  }

  return [
    { method: 'GET', path: '/jobs', apiOnly: true, handle: list },
    { method: 'GET', path: '/jobs/{id}', apiOnly: true, handle: (_request, [id]) => get(id!) },
    { method: 'POST', path: '/jobs/cancel', apiOnly: true, handle: cancelMany },
    { method: 'POST', path: '/jobs/{id}/cancel', apiOnly: true, handle: (_request, [id]) => cancel([id!]) },
  ]
}
