import type { BusLog, WorkItem } from '@easel/bus'
import type { RunAttempt } from '@easel/contracts'
import { keyOf } from './attempt-facts.ts'
import type { AttemptFacts, AttemptId } from './attempt-facts.ts'
import type { StopReason } from './attempt-outcome.ts'
import type { AttemptRun, EndedAttempt } from './attempt-run.ts'
import { Memory } from './memory.ts'

export type AttemptsOptions = {
  facts: AttemptFacts
  log: BusLog
  start: (attempt: RunAttempt, deliveries: number) => AttemptRun
  onEnd: (run: AttemptRun, end: EndedAttempt) => void
}

type Held = { run: AttemptRun; items: WorkItem<RunAttempt>[]; finished: Promise<void> }

const workingEveryMs = 5_000
const rememberMs = 10 * 60_000

/** The attempts that this worker holds: whatever comes twice, late or in another order ends once. */
export class Attempts implements Disposable {
  readonly #options: AttemptsOptions
  readonly #held = new Map<string, Held>()
  readonly #ended = new Memory(rememberMs)
  /** Cancels that came before their attempt. */
  readonly #canceled = new Memory(rememberMs)
  readonly #timer: NodeJS.Timeout
  #draining = false

  constructor(options: AttemptsOptions) {
    this.#options = options
    this.#timer = setInterval(() => this.#keepAlive(), workingEveryMs)
    this.#timer.unref()
  }

  get draining(): boolean {
    return this.#draining
  }

  list(): AttemptId[] {
    return [...this.#held.values()].map(
      ({
        run: {
          attempt: { jobId, attempt },
        },
      }) => ({ jobId, attempt }),
    )
  }

  /** Is any of them in ComfyUI, or was? */
  get running(): boolean {
    return [...this.#held.values()].some(({ run }) => run.running)
  }

  /** For the inbox: never throws, resolves when the item is dealt with. */
  async handle(item: WorkItem<RunAttempt>): Promise<void> {
    const key = keyOf(item.payload)
    const held = this.#held.get(key)
    if (held) {
      held.items.push(item)
      return held.finished
    }
    if (this.#ended.has(key)) return this.#done(item)
    const run = this.#options.start(item.payload, item.deliveries)
    const fresh: Held = { run, items: [item], finished: Promise.resolve() }
    if (this.#canceled.has(key)) run.stop('canceled')
    else if (this.#draining) run.stop('handed-back')
    this.#held.set(key, fresh)
    fresh.finished = this.#carry(key, fresh)
    return fresh.finished
  }

  stop(id: AttemptId, reason: StopReason): void {
    const key = keyOf(id)
    const held = this.#held.get(key)
    if (held) held.run.stop(reason)
    else if (reason === 'canceled' && !this.#ended.has(key)) this.#canceled.add(key)
  }

  /** Takes no more; what has not begun goes back at once. */
  drain(): void {
    this.#draining = true
    this.handBack(({ running }) => !running)
  }

  /** After a drain. */
  resume(): void {
    this.#draining = false
  }

  handBack(which: (run: AttemptRun) => boolean): void {
    for (const { run } of this.#held.values()) if (which(run)) run.stop('handed-back')
  }

  /** Resolves when nothing is held. */
  async idle(): Promise<void> {
    while (this.#held.size > 0) await Promise.all([...this.#held.values()].map(({ finished }) => finished))
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }

  async #carry(key: string, held: Held): Promise<void> {
    const { facts, onEnd } = this.#options
    const { run } = held
    let told = false
    try {
      const end = await run.run()
      onEnd(run, end)
      // Only when the word is durable the item may go: else another process must say it.
      told = run.stopped === 'dropped' || (await facts.ended(end))
    } finally {
      // Whatever went wrong: what is listed is waited for, for ever.
      this.#held.delete(key)
    }
    if (!told) return
    this.#ended.add(key)
    await Promise.all(held.items.map((item) => this.#done(item)))
  }

  async #done(item: WorkItem<RunAttempt>): Promise<void> {
    try {
      await item.done()
    } catch (cause) {
      // It comes again, and is known then.
      this.#options.log.warn({ err: cause, job: item.payload.jobId }, 'an item stayed in the inbox')
    }
  }

  #keepAlive(): void {
    for (const { items } of this.#held.values()) for (const item of items) item.working()
  }
}
