import { exclude, freeSlots, unavailable, unfit } from './filter.ts'
import { Backlog } from './warm/backlog.ts'
import { hasSameLoras, isWarm, loadMsOf } from './warm/seat.ts'
import type { Candidate, KnownClasses, Place } from './snapshot.ts'
import type { LoadTimes, Seat } from './warm/seat.ts'

export type AssignRules = {
  known: KnownClasses
  loads: LoadTimes
  /** So many of the first jobs of the fair order may be taken before their turn, because a worker is warm for them. */
  window: number
  /** A worker stays away from the head of the order for this many times of what loading the head's models takes. */
  quantum: number
}

/** `seat` is as it was before the job; `isHead`: nothing that it could run was before it in the order. */
export type Pick = { job: Candidate; seat: Seat; warm: boolean; loadMs: number; isHead: boolean }

export type Picks = {
  picks: Pick[]
  /** A worker with time left for its models found no job for them: a longer order might have one. */
  wantsMore: boolean
}

/**
 * Gives the jobs of a pool, in their fair order, to its workers. Changes nothing.
 *
 * Slots that run at once come first: each takes a job that it is warm for while its quantum lasts, then the jobs go in
 * their order to where they cost the least, which may be behind the running job of a worker that is warm for them.
 * None of these slots stays empty while there is a job that it may run. Then the slots that only fetch: within the
 * quantum what is warm, or what there is much of; after it the head of the order, unless a worker that holds its models
 * comes to it sooner.
 */
export function assign(order: readonly Candidate[], seats: readonly Seat[], rules: AssignRules): Picks {
  const picker = new Picker(order, seats, rules)
  picker.fillRunSlots()
  picker.fillPrefetchSlots()
  return { picks: picker.picks, wantsMore: picker.wantsMore }
}

/** What patching a model with other LoRAs takes, more or less. */
const loraMs = 1_000

/** A worker that a job failed on comes last, but before none. */
const avoidedMs = 1e9

class Picker {
  readonly picks: Pick[] = []
  wantsMore = false
  private readonly rules: AssignRules
  /** Not given yet, in the fair order. */
  private waiting: Candidate[]
  private readonly seats: Seat[]
  private readonly backlog: Backlog

  constructor(order: readonly Candidate[], seats: readonly Seat[], rules: AssignRules) {
    this.rules = rules
    this.waiting = [...order]
    this.seats = seats.filter((seat) => !unavailable(seat)).map((seat) => ({ ...seat }))
    const mayRun = (job: Candidate, seat: Seat) => !isAvoided(job, seat) && !unfit(job, seat, rules.known)
    this.backlog = new Backlog(order.slice(0, rules.window), this.seats, mayRun)
  }

  fillRunSlots(): void {
    const idle = this.seats.filter(runsAtOnce).toSorted((a, b) => b.usedAt - a.usedAt)
    // A job without models runs as well anywhere: it leaves those alone for whom others wait.
    const spare = new Set(idle.filter((seat) => !this.backlog.isWantedFor(seat)))
    for (const seat of idle) {
      const mayTake = (job: Candidate) => job.models.length > 0 || spare.size === 0 || spare.has(seat)
      while (runsAtOnce(seat) && this.waiting.length > 0 && this.takeWarm(seat, mayTake));
      spare.delete(seat)
    }
    let rest = idle.filter(runsAtOnce)
    for (const job of this.waiting.slice()) {
      if (rest.length === 0) return
      const seat = this.cheapest(job, rest)
      if (!seat) continue
      this.take(job, seat)
      rest = rest.filter(runsAtOnce)
    }
  }

  fillPrefetchSlots(): void {
    const free = this.seats.filter((seat) => freeSlots(seat) > 0).toSorted((a, b) => a.waitMs - b.waitMs)
    for (const seat of free) {
      // What no run slot could take is for nobody else at once.
      if (runsAtOnce(seat)) continue
      while (freeSlots(seat) > 0 && this.waiting.length > 0) {
        if (this.takeWarm(seat)) continue
        const job = this.worthwhileFor(seat) ?? this.headFor(seat) ?? this.warmFor(seat)
        if (!job) break
        this.take(job, seat)
      }
    }
  }

  private takeWarm(seat: Seat, mayTake: (job: Candidate) => boolean = () => true): boolean {
    if (seat.holds.length === 0) return false
    if (!this.hasQuantumLeft(seat)) return false
    const job = this.warmFor(seat, mayTake)
    if (job) this.take(job, seat)
    else this.wantsMore = true
    return job !== undefined
  }

  /**
   * It may stay away from the head of the order for so many times of what going there costs: loading the head's models,
   * and loading the present ones again when somebody waits for them.
   */
  private hasQuantumLeft(seat: Seat): boolean {
    const { quantum, loads } = this.rules
    const next = this.waiting.find((job) => !isWarm(job, seat) && this.fits(job, seat))
    if (!next) return true
    return seat.servedMs < quantum * (loadMsOf(next, seat, loads) + this.backlog.reloadMs(seat, loads))
  }

  /** The first of the window that needs no loading there; rather one with the LoRAs that are in place. */
  private warmFor(seat: Seat, mayTake: (job: Candidate) => boolean = () => true): Candidate | undefined {
    const { quantum, window } = this.rules
    const mayWait = seat.servedMs < quantum * loraMs
    let first: Candidate | undefined
    for (const [place, job] of this.waiting.slice(0, window).entries()) {
      if (!isWarm(job, seat) || !mayTake(job) || isAvoided(job, seat) || !this.fits(job, seat)) continue
      if (!mayWait || hasSameLoras(job, seat) || job.models.length === 0) return job
      first ??= job
      if (place >= window / 4) break
    }
    return first
  }

  /** With time left and nothing to do for its models: the first of the window whose models would take a quantum. */
  private worthwhileFor(seat: Seat): Candidate | undefined {
    const { quantum, window, loads } = this.rules
    if (seat.holds.length === 0 || !this.hasQuantumLeft(seat)) return undefined
    return this.waiting.slice(0, window).find((job) => {
      if (job.models.length === 0 || !this.fits(job, seat) || isAvoided(job, seat)) return false
      const loadMs = loadMsOf(job, seat, loads)
      const isSooner = seat.waitMs + loadMs < this.backlog.waitElsewhereMs(job, seat)
      return isSooner && this.backlog.shareMs(job, seat) > quantum * loadMs
    })
  }

  /** The first that this worker should run next, all workers considered. */
  private headFor(seat: Seat): Candidate | undefined {
    return this.waiting.find((job) => {
      if (!this.fits(job, seat)) return false
      if (isAvoided(job, seat)) return false
      if (isWarm(job, seat)) return true
      const here = seat.waitMs + loadMsOf(job, seat, this.rules.loads)
      return here < this.backlog.waitElsewhereMs(job, seat)
    })
  }

  private cheapest(job: Candidate, idle: readonly Seat[]): Seat | undefined {
    const [seat, cost] = leastOf(idle, (each) => this.costOf(job, each))
    if (!seat || job.models.length === 0 || isWarm(job, seat)) return seat
    const [warm, wait] = leastOf(this.seats, (each) => {
      if (runsAtOnce(each) || !isWarm(job, each) || isAvoided(job, each)) return undefined
      return this.fits(job, each) ? each.waitMs : undefined
    })
    return warm && wait < Math.min(cost, loadMsOf(job, seat, this.rules.loads)) ? warm : seat
  }

  /** In ms: loading, and what must be loaded again later; undefined: it cannot run there. */
  private costOf(job: Candidate, seat: Seat): number | undefined {
    if (!this.fits(job, seat)) return undefined
    const avoided = isAvoided(job, seat) ? avoidedMs : 0
    // The emptier worker, then the one whose models were not asked for the longest.
    const tie = seat.open / Math.max(1, seat.runSlots) + seat.usedAt / 1e12
    return (
      avoided + loadMsOf(job, seat, this.rules.loads) + this.backlog.lossMs(job, seat, this.rules.loads) + tie
    )
  }

  private take(job: Candidate, seat: Seat): void {
    const warm = isWarm(job, seat)
    const loadMs = loadMsOf(job, seat, this.rules.loads)
    const isHead = this.waiting.find((each) => this.fits(each, seat)) === job
    this.picks.push({ job, seat: { ...seat }, warm, loadMs, isHead })
    this.backlog.remove(job)
    seat.open += 1
    if (!runsAtOnce(seat)) seat.waitMs += loadMs + Math.max(1, job.estimate) * 1_000
    if (job.models.length > 0) {
      if (!warm) {
        this.backlog.moved(seat, job.models)
        seat.holds = job.models
      }
      seat.loras = job.loras
    }
    if (isHead) seat.servedMs = 0
    this.waiting.splice(this.waiting.indexOf(job), 1)
  }

  private fits(job: Candidate, seat: Seat): boolean {
    return exclude(job, seat, this.rules.known) === undefined
  }
}

const runsAtOnce = (seat: Seat): boolean => seat.open < seat.runSlots

const isAvoided = (job: Candidate, seat: Seat): boolean => job.avoid.includes(seat.id)

function leastOf(
  seats: readonly Seat[],
  costOf: (seat: Seat) => number | undefined,
): [Seat | undefined, number] {
  let best: Seat | undefined
  let least = Infinity
  for (const seat of seats) {
    const cost = costOf(seat)
    if (cost === undefined || cost >= least) continue
    best = seat
    least = cost
  }
  return [best, least]
}

/** Slots that could take a job now, by pool. */
export function freeByPool(places: readonly Place[]): Map<string, number> {
  const free = new Map<string, number>()
  for (const place of places) {
    if (unavailable(place)) continue
    const slots = freeSlots(place)
    if (slots > 0) free.set(place.pool, (free.get(place.pool) ?? 0) + slots)
  }
  return free
}
