import type { JobView } from '@easel/contracts'

export type Status = 'accepted' | 'succeeded' | 'failed' | 'canceled' | 'expired'

/** One job that was promised to be done. Times are milliseconds of `performance.now()`, real ones. */
export type LedgerJob = {
  readonly id: string
  readonly user: number
  /** Index of what was asked for, see `LoadOptions.workloads`. */
  readonly workload: number
  readonly priority: Priority
  readonly idempotencyKey: string
  /** When it was first sent, and when it was accepted. */
  readonly sentMs: number
  readonly acceptedMs: number
  /** How often it was sent until an answer came. */
  readonly tries: number
  status: Status
  /** When its end was heard of. */
  endedMs?: number
  /** As it was told at the end. */
  view?: JobView
}

export type Priority = 'interactive' | 'normal' | 'bulk'

export type LedgerUser = {
  readonly name: string
  readonly flooder: boolean
  readonly apiKey: string
  readonly spaceId: string
  readonly userId: string
}

/** What a load was promised, and what became of it. */
export class Ledger {
  readonly users: LedgerUser[]
  readonly jobs = new Map<string, LedgerJob>()
  /** Submissions that were refused, by HTTP status. */
  readonly refused = new Map<number, number>()
  /** Answers of 500 and more, and connections that broke: sent again with the same key. */
  readonly retried = new Map<string, number>()
  /** Two answers with different ids for one key, an end that changed: what must not be. Empty is right. */
  readonly broken: string[] = []
  readonly #byKey = new Map<string, string>()

  constructor(users: readonly LedgerUser[]) {
    this.users = [...users]
  }

  accept(job: Omit<LedgerJob, 'status'>): void {
    const known = this.#byKey.get(job.idempotencyKey)
    if (known !== undefined && known !== job.id)
      this.broken.push(`key ${job.idempotencyKey} gave the jobs ${known} and ${job.id}`)
    this.#byKey.set(job.idempotencyKey, job.id)
    this.jobs.set(job.id, { ...job, status: 'accepted' })
  }

  /** What was heard of a job; gives whether it ended by that. */
  hear(view: JobView): boolean {
    const job = this.jobs.get(view.id)
    const status = endOf(view.status)
    if (!job || !status) return false
    if (job.status !== 'accepted') {
      if (job.status !== status) this.broken.push(`job ${job.id} ended as ${job.status}, then as ${status}`)
      return false
    }
    job.status = status
    job.endedMs = performance.now()
    job.view = view
    return true
  }

  get open(): LedgerJob[] {
    return [...this.jobs.values()].filter(({ status }) => status === 'accepted')
  }

  count(status: Status): number {
    let count = 0
    for (const job of this.jobs.values()) if (job.status === status) count++
    return count
  }
}

function endOf(status: JobView['status']): Exclude<Status, 'accepted'> | undefined {
  switch (status) {
    case 'succeeded':
    case 'failed':
    case 'canceled':
    case 'expired':
      return status
    case 'queued':
    case 'running':
    case 'canceling':
      return undefined
  }
}

export function addTo<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
