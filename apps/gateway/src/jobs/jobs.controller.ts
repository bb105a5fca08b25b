import { stringifyJson } from '@easel/protocol'
import {
  JobExplanation,
  JobGraph,
  JobPage,
  JobView,
  ListJobs,
  SubmitJob,
  terminalStatuses,
} from '@easel/contracts'
import { Injectable } from '@nestjs/common'
import { requireAccess } from '../http/gate.ts'
import { malformed } from '../http/problem.ts'
import { answered, route } from '../http/route.ts'
import { fingerprintOf } from '../http/serve-route.ts'
import { ServerEvents } from '../http/sse.ts'
import { presentedBy } from '../events/events.controller.ts'
import { EventStreams } from '../events/event-streams.service.ts'
import { Heartbeats } from '../events/heartbeats.ts'
import { Services } from '../services.ts'
import { isEnd, JobWatch } from './job-watch.ts'
import type { Actor } from '@easel/protocol'
import type { FastifyRequest } from 'fastify'
import type { Answered, Call, Controller, Route } from '../http/route.ts'

/** A large graph is checked against the node definitions before the answer. */
const submitMs = 15_000
const maxWaitSeconds = 60

@Injectable()
export class JobsController implements Controller {
  readonly area = 'jobs'
  readonly routes: readonly Route[] = [
    route({
      method: 'POST',
      path: '/jobs',
      access: 'jobs:write',
      summary: 'Submit a job',
      description:
        'Give a graph in API format, or `workflowId`. 202 means that the job is durably recorded. With `Prefer: wait=N` (at most 60 seconds) the answer is 200 and the finished job, if it ends in time.',
      body: SubmitJob,
      hidden: ['idempotencyKey', 'idempotencyHash'],
      given: idempotencyOf,
      headers: {
        Prefer: '`wait=N`: wait N seconds for the end of the job.',
        'Idempotency-Key': 'The same key with the same body gives the first answer, for 24 hours.',
      },
      answer: JobView,
      status: 202,
      reasons: [
        'GRAPH_INVALID',
        'GRAPH_TOO_LARGE',
        'UI_FORMAT',
        'OVERRIDE_INVALID',
        'ASSET_NOT_FOUND',
        'WORKFLOW_NOT_FOUND',
        'SESSION_NOT_FOUND',
        'SPACE_NOT_FOUND',
        'IDEMPOTENCY_KEY_REUSE',
        'NOT_ALLOWED',
        'QUOTA_EXCEEDED',
        'BUDGET_EXCEEDED',
      ],
      handle: (call) => this.#submit(call),
    }),
    route({
      method: 'GET',
      path: '/jobs',
      access: 'jobs:read',
      summary: 'List jobs, the newest first',
      query: ListJobs,
      answer: JobPage,
      handle: ({ query, actor }) => this.services.inference.listJobs(query, { actor }),
    }),
    route({
      method: 'GET',
      path: '/jobs/:id',
      access: 'jobs:read',
      summary: 'Get a job',
      answer: JobView,
      reasons: ['JOB_NOT_FOUND'],
      handle: ({ params, actor }) => this.#get(params.id ?? '', actor),
    }),
    route({
      method: 'POST',
      path: '/jobs/:id/cancel',
      access: 'jobs:write',
      summary: 'Cancel a job; to cancel twice is no error',
      answer: JobView,
      reasons: ['JOB_NOT_FOUND'],
      handle: ({ params, actor }) => this.services.inference.cancelJob({ id: params.id ?? '' }, { actor }),
    }),
    route({
      method: 'POST',
      path: '/jobs/:id/retry',
      access: 'jobs:write',
      summary: 'Submit a finished job again, as a new job',
      answer: JobView,
      status: 202,
      creates: true,
      reasons: ['JOB_NOT_FOUND', 'JOB_NOT_FINISHED', 'NOT_ALLOWED', 'QUOTA_EXCEEDED', 'BUDGET_EXCEEDED'],
      handle: ({ params, actor }) => this.services.inference.retryJob({ id: params.id ?? '' }, { actor }),
    }),
    route({
      method: 'GET',
      path: '/jobs/:id/explain',
      access: 'jobs:read',
      summary: 'Say why a job waits',
      answer: JobExplanation,
      reasons: ['JOB_NOT_FOUND'],
      handle: ({ params, actor }) => this.services.inference.explainJob({ id: params.id ?? '' }, { actor }),
    }),
    route({
      method: 'GET',
      path: '/jobs/:id/graph',
      access: 'jobs:read',
      summary: 'Get the graph as it was run',
      answer: JobGraph,
      reasons: ['JOB_NOT_FOUND'],
      handle: ({ params, actor }) => this.services.inference.getJobGraph({ id: params.id ?? '' }, { actor }),
    }),
    route({
      method: 'GET',
      path: '/jobs/:id/events',
      access: 'jobs:read',
      summary: 'Watch a job (server-sent events)',
      description:
        'Starts with the job as it is (`job.queued`, `job.running`, …), goes on with its events and progress, and ends with the job.',
      produces: ['text/event-stream'],
      stream: true,
      reasons: ['JOB_NOT_FOUND'],
      handle: (call) => this.#events(call),
    }),
  ]

  constructor(
    private readonly services: Services,
    private readonly watch: JobWatch,
    private readonly streams: EventStreams,
    private readonly heartbeats: Heartbeats,
  ) {}

  #get(id: string, actor: Actor): Promise<JobView> {
    return this.services.inference.getJob({ id }, { actor })
  }

  async #submit({ body, actor, chosen, request, reply }: Call<SubmitJob, never>): Promise<JobView> {
    // It makes a download: a key that may not ask for one may not have a job ask for it.
    if (body.missingModels === 'fetch') requireAccess({ actor }, 'models:write')
    const waitSeconds = readWait(request)
    const job = await this.services.inference.submitJob(body, { actor, timeoutMs: submitMs })
    reply.header('location', `/api/jobs/${job.id}`)
    if (waitSeconds === 0) return job
    const gone = new AbortController()
    reply.raw.once('close', () => gone.abort())
    let latest = job
    const check = async () => {
      latest = await this.#get(job.id, actor)
      return terminalStatuses.includes(latest.status)
    }
    const timeoutMs = waitSeconds * 1_000
    const ended = await this.watch.ended(job.id, { timeoutMs, check, signal: gone.signal })
    if (gone.signal.aborted) return job
    await check()
    if (ended) chosen.status = 200
    reply.header('preference-applied', `wait=${waitSeconds}`)
    return latest
  }

  async #events({ params, caller, actor, request, reply }: Call): Promise<Answered> {
    const id = params.id ?? ''
    // Before it is listened to: a job of somebody else is not there.
    const known = await this.#get(id, actor)
    const presented = presentedBy(request)
    this.streams.requireRoom(actor.userId)
    using waiting = new EventQueue()
    using _right = this.streams.guard(caller, {
      presented,
      update: ({ actor: { role, spaces } }) => {
        if (role !== 'admin' && !(known.spaceId in spaces)) waiting.close()
      },
      close: () => waiting.close(),
    })
    using _watching = this.watch.watch(known, (event) => waiting.add(event.type, event.sse()))
    const job = await this.#get(id, actor)
    using events = new ServerEvents(request, reply, { heartbeats: this.heartbeats })
    events.write(stateOf(job))
    if (terminalStatuses.includes(job.status)) return answered
    void events.closed.then(() => waiting.close())
    let news = false
    for await (const { type, text } of waiting) {
      // What led to the state that was told first may still be on its way.
      news ||= type !== 'job.progress' && stepOf(type) > stepOf(`job.${job.status}`)
      if (!news && type !== 'job.progress') continue
      await events.drained()
      events.write(text)
      if (isEnd(type)) break
    }
    return answered
  }
}

const steps: Readonly<Record<string, number>> = { 'job.queued': 1, 'job.running': 2 }

function stepOf(type: string): number {
  return steps[type] ?? 3
}

function stateOf(job: JobView): string {
  const type = `job.${job.status}`
  const event = { type, time: new Date().toISOString(), spaceId: job.spaceId, data: job }
  return `event: ${type}\ndata: ${stringifyJson(event)}\n\n`
}

type Queued = { readonly type: string; readonly text: string }

/** What waits to be written to one watcher: of progress only the latest. */
class EventQueue implements AsyncIterable<Queued>, Disposable {
  #items: Queued[] = []
  #wake: () => void = () => undefined
  #closed = false

  add(type: string, text: string | undefined): void {
    if (text === undefined || this.#closed) return
    if (type === 'job.progress') this.#items = this.#items.filter((item) => item.type !== type)
    this.#items.push({ type, text })
    this.#wake()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Queued> {
    while (!this.#closed) {
      const item = this.#items.shift()
      if (item) yield item
      else await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  [Symbol.dispose](): void {
    this.close()
  }

  close(): void {
    this.#closed = true
    this.#wake()
  }
}

function idempotencyOf(request: FastifyRequest): Record<string, unknown> {
  const key = request.headers['idempotency-key']
  if (key === undefined) return {}
  return { idempotencyKey: key, idempotencyHash: fingerprintOf(request) }
}

/** RFC 7240. */
function readWait({ headers }: FastifyRequest): number {
  const preferences = [headers.prefer ?? []].flat().join(',')
  const [, text] = /(?:^|[,;\s])wait\s*=\s*"?(\d+)"?/i.exec(preferences) ?? []
  if (text === undefined) return 0
  const seconds = Number(text)
  if (seconds > maxWaitSeconds) throw malformed(`Prefer: wait may be ${maxWaitSeconds} at most`)
  return seconds
}
