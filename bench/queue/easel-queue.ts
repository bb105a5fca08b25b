import { randomUUID } from 'node:crypto'
import { connectBus, createClient, openInbox, publishFact } from '@easel/bus'
import { attemptEnded, attemptStarted, inference, RunAttempt, workerDesk } from '@easel/contracts'
import { openDatabase } from '@easel/database'
import { freePort } from '@easel/embedded'
import { ServiceProcess } from '../../tools/cluster/service-process.ts'
import type { Bus, WorkItem } from '@easel/bus'
import type { JobView, SubmitJob } from '@easel/contracts'
import type { Database } from '@easel/database'
import type { Servers } from '@easel/embedded'

export type EaselQueue = AsyncDisposable & {
  bus: Bus
  database: Database
  submit(job: SubmitJob, actor: Actor): Promise<JobView>
  cancel(id: string, actor: Actor): Promise<void>
  /** Workers of a pool that would take a job. */
  readyIn(pool: string): Promise<number>
  cycles(): Promise<Cycles>
}

/** `sum`: seconds that the scheduler's looks at the queue took, by the clock; `cpu`: of the whole process. */
export type Cycles = { sum: number; count: number; bound: number; cpu: number }

const log = console

/** The control role of inference, as a process of its own, without anybody around it. */
export async function startEaselQueue(
  { urls }: Servers,
  { blobs, profile }: { blobs: string; profile?: string | undefined },
): Promise<EaselQueue> {
  await using stack = new AsyncDisposableStack()
  const health = await freePort()
  const healthUrl = `http://127.0.0.1:${health}`
  const control = stack.use(
    new ServiceProcess({
      name: 'control',
      entry: 'apps/inference/dist/main.js',
      healthUrl,
      env: {
        EASEL_INFERENCE_ROLE: 'control',
        EASEL_DATABASE_URL: urls.postgres,
        EASEL_NATS_URL: urls.nats,
        EASEL_BLOBS: `file:${blobs}`,
        EASEL_HEALTH_PORT: String(health),
        EASEL_LOG_LEVEL: 'error',
        ...(profile !== undefined && { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profile}` }),
      },
    }),
  )
  await control.start()
  const bus = stack.use(await connectBus({ url: urls.nats, name: 'bench', log }))
  const database = stack.use(openDatabase({ url: urls.postgres, schema: 'inference', poolSize: 2 }))
  const client = createClient(bus, inference)
  const owned = stack.move()
  return {
    bus,
    database,
    submit: (job, actor) => client.submitJob(job, { actor, timeoutMs: 60_000 }),
    cancel: async (id, actor) => void (await client.cancelJob({ id }, { actor })),
    async readyIn(pool) {
      const { items } = await client.listWorkers({}, { actor: aPerson() })
      return items.filter((found) => found.pool === pool && found.state === 'ready').length
    },
    async cycles() {
      const text = await (await fetch(`${healthUrl}/metrics`)).text()
      const valueOf = (name: RegExp) =>
        text
          .split('\n')
          .filter((line) => name.test(line))
          .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
      return {
        sum: valueOf(/^easel_schedule_cycle_seconds_sum/),
        count: valueOf(/^easel_schedule_cycle_seconds_count/),
        bound: valueOf(/^easel_attempts_bound_total/),
        cpu: valueOf(/^process_cpu_seconds_total/),
      }
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

export type Actor = ReturnType<typeof aPerson>

export function aPerson() {
  const personalSpaceId = randomUUID()
  return {
    userId: randomUUID(),
    role: 'member' as const,
    personalSpaceId,
    spaces: { [personalSpaceId]: 'owner' as const },
    scopes: ['jobs:read' as const, 'jobs:write' as const],
  }
}

/** Rows of workers that are there for a day, whatever nobody hears of them. */
export async function registerWorkers({ database }: EaselQueue, count: number, label: string): Promise<void> {
  await database.query(
    `insert into workers (id, incarnation, pool, ready, simulator, draining, run_slots, prefetch_slots, labels,
       version, last_seen_at)
     select 'farm-' || n, gen_random_uuid(), 'default', true, true, false, 1, 0, array[$2], 'bench',
       now() + interval '1 day'
     from generate_series(1, $1::int) n`,
    [count, label],
  )
}

export type SeatOptions = { id: string; labels: string[]; slots: number; prefetch: number }

/** A worker whose runs take no time. */
export class Seat implements AsyncDisposable {
  readonly #bus: Bus
  readonly #options: SeatOptions
  readonly #incarnation = randomUUID()
  readonly #held = new Set<string>()
  readonly #owned = new AsyncDisposableStack()
  /** What came, and when. */
  readonly arrived = new Map<string, number>()
  ended = 0

  private constructor(bus: Bus, options: SeatOptions) {
    this.#bus = bus
    this.#options = options
  }

  static async take(bus: Bus, options: SeatOptions): Promise<Seat> {
    const seat = new Seat(bus, options)
    await seat.#open()
    return seat
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned.disposeAsync()
  }

  async #open(): Promise<void> {
    const { id, slots, prefetch } = this.#options
    await this.#beat()
    this.#owned.use(
      await openInbox(this.#bus, {
        worker: id,
        message: RunAttempt,
        slots: slots + prefetch,
        handle: (item) => this.#run(item),
      }),
    )
    const beats = setInterval(() => void this.#beat().catch(() => undefined), 1_000)
    this.#owned.defer(() => clearInterval(beats))
  }

  async #beat(): Promise<void> {
    const { id, labels, slots, prefetch } = this.#options
    await createClient(this.#bus, workerDesk).beat({
      id,
      incarnation: this.#incarnation,
      pool: 'default',
      ready: true,
      simulator: true,
      draining: false,
      runSlots: slots,
      prefetchSlots: prefetch,
      attempts: [...this.#held].map((jobId) => ({ jobId, attempt: 1 })),
      labels,
      version: 'bench',
    })
  }

  async #run({ payload, done }: WorkItem<RunAttempt>): Promise<void> {
    const { jobId, attempt } = payload
    this.arrived.set(jobId, performance.now())
    this.#held.add(jobId)
    const { id } = this.#options
    const at = new Date().toISOString()
    const started = { jobId, attempt, worker: id, startedAt: at }
    const usage = { gpuSeconds: 0.001, costMicros: 0 }
    const nothing = { outputs: [], warnings: [], retryable: false }
    const result = { result: 'succeeded' as const, timings: { executeMs: 1 }, usage, ...nothing }
    const ended = { jobId, attempt, worker: id, endedAt: at, ...result }
    await Promise.all([
      publishFact(this.#bus, attemptStarted, { id: `${jobId}:${attempt}:start`, payload: started }),
      publishFact(this.#bus, attemptEnded, { id: `${jobId}:${attempt}:end`, payload: ended }),
    ])
    await done()
    this.#held.delete(jobId)
    this.ended += 1
  }
}
