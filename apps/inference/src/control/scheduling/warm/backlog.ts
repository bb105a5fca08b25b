import { chargeOf } from '../fair/flow.ts'
import { isWarm, loadTimeOf, modelSetOf } from './seat.ts'
import type { Candidate } from '../snapshot.ts'
import type { LoadTimes, Seat } from './seat.ts'

/** What waits for each set of models, and who holds it. */
export class Backlog {
  private readonly waitingMs = new Map<string, number>()
  private readonly holders = new Map<string, Set<Seat>>()

  private readonly mayRun: (job: Candidate, seat: Seat) => boolean

  /** `mayRun`: now or when it has a free slot. */
  constructor(
    jobs: readonly Candidate[],
    seats: readonly Seat[],
    mayRun: (job: Candidate, seat: Seat) => boolean,
  ) {
    this.mayRun = mayRun
    for (const job of jobs) this.count(job, 1_000)
    for (const seat of seats) this.holdersOf(seat.holds).add(seat)
  }

  /** Until those who hold the job's models have come through what waits for them; `Infinity` when nobody does. */
  waitElsewhereMs(job: Candidate, here: Seat): number {
    const others = this.othersWith(job, here)
    if (others.length === 0) return Infinity
    const first = Math.min(...others.map(({ waitMs }) => waitMs))
    return first + (this.waitingMs.get(modelSetOf(job.models)) ?? 0) / others.length
  }

  /** What would come to this worker of it, if it took these models up. */
  shareMs(job: Candidate, here: Seat): number {
    const others = this.othersWith(job, here)
    return (this.waitingMs.get(modelSetOf(job.models)) ?? 0) / (others.length + 1)
  }

  isWantedFor({ holds }: Seat): boolean {
    return holds.length > 0 && (this.waitingMs.get(modelSetOf(holds)) ?? 0) > 0
  }

  /** What it costs others when this job displaces what the worker holds, in ms. */
  lossMs(job: Candidate, seat: Seat, loads: LoadTimes): number {
    // Nothing is displaced, but whoever wants these models would have to wait.
    if (isWarm(job, seat)) return job.models.length === 0 && this.isWantedFor(seat) ? 1 : 0
    return this.holdersOf(seat.holds).size > 1 ? 0 : this.reloadMs(seat, loads)
  }

  /** What loading its present models again will cost; nothing when nobody waits for them. */
  reloadMs(seat: Seat, loads: LoadTimes): number {
    return this.isWantedFor(seat) ? loadTimeOf(seat.holds, seat, loads) : 0
  }

  remove(job: Candidate): void {
    this.count(job, -1_000)
  }

  /** To be called before the seat's `holds` changes. */
  moved(seat: Seat, models: readonly string[]): void {
    this.holdersOf(seat.holds).delete(seat)
    this.holdersOf(models).add(seat)
  }

  private count(job: Candidate, factor: number): void {
    if (job.models.length === 0) return
    const key = modelSetOf(job.models)
    this.waitingMs.set(key, (this.waitingMs.get(key) ?? 0) + chargeOf(job) * factor)
  }

  private othersWith(job: Candidate, here: Seat): Seat[] {
    return [...this.holdersOf(job.models)].filter((seat) => seat !== here && this.mayRun(job, seat))
  }

  private holdersOf(models: readonly string[]): Set<Seat> {
    const key = modelSetOf(models)
    const known = this.holders.get(key)
    if (known) return known
    const none = new Set<Seat>()
    this.holders.set(key, none)
    return none
  }
}
