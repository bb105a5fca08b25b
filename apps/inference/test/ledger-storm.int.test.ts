import { publishFact } from '@easel/bus'
import { attemptEnded } from '@easel/contracts'
import { newId } from '@easel/protocol'
import { waitFor } from '@easel/testing'
import { expect, test } from 'vitest'
import { expectLedgerToAddUp, ledgerOf, limit, ofSpace, ofUser } from './support/accounts.ts'
import { anActor, startTestControl } from './support/start-control.ts'
import { anEnd } from './support/test-worker.ts'
import type { AttemptEnded } from '@easel/contracts'
import type { Actor } from '@easel/protocol'
import type { TestControl } from './support/start-control.ts'
import type { Held, TestWorker } from './support/test-worker.ts'

const events = 300

test('usage adds up after a storm of 300 events', async () => {
  await using control = await startTestControl({ replicas: 2 })
  const actors = await threePeople(control)
  const workers = await Promise.all(
    [1, 2, 3].map(() => control.startWorker({ automatic: false, runSlots: 4, prefetchSlots: 2 })),
  )
  const storm = new Storm(control, actors, workers)

  for (let count = 0; count < events; count++) await storm.happen()
  await storm.finish()

  expect(storm.submitted).toBeGreaterThan(50)
  await using database = ledgerOf(control)
  const { rows } = await database.query<{ status: string; charged: number }>(
    'select status, sum(charged_seconds) as charged from jobs group by 1',
  )
  const charged = new Map(rows.map((row) => [row.status, row.charged]))
  expect(charged.get('succeeded')).toBeGreaterThan(0)
  expect(charged.get('failed') ?? 0).toBe(0)
  await expectLedgerToAddUp(control)
}, 120_000)

async function threePeople(control: TestControl): Promise<Actor[]> {
  const first = anActor()
  const member = { ...anActor(), spaces: { [first.personalSpaceId]: 'editor' as const } }
  const alone = anActor()
  await limit(control, ofSpace(first), { gpuSecondsPerDay: 500, costMicrosPerMonth: 1_000_000 })
  await limit(control, ofUser(alone), { gpuSecondsPerMonth: 700, maxOpen: 30 })
  return [first, { ...member, personalSpaceId: first.personalSpaceId }, alone]
}

/** What may happen to jobs, in an order that is the same each time as far as this process decides it. */
class Storm {
  submitted = 0
  private readonly jobs: { id: string; actor: Actor }[] = []
  private readonly ended: AttemptEnded[] = []
  private seed = 20_261_120

  constructor(
    private readonly control: TestControl,
    private readonly actors: readonly Actor[],
    private readonly workers: readonly TestWorker[],
  ) {}

  async happen(): Promise<void> {
    const luck = this.random()
    if (luck < 0.4) await this.submit()
    else if (luck < 0.5) await this.cancel()
    else if (luck < 0.58) await this.repeatAnEnd()
    else if (luck < 0.62) await Promise.all([this.submit(), this.submit(), this.submit()])
    else await this.work()
  }

  /** Until nothing is open. */
  async finish(): Promise<void> {
    const { client } = this.control
    await Promise.all(
      this.jobs.map(({ id, actor }) => client.cancelJob({ id }, { actor, timeoutMs: 20_000 })),
    )
    await waitFor(
      async () => {
        for (const worker of this.workers)
          for (const held of worker.held.values()) await this.end(worker, held)
        const reports = await Promise.all(
          this.actors.map((actor) => client.getUsage(ofUser(actor), { actor, timeoutMs: 20_000 })),
        )
        return reports.every(({ open }) => open === 0)
      },
      { timeoutMs: 60_000 },
    )
  }

  private async submit(): Promise<void> {
    const actor = this.pick(this.actors)
    try {
      const { id } = await this.control.submit({}, { actor, timeoutMs: 20_000 })
      this.jobs.push({ id, actor })
      this.submitted++
    } catch (cause) {
      expect(cause).toMatchObject({ code: 'exhausted' })
    }
  }

  private async cancel(): Promise<void> {
    const job = this.pick(this.jobs)
    if (job) await this.control.client.cancelJob({ id: job.id }, { actor: job.actor })
  }

  private async repeatAnEnd(): Promise<void> {
    const payload = this.pick(this.ended)
    if (payload) await publishFact(this.control.bus, attemptEnded, { id: newId(), payload })
  }

  private async work(): Promise<void> {
    const worker = this.pick(this.workers)
    const held = worker && this.pick([...worker.held.values()])
    if (!held) return
    if (held.started) return this.end(worker, held)
    await worker.begin(held)
  }

  private async end(worker: TestWorker, held: Held): Promise<void> {
    const results = ['succeeded', 'succeeded', 'succeeded', 'failed', 'lost', 'canceled'] as const
    const result = this.pick(results)
    const usage = { gpuSeconds: Math.round(this.random() * 9_000) / 1_000, costMicros: this.whole(5_000) }
    const error = result === 'failed' || result === 'lost' ? { code: 'STORM', message: 'storm' } : null
    const details = {
      result,
      usage,
      error,
      retryable: this.random() < 0.5,
      ...(result !== 'succeeded' && { outputs: [] }),
    }
    this.ended.push(anEnd(held.work, worker.id, details))
    await worker.end(held, details)
  }

  private pick<T>(items: readonly T[]): T {
    return items[this.whole(items.length)] as T
  }

  private whole(below: number): number {
    return Math.floor(this.random() * below)
  }

  /** Mulberry32. */
  private random(): number {
    this.seed = (this.seed + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.seed ^ (this.seed >>> 15), 1 | this.seed)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
