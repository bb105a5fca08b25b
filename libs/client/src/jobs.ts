import { EaselError } from './easel-error.ts'
import { pause } from './events.ts'
import type { CallOptions, Connection } from './connection.ts'
import type { EaselEvent, Events } from './events.ts'
import type { GetJobsQuery, JobExplanation, JobGraph, JobPage, JobView, SubmitJob } from './api-schemas.ts'

export type SubmitOptions = CallOptions & {
  /** Seconds to wait for the end of the job, at most 60; the answer may be a job that still runs. */
  readonly waitSeconds?: number
}

export type WaitOptions = {
  readonly signal?: AbortSignal
  /** Every event of the job on the way, progress too. */
  readonly onEvent?: (event: EaselEvent) => void
}

const ended: readonly string[] = ['succeeded', 'failed', 'canceled', 'expired']

export function isEnded(job: Pick<JobView, 'status'>): boolean {
  return ended.includes(job.status)
}

export class Jobs {
  readonly #connection: Connection
  readonly #events: Events

  constructor(connection: Connection, events: Events) {
    this.#connection = connection
    this.#events = events
  }

  submit(job: SubmitJob, { waitSeconds, ...options }: SubmitOptions = {}): Promise<JobView> {
    const headers: Record<string, string> = waitSeconds ? { prefer: `wait=${waitSeconds}` } : {}
    return this.#connection.json('POST', '/api/jobs', { json: job, headers, ...options })
  }

  /** The job when it has ended, however it ended. Survives lost connections. */
  async wait(id: string, { signal, onEvent }: WaitOptions = {}): Promise<JobView> {
    for (let failures = 0; ; failures++) {
      signal?.throwIfAborted()
      try {
        for await (const event of this.#events.ofJob(id, signal)) {
          failures = 0
          onEvent?.(event)
        }
        const job = await this.get(id)
        if (isEnded(job)) return job
      } catch (cause) {
        signal?.throwIfAborted()
        const passing = !(cause instanceof EaselError) || cause.status === 0 || cause.status >= 500
        if (!passing) throw cause
      }
      await pause(Math.min(5_000, 200 * 2 ** failures), signal)
    }
  }

  get(id: string): Promise<JobView> {
    return this.#connection.json('GET', `/api/jobs/${encodeURIComponent(id)}`)
  }

  list(query: GetJobsQuery = {}): Promise<JobPage> {
    return this.#connection.json('GET', '/api/jobs', { query })
  }

  cancel(id: string): Promise<JobView> {
    return this.#connection.json('POST', `/api/jobs/${encodeURIComponent(id)}/cancel`)
  }

  retry(id: string, options: CallOptions = {}): Promise<JobView> {
    return this.#connection.json('POST', `/api/jobs/${encodeURIComponent(id)}/retry`, options)
  }

  /** Why it waits. */
  explain(id: string): Promise<JobExplanation> {
    return this.#connection.json('GET', `/api/jobs/${encodeURIComponent(id)}/explain`)
  }

  /** The graph as it was run. */
  graph(id: string): Promise<JobGraph> {
    return this.#connection.json('GET', `/api/jobs/${encodeURIComponent(id)}/graph`)
  }
}
