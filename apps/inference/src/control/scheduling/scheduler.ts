import type { DatabaseLog } from '@easel/database'
import type { ScheduleMetrics } from '../schedule-metrics.ts'
import { freeByPool } from './assign.ts'
import { Bell } from './bell.ts'
import { recordBindings } from './bind-spans.ts'
import { Ledger } from './ledger.ts'
import { Planner } from './planner.ts'
import type { Dispatcher } from './dispatcher.ts'
import type { FairSharesRepository } from './fair-shares.repository.ts'
import type { FlowId } from './fair/flow.ts'
import type { Accounts, Binding, CandidateFlow, PlannerRules, PoolView } from './planner.ts'
import type { FlowRow, PlaceRow, SchedulingRepository } from './scheduling.repository.ts'
import type { KnownClasses, Place } from './snapshot.ts'
import type { LoadTimes } from './warm/seat.ts'

export type SchedulerOptions = {
  repository: SchedulingRepository
  shares: FairSharesRepository
  dispatcher: Dispatcher
  definitions: KnownClasses & { want(places: readonly Place[]): void }
  /** Weights and caps, from memory. */
  accounts: () => Promise<Accounts>
  loads: LoadTimes
  rules: PlannerRules
  metrics: ScheduleMetrics
  log: DatabaseLog
}

const pollMs = 1_000
const errorPauseMs = 500
/** So many are read at first, of all flows together, beside those for the free slots. */
const shallow = 20
/** Jobs of a flow looked at in one go: those at the head may all wait for a node class that nobody has. */
const maxDepth = 1_000
const maxRounds = 10

/** Binds waiting jobs to workers, in the fair order and where their models are. Runs on the replica that leads. */
export class Scheduler {
  private readonly options: SchedulerOptions
  private readonly bell = new Bell()

  constructor(options: SchedulerOptions) {
    this.options = options
  }

  /** There may be something to bind: look now instead of at the next poll. */
  wake(): void {
    this.bell.ring()
  }

  async run(signal: AbortSignal): Promise<void> {
    const { log } = this.options
    let term: Term | undefined
    let failing = false
    while (!signal.aborted) {
      try {
        term ??= await Term.begin(this.options)
        await term.cycle()
        failing = false
        await this.bell.wait(pollMs, signal)
      } catch (cause) {
        if (!failing) log.warn({ err: cause }, 'scheduling failed and goes on')
        failing = true
        await new Bell().wait(errorPauseMs, signal)
      }
    }
    await term?.end().catch((cause: unknown) => log.warn({ err: cause }, 'the shares could not be saved'))
  }
}

/** From taking over to stepping down. */
class Term {
  private readonly options: SchedulerOptions
  private readonly planner: Planner
  private readonly ledger: Ledger
  private depth = shallow
  private free = 0
  private flows = 0
  /** Flows that are read deeper than the others. */
  private deeper = new Map<string, number>()

  private constructor(options: SchedulerOptions) {
    this.options = options
    this.planner = new Planner(options.rules)
    this.ledger = new Ledger({ planner: this.planner, repository: options.shares, log: options.log })
  }

  static async begin(options: SchedulerOptions): Promise<Term> {
    const term = new Term(options)
    await term.ledger.takeOver(await options.accounts())
    return term
  }

  async end(): Promise<void> {
    await this.ledger.close(await this.options.accounts())
  }

  async cycle(): Promise<void> {
    const { repository, definitions, metrics } = this.options
    const began = performance.now()
    const reading = Promise.all([repository.listPlaces(), repository.listFlows(this.depth, this.deeper)])
    const [[places, read], accounts] = await Promise.all([reading, this.options.accounts()])
    definitions.want(places)
    await this.ledger.look(places, accounts)
    let flows = read
    for (let round = 1; flows.length > 0 && round <= maxRounds; round++) {
      const more = await this.round({ flows, places, accounts })
      if (!more) break
      flows = await repository.listFlows(this.depth, this.deeper)
    }
    metrics.cycleDone((performance.now() - began) / 1_000)
    await this.ledger.tend(places, accounts)
  }

  /** True when it should look again, with longer flows. */
  private async round(read: Read): Promise<boolean> {
    const flows = namedFlows(read.flows, (name) => this.deeper.get(name) ?? this.depth)
    this.readAsDeepNext(flows, read.places)
    const bindings: Binding[] = []
    const short: string[] = []
    const views = this.viewsOf(flows, read)
    for (const view of views) {
      const plan = this.planner.plan(view, bindings)
      bindings.push(...plan.bindings)
      short.push(...plan.short.map((flow) => nameOf({ ...flow, pool: view.pool })))
    }
    await this.bind(bindings, read)
    return this.deepen(short)
  }

  private viewsOf(flows: readonly NamedFlow[], { places, accounts }: Read): PoolView[] {
    const { definitions: known, loads } = this.options
    const now = performance.now()
    return [...Map.groupBy(flows, ({ pool }) => pool)].map(([pool, ofPool]) => {
      return { pool, places, flows: ofPool, accounts, known, loads, now }
    })
  }

  private async bind(bindings: readonly Binding[], { places, accounts }: Read): Promise<void> {
    if (bindings.length === 0) return
    const { repository, dispatcher, metrics } = this.options
    const startedAt = new Date()
    const bound = await repository.bind(
      bindings.map(({ job, workerId, incarnation, charge }) => ({
        jobId: job.id,
        workerId,
        incarnation,
        charge,
      })),
    )
    dispatcher.send(bound)
    recordBindings(bound, startedAt)
    const now = performance.now()
    const byJob = new Map(bindings.map((binding) => [binding.job.id, binding]))
    for (const { jobId, attempt, waitedSeconds } of bound) {
      const binding = byJob.get(jobId)
      if (!binding) continue
      this.planner.bound(binding, attempt, { places, accounts, now })
      metrics.attemptBound({ ...binding, pool: binding.job.pool, waitedSeconds })
    }
  }

  /** First to the end of the window; what lies behind it matters only to slots that nothing in it fits. */
  private deepen(short: readonly string[]): boolean {
    let deeper = false
    const reach = this.shareOf(this.options.rules.window + this.free)
    for (const name of short) {
      const depth = this.deeper.get(name) ?? this.depth
      if (depth >= maxDepth) continue
      this.deeper.set(name, Math.min(maxDepth, depth < reach ? reach : depth * 4))
      deeper = true
    }
    return deeper
  }

  /** How much to read of each flow to have so many jobs in the end: they are not even. */
  private shareOf(jobs: number): number {
    return Math.min(jobs, Math.ceil((2 * jobs) / Math.max(1, this.flows)))
  }

  private readAsDeepNext(flows: readonly NamedFlow[], places: readonly PlaceRow[]): void {
    this.free = Math.max(0, ...freeByPool(places).values())
    this.flows = flows.length
    this.depth = Math.min(maxDepth, this.shareOf(shallow + this.free))
    const names = new Set(flows.map(({ name }) => name))
    for (const name of this.deeper.keys()) if (!names.has(name)) this.deeper.delete(name)
  }
}

type Read = { flows: readonly FlowRow[]; places: readonly PlaceRow[]; accounts: Accounts }

type NamedFlow = CandidateFlow & { name: string; pool: string }

/** As the query names it. */
const nameOf = ({ pool, spaceId, userId, priority }: FlowId & { pool: string }): string =>
  `${pool}/${spaceId}/${userId}/${priority}`

function namedFlows(rows: readonly FlowRow[], depthOf: (name: string) => number): NamedFlow[] {
  return rows.map((flow) => {
    const name = nameOf(flow)
    return { ...flow, name, more: flow.jobs.length >= depthOf(name) }
  })
}
