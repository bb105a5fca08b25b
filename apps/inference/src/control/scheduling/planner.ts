import { assign } from './assign.ts'
import { chargeOf } from './fair/flow.ts'
import { fairOrder } from './fair/fair-order.ts'
import { PoolShares } from './fair/pool-shares.ts'
import { OpenAttempts } from './open-attempts.ts'
import { Runnable } from './runnable.ts'
import { Holdings } from './warm/holdings.ts'
import type { Flow, FlowId, Room, Weights } from './fair/flow.ts'
import type { OpenAttempt } from './open-attempts.ts'
import type { Candidate, KnownClasses, Place } from './snapshot.ts'
import type { LoadTimes, Seat } from './warm/seat.ts'

export type PlannerRules = {
  window: number
  quantum: number
  /** Of interactive, normal and bulk, inside one user's share. */
  classWeights: readonly number[]
}

/** What holds for a space or user. */
export type Account = { weight: number; maxRunning: number | null }
export type Accounts = { ofSpace(id: string): Account; ofUser(id: string): Account }

/** Flows of one pool and what may serve them. */
export type PoolView = {
  pool: string
  places: readonly Place[]
  flows: readonly CandidateFlow[]
  accounts: Accounts
  known: KnownClasses
  loads: LoadTimes
  /** By the caller's clock, in ms; never goes back. */
  now: number
}

export type CandidateFlow = Flow<Candidate> & {
  /** Jobs wait behind those that are given here. */
  more: boolean
}

export type Binding = {
  job: Candidate
  workerId: string
  incarnation: string
  charge: number
  warm: boolean
  /** The worker gives up other models for it. */
  switches: boolean
  waitMs: number
  loadMs: number
  isHead: boolean
}

export type Plan = {
  bindings: Binding[]
  /** With more jobs of these flows the plan might be another. */
  short: FlowId[]
}

/** What a new job counts in the mean. */
const meanPace = 0.01

/**
 * Decides who runs what. Pure but for its memory: virtual times of the pools, open attempts, and what each worker
 * holds. The scheduler asks it with what it reads from the database, the benchmark with what it simulates.
 */
export class Planner {
  readonly open = new OpenAttempts()
  private readonly rules: PlannerRules
  private readonly holdings = new Holdings()
  private readonly pools = new Map<string, PoolShares>()
  private readonly runnable = new Runnable()
  /** GPU-seconds of the jobs bound last, by pool. */
  private readonly meanCharges = new Map<string, number>()

  constructor(rules: PlannerRules) {
    this.rules = rules
  }

  sharesOf(pool: string): PoolShares {
    const known = this.pools.get(pool)
    if (known) return known
    const shares = new PoolShares()
    this.pools.set(pool, shares)
    return shares
  }

  allShares(): ReadonlyMap<string, PoolShares> {
    return this.pools
  }

  load(pool: string, times: Iterable<readonly [path: string, time: number]>): void {
    this.pools.set(pool, new PoolShares(times))
  }

  weights(accounts: Accounts): Weights {
    return {
      space: (id) => accounts.ofSpace(id).weight,
      user: (id) => accounts.ofUser(id).weight,
      class: (priority) => this.rules.classWeights[priority] ?? 1,
    }
  }

  /** Changes nothing but the start of who has just begun to wait. `taken`: what is about to be bound in other pools. */
  plan(view: PoolView, taken: readonly Binding[] = []): Plan {
    const { pool, flows, accounts, known, loads, now } = view
    const places = view.places.filter((place) => place.pool === pool)
    const room = this.roomOf(accounts, taken)
    const shares = this.sharesOf(pool)
    this.runnable.look(places, known)
    const open = flows.map((flow) => ({ ...flow, jobs: flow.jobs.filter((job) => this.runnable.has(job)) }))
    const served = open.filter(({ jobs }) => jobs.length > 0)
    shares.look(
      served,
      ({ spaceId, userId }) => (room.space(spaceId) ?? 1) <= 0 || (room.user(userId) ?? 1) <= 0,
    )
    const seats = places.map((place) => this.seatOf(place, now))
    const free = seats.reduce(
      (sum, seat) => sum + Math.max(0, seat.runSlots + seat.prefetchSlots - seat.open),
      0,
    )
    const limit = this.rules.window + free
    const order = fairOrder(served, shares, { weights: this.weights(accounts), room, limit })
    const { quantum } = this.rules
    const window = this.windowOf(pool, order.jobs)
    const { picks, wantsMore } = assign(order.jobs, seats, { known, loads, window, quantum })

    const isShort = order.jobs.length < limit && (wantsMore || picks.length < free)
    const dry = [...order.drained, ...open.filter(({ jobs }) => jobs.length === 0)]
    const short = isShort ? dry.filter(({ more }) => more) : []
    return {
      short,
      bindings: picks.map(({ job, seat, warm, loadMs, isHead }) => ({
        job,
        isHead,
        workerId: seat.id,
        incarnation: seat.incarnation,
        charge: chargeOf(job),
        warm,
        switches: !warm && seat.holds.length > 0,
        waitMs: seat.waitMs,
        loadMs,
      })),
    }
  }

  /** It is in the ledger. */
  bound(
    binding: Binding,
    number: number,
    { places, accounts, now }: Pick<PoolView, 'places' | 'accounts' | 'now'>,
  ): void {
    const { job, workerId, charge, loadMs, waitMs } = binding
    this.sharesOf(job.pool).charge(job, charge, this.weights(accounts))
    const mean = this.meanCharges.get(job.pool) ?? charge
    this.meanCharges.set(job.pool, mean + (charge - mean) * meanPace)
    const place = places.find(({ id }) => id === workerId)
    if (place) this.holdings.take(place, job, { now, waitMs, isHead: binding.isHead })
    this.open.add(attemptOf(job, { number, workerId, charge }), { now, loadMs })
  }

  /** An attempt that somebody else bound. `charged`: the shares know of it. */
  found(
    attempt: OpenAttempt,
    { accounts, charged, now }: { accounts: Accounts; charged: boolean; now: number },
  ): void {
    if (!charged) this.sharesOf(attempt.pool).charge(attempt, attempt.charge, this.weights(accounts))
    this.open.add(attempt, { now })
  }

  /** It has ended and took so many GPU-seconds, which may not be what it was charged for. */
  correct(attempt: OpenAttempt, gpuSeconds: number, accounts: Accounts): void {
    this.sharesOf(attempt.pool).correct(attempt, gpuSeconds - attempt.charge, this.weights(accounts))
  }

  /** Drops what nobody needs any more. */
  forget(places: readonly Place[], uncorrected: readonly OpenAttempt[] = []): void {
    this.holdings.keep(new Set(places.map(({ id }) => id)))
    const running = Map.groupBy([...this.open.all(), ...uncorrected], ({ pool }) => pool)
    for (const [pool, shares] of this.pools) shares.forget(running.get(pool) ?? [])
  }

  /** So many jobs of average size: long ones that are passed over again and again use it up. */
  private windowOf(pool: string, order: readonly Candidate[]): number {
    const { window } = this.rules
    let left = window * (this.meanCharges.get(pool) ?? Infinity)
    const end = order.findIndex((job) => (left -= chargeOf(job)) < 0)
    return end < 0 ? window : Math.min(window, Math.max(1, end))
  }

  private seatOf(place: Place, now: number): Seat {
    const open = this.open.of(place.id)
    const bound = open.findLast(({ models }) => models.length > 0)
    const seen = { ...place, open: open.length }
    const { models, loras, servedMs, usedAt } = this.holdings.look(seen, bound, now)
    return { ...seen, holds: models, loras, servedMs, usedAt, waitMs: this.open.waitMs(place, now) }
  }

  private roomOf(accounts: Accounts, taken: readonly Binding[]): Room {
    const left = ({ maxRunning }: Account, running: () => number) =>
      maxRunning === null ? undefined : Math.max(0, maxRunning - running())
    const count = (is: (job: Candidate) => boolean) => taken.filter(({ job }) => is(job)).length
    return {
      space: (id) =>
        left(accounts.ofSpace(id), () => this.open.inSpace(id) + count(({ spaceId }) => spaceId === id)),
      user: (id) =>
        left(accounts.ofUser(id), () => this.open.ofUser(id) + count(({ userId }) => userId === id)),
    }
  }
}

export function attemptOf(
  { id, pool, spaceId, userId, priority, models, loras }: Candidate,
  { number, workerId, charge }: { number: number; workerId: string; charge: number },
): OpenAttempt {
  return { jobId: id, number, workerId, pool, spaceId, userId, priority, models, loras, charge }
}
