/** A queue with something to send. */
export type DueQueue = {
  readonly queue: string
  readonly webhookId: string
  readonly host: string
}

export type SlotLimits = {
  readonly all: number
  readonly perQueue: number
  readonly perWebhook: number
  readonly perHost: number
}

/** Failures in a row after which a receiver is taken for down. */
const downAfter = 3
const slowMs = 3_000
const slowSlots = 4
/** A queue that is not heard of any more is forgotten, the oldest first. */
const maxKnown = 10_000

type Health = { failures: number; slow: boolean }

/**
 * How many requests may be under way at once: in all, to a queue, a webhook and a host. A receiver that is down
 * gets one at a time, a slow one four, and all of those together half of the whole: they cannot hold up others.
 */
export class Slots {
  readonly #limits: SlotLimits
  readonly #counts = new Map<string, number>()
  readonly #health = new Map<string, Health>()
  #strained = 0
  #all = 0

  constructor(limits: SlotLimits) {
    this.#limits = limits
  }

  get busy(): number {
    return this.#all
  }

  /** How much of each queue to take now; those that come first are served first. */
  choose(due: readonly DueQueue[]): { queue: string; room: number }[] {
    const planned = new Map<string, number>()
    let all = this.#limits.all - this.#all
    let strained = Math.floor(this.#limits.all / 2) - this.#strained
    const chosen: { queue: string; room: number }[] = []
    for (const one of due) {
      const isStrained = this.#isStrained(one.queue)
      const room = Math.min(all, isStrained ? strained : all, this.#room(one, planned))
      if (room <= 0) continue
      chosen.push({ queue: one.queue, room })
      for (const key of keysOf(one)) planned.set(key, (planned.get(key) ?? 0) + room)
      all -= room
      if (isStrained) strained -= room
    }
    return chosen
  }

  /** Takes a slot; the answer gives it back and says how it went. */
  take(one: DueQueue): (outcome: { failed: boolean; durationMs: number } | undefined) => void {
    const strained = this.#isStrained(one.queue)
    this.#all += 1
    if (strained) this.#strained += 1
    for (const key of keysOf(one)) this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1)
    return (outcome) => {
      this.#all -= 1
      if (strained) this.#strained -= 1
      for (const key of keysOf(one)) this.#giveBack(key)
      if (outcome) this.#learn(one.queue, outcome)
    }
  }

  #room(one: DueQueue, planned: ReadonlyMap<string, number>): number {
    const { perQueue, perWebhook, perHost } = this.#limits
    const own = Math.min(perQueue, this.#ownLimit(one.queue))
    const limits = [own, perWebhook, perHost]
    const left = keysOf(one).map(
      (key, index) => limits[index]! - (this.#counts.get(key) ?? 0) - (planned.get(key) ?? 0),
    )
    return Math.min(...left)
  }

  #ownLimit(queue: string): number {
    const health = this.#health.get(queue)
    if (!health) return Number.POSITIVE_INFINITY
    if (health.failures >= downAfter) return 1
    return health.slow ? slowSlots : Number.POSITIVE_INFINITY
  }

  #isStrained(queue: string): boolean {
    return this.#ownLimit(queue) !== Number.POSITIVE_INFINITY
  }

  #giveBack(key: string): void {
    const left = (this.#counts.get(key) ?? 0) - 1
    if (left > 0) this.#counts.set(key, left)
    else this.#counts.delete(key)
  }

  #learn(queue: string, { failed, durationMs }: { failed: boolean; durationMs: number }): void {
    const slow = durationMs > slowMs
    const failures = failed ? (this.#health.get(queue)?.failures ?? 0) + 1 : 0
    this.#health.delete(queue)
    if (failures === 0 && !slow) return
    this.#health.set(queue, { failures, slow })
    const [oldest] = this.#health.keys()
    if (this.#health.size > maxKnown && oldest !== undefined) this.#health.delete(oldest)
  }
}

function keysOf({ queue, webhookId, host }: DueQueue): string[] {
  return [`queue ${queue}`, `webhook ${webhookId}`, `host ${host}`]
}
