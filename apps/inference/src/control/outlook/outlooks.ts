import type { DatabaseLog } from '@easel/database'
import { unavailable, unfit } from '../scheduling/filter.ts'
import type { Estimates } from '../estimates/estimates.ts'
import type { Weights } from '../scheduling/fair/flow.ts'
import type { Accounts } from '../scheduling/planner.ts'
import type { SchedulingRepository } from '../scheduling/scheduling.repository.ts'
import type { KnownClasses, Place } from '../scheduling/snapshot.ts'
import { horizon, Outlook } from './outlook.ts'
import type { WaitingFlow } from './outlook.ts'
import type { AskedOfWorker, OpenRow, OutlookRepository, WaitingRow } from './outlook.repository.ts'
import type { Server } from './slot-times.ts'

export type OutlooksOptions = {
  repository: OutlookRepository
  scheduling: Pick<SchedulingRepository, 'listPlaces'>
  known: KnownClasses
  estimates: Pick<Estimates, 'secondsOf'>
  weights: () => Promise<Weights>
  log: DatabaseLog
}

/** `ends`: in how many seconds what is at workers will be done, by job. */
export type PoolOutlook = { outlook: Outlook; ends: ReadonlyMap<string, number> }

type Kept = { value?: PoolOutlook; readAt: number; reading?: Promise<PoolOutlook> | undefined }

const keptMs = 1_000
/** Few that wait are read at once, and each of them counts. */
const keptMsOfShort = 100
const short = 200
const glanceMs = 2_000
/** Older than this is no answer even to who does not wait for another. */
const staleMs = 5_000
const maxPools = 100
const maxDemands = 2_000

/** The outlooks of the pools, found when asked for and kept for a moment. */
export class Outlooks {
  private readonly options: OutlooksOptions
  private readonly kept = new Map<string, Kept>()
  private readonly demands = new Map<string, AskedOfWorker>()

  constructor(options: OutlooksOptions) {
    this.options = options
  }

  /** At most a second old. */
  async of(pool: string): Promise<PoolOutlook> {
    const { value, readAt } = this.at(pool)
    const age = performance.now() - readAt
    const enough = (value?.outlook.waiting ?? 0) < short ? keptMsOfShort : keptMs
    return value && age < enough ? value : this.read(pool)
  }

  /** Where only few wait it is found anew; for who came after the last was read. */
  async again(pool: string): Promise<PoolOutlook> {
    const { value } = this.at(pool)
    if (value && value.outlook.waiting >= short) return value
    await this.at(pool).reading
    return this.read(pool)
  }

  /** What is there, and another one for the next who asks; undefined when what is there says nothing any more. */
  glance(pool: string): PoolOutlook | undefined {
    const { value, readAt } = this.at(pool)
    const age = performance.now() - readAt
    if (age >= glanceMs) {
      this.read(pool).catch((cause: unknown) => {
        this.options.log.warn({ err: cause, pool }, 'the outlook of a pool could not be read')
      })
    }
    return age < staleMs ? value : undefined
  }

  private at(pool: string): Kept {
    const known = this.kept.get(pool)
    if (known) return known
    // Pools are named by callers: the map must not grow with their fancy.
    if (this.kept.size >= maxPools) this.kept.clear()
    const made: Kept = { readAt: -Infinity }
    this.kept.set(pool, made)
    return made
  }

  private read(pool: string): Promise<PoolOutlook> {
    const kept = this.at(pool)
    const reading = kept.reading ?? this.find(pool, kept).finally(() => (kept.reading = undefined))
    kept.reading = reading
    return reading
  }

  private async find(pool: string, kept: Kept): Promise<PoolOutlook> {
    const { repository, scheduling, weights } = this.options
    const at = performance.now()
    const [flows, shares, all, open, fair] = await Promise.all([
      repository.flowsOf(pool),
      repository.sharesOf(pool),
      scheduling.listPlaces(),
      repository.openOf(pool),
      weights(),
    ])
    const perFlow = Math.max(2, Math.ceil(horizon / Math.max(1, flows.length)))
    const rows = await repository.headsOf(pool, flows, perFlow)
    await this.learnDemands(rows)
    const places = all.filter((place) => place.pool === pool && !unavailable(place))
    const byFlow = Map.groupBy(rows, keyOf)
    const fits = this.fitsIn(places)
    const waitingFlows = flows.map((flow): WaitingFlow => ({
      ...flow,
      jobs: (byFlow.get(keyOf(flow)) ?? []).map((row) => ({
        ...row,
        seconds: this.secondsOf(row),
        fits: fits(row.demands),
      })),
    }))
    const { servers, ends } = this.serversOf(places, open)
    const outlook = new Outlook({ flows: waitingFlows, shares, weights: fair, servers })
    kept.value = { outlook, ends }
    kept.readAt = at
    return kept.value
  }

  /** Jobs ask for few different things: each is read once. */
  private async learnDemands(rows: readonly WaitingRow[]): Promise<void> {
    const unknown = new Map(
      rows.filter(({ demands }) => !this.demands.has(demands)).map(({ demands, id }) => [demands, id]),
    )
    if (unknown.size === 0) return
    if (this.demands.size + unknown.size > maxDemands) this.demands.clear()
    const ids = [...unknown.values()].slice(0, maxDemands)
    for (const { key, ...demands } of await this.options.repository.demandsOf(ids))
      this.demands.set(key, demands)
  }

  /** Which of the places may run it; undefined: all, as far as is known. */
  private fitsIn(places: readonly Place[]): (key: string) => ReadonlySet<string> | undefined {
    const found = new Map<string, ReadonlySet<string> | undefined>()
    return (key) => {
      if (found.has(key)) return found.get(key)
      const demands = this.demands.get(key)
      const fit =
        demands &&
        places.filter((place) => !unfit({ ...demands, pool: place.pool }, place, this.options.known))
      const fits = !fit || fit.length === places.length ? undefined : new Set(fit.map(({ id }) => id))
      found.set(key, fits)
      return fits
    }
  }

  private serversOf(places: readonly Place[], open: readonly OpenRow[]) {
    const ends = new Map<string, number>()
    const byWorker = Map.groupBy(open, ({ workerId }) => workerId)
    const servers = places.map(({ id, runSlots }): Server => {
      const freeIn = Array.from({ length: Math.max(1, runSlots) }, () => 0)
      for (const attempt of byWorker.get(id) ?? []) {
        const slot = freeIn.indexOf(Math.min(...freeIn))
        const end = (freeIn[slot] ?? 0) + leftOf(attempt, this.secondsOf(attempt))
        freeIn[slot] = end
        ends.set(attempt.jobId, end)
      }
      return { id, freeIn }
    })
    return { servers, ends }
  }

  /** By what has been learned since, else as it was estimated when it came. */
  private secondsOf({
    signature,
    model,
    estimate,
  }: Omit<OpenRow, 'state' | 'forSeconds' | 'jobId' | 'workerId'>) {
    return this.options.estimates.secondsOf({ signature, models: model === null ? [] : [model] }) || estimate
  }
}

/** What is late will be done in a moment, for all that is known. */
function leftOf({ state, forSeconds }: OpenRow, seconds: number): number {
  return state === 'bound' ? seconds : Math.max(1, seconds - forSeconds)
}

export function weightsOf(accounts: Accounts, classWeights: readonly number[]): Weights {
  return {
    space: (id) => accounts.ofSpace(id).weight,
    user: (id) => accounts.ofUser(id).weight,
    class: (priority) => classWeights[priority] ?? 1,
  }
}

const keyOf = ({
  spaceId,
  userId,
  priority,
}: {
  spaceId: string
  userId: string
  priority: number
}): string => `${spaceId}/${userId}/${priority}`
