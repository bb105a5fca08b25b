import type { FlowId } from './fair/flow.ts'

/** An attempt that a worker holds, with what its flow was charged for it. */
export type OpenAttempt = FlowId & {
  jobId: string
  number: number
  workerId: string
  pool: string
  models: readonly string[]
  loras: readonly string[]
  /** GPU-seconds. */
  charge: number
}

type Entry = OpenAttempt & {
  /** When it was bound, or came to run. */
  since: number
  expectedMs: number
}

export const keyOf = ({ jobId, number }: { jobId: string; number: number }): string => `${jobId}:${number}`

/** The attempts that are open, as last heard of: nothing about them is read twice. Times are by the caller's clock, in ms. */
export class OpenAttempts {
  private readonly byKey = new Map<string, Entry>()
  private readonly byWorker = new Map<string, Entry[]>()
  private readonly counts = new Map<string, number>()

  has(key: string): boolean {
    return this.byKey.has(key)
  }

  all(): OpenAttempt[] {
    return [...this.byKey.values()]
  }

  /** In the order of binding. */
  of(workerId: string): readonly OpenAttempt[] {
    return this.byWorker.get(workerId) ?? []
  }

  inSpace(id: string): number {
    return this.counts.get(`s${id}`) ?? 0
  }

  ofUser(id: string): number {
    return this.counts.get(`u${id}`) ?? 0
  }

  add(attempt: OpenAttempt, { now, loadMs = 0 }: { now: number; loadMs?: number }): void {
    const entry = { ...attempt, since: now, expectedMs: loadMs + attempt.charge * 1_000 }
    this.byKey.set(keyOf(attempt), entry)
    const held = this.byWorker.get(attempt.workerId)
    if (held) held.push(entry)
    else this.byWorker.set(attempt.workerId, [entry])
    this.count(attempt, 1)
  }

  /** `runSlots`: one that moves up into a slot begins now. */
  remove(
    key: string,
    { now, runSlots = 1 }: { now: number; runSlots?: number | undefined },
  ): OpenAttempt | undefined {
    const entry = this.byKey.get(key)
    if (!entry) return undefined
    this.byKey.delete(key)
    this.count(entry, -1)
    const held = this.byWorker.get(entry.workerId) ?? []
    const place = held.indexOf(entry)
    held.splice(place, 1)
    const next = held[runSlots - 1]
    if (place < runSlots && next) next.since = now
    if (held.length === 0) this.byWorker.delete(entry.workerId)
    return entry
  }

  /** Until one more job could run there, by what the present ones are expected to take. */
  waitMs({ id, runSlots }: { id: string; runSlots: number }, now: number): number {
    const held = this.byWorker.get(id) ?? []
    if (held.length < runSlots) return 0
    const left = held.slice(0, runSlots).map((entry) => leftOf(entry, now))
    const queued = held.slice(runSlots).reduce((sum, { expectedMs }) => sum + expectedMs, 0)
    return Math.min(...left) + queued / Math.max(1, runSlots)
  }

  private count({ spaceId, userId }: OpenAttempt, by: number): void {
    for (const key of [`s${spaceId}`, `u${userId}`]) {
      const count = (this.counts.get(key) ?? 0) + by
      if (count > 0) this.counts.set(key, count)
      else this.counts.delete(key)
    }
  }
}

/** What is late is expected to take half as long again: an end that is always "now" would be waited for endlessly. */
function leftOf({ since, expectedMs }: Entry, now: number): number {
  const elapsed = now - since
  return Math.max(expectedMs - elapsed, elapsed / 2)
}
