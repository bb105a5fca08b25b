import { setTimeout as delay } from 'node:timers/promises'
import type { DeliveriesRepository, AttemptResult, Settled } from './deliveries.repository.ts'

const maxBatch = 200
const tries = 5
const pauseMs = 1_000

/** What an attempt says of its webhook, if anything. */
export type Health = 'well' | 'failing' | undefined

type Waiting = {
  readonly result: AttemptResult
  readonly health: Health
  readonly done: (settled: Settled | undefined) => void
  readonly failed: (cause: unknown) => void
}

/** Writes the results of attempts, those that end at the same time in one transaction. */
export class Results {
  readonly #deliveries: DeliveriesRepository
  readonly #patienceMs: number
  #waiting: Waiting[] = []
  #writing = false

  constructor(deliveries: DeliveriesRepository, patienceMs: number) {
    this.#deliveries = deliveries
    this.#patienceMs = patienceMs
  }

  /** Resolves when it is written; undefined: it had no say any more. */
  write(result: AttemptResult, health: Health): Promise<Settled | undefined> {
    return new Promise((done, failed) => {
      this.#waiting.push({ result, health, done, failed })
      void this.#writeAll()
    })
  }

  async #writeAll(): Promise<void> {
    if (this.#writing) return
    this.#writing = true
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, maxBatch)
      try {
        const settled = new Map((await this.#settle(batch)).map((one) => [one.id, one]))
        for (const { result, done } of batch) done(settled.get(result.id))
      } catch (cause) {
        for (const { failed } of batch) failed(cause)
      }
    }
    this.#writing = false
  }

  async #noteHealth(batch: readonly Waiting[], settled: readonly Settled[]): Promise<void> {
    const webhooks = new Map(settled.map(({ id, webhookId }) => [id, webhookId]))
    const of = (wanted: Health) =>
      batch.flatMap(({ result, health }) => (health === wanted ? (webhooks.get(result.id) ?? []) : []))
    const [failed, well] = [of('failing'), of('well')]
    if (failed.length + well.length > 0) await this.#deliveries.noteHealth(failed, well)
  }

  async #settle(batch: readonly Waiting[]): Promise<readonly Settled[]> {
    const results = batch.map(({ result }) => result)
    for (let failures = 1; ; failures++) {
      try {
        const settled = await this.#deliveries.settle(results, this.#patienceMs)
        await this.#noteHealth(batch, settled)
        return settled
      } catch (cause) {
        // Then its lease runs out, and it is sent once more.
        if (failures === tries) throw cause
        await delay(pauseMs)
      }
    }
  }
}
