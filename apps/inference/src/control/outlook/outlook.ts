import { fairOrder } from '../scheduling/fair/fair-order.ts'
import { pathsOf, presentOf } from '../scheduling/fair/flow.ts'
import type { Shares } from '../scheduling/fair/fair-order.ts'
import type { Charged, FlowId, FlowPaths, Weights } from '../scheduling/fair/flow.ts'
import { SlotTimes } from './slot-times.ts'
import type { Server } from './slot-times.ts'

export type WaitingJob = Charged & {
  id: string
  /** GPU-seconds, by what is known now. */
  seconds: number
  /** Servers that may run it; undefined: all. */
  fits?: ReadonlySet<string> | undefined
}

/** `waiting`: how many there are, of which `jobs` are the first. */
export type WaitingFlow = FlowId & { jobs: readonly WaitingJob[]; waiting: number }

export type OutlookInput = {
  flows: readonly WaitingFlow[]
  shares: Shares
  weights: Weights
  servers: readonly Server[]
}

/** Null: not known, or never as things are. */
export type Standing = { position: number | null; etaSeconds: number | null }

/** So many are served in thought; who stands behind them is told a place and time in proportion. */
export const horizon = 1_000
const unknownSeconds = 10

/**
 * What will happen to the queue of one pool as things are: everybody's place in the fair order, and when each will
 * have run. Found by serving the queue in thought, once; asking costs nothing after that.
 */
export class Outlook {
  /** All that wait, those that came since included. */
  waiting: number
  private readonly input: OutlookInput
  private readonly standings = new Map<string, Standing>()
  /** Places in the order, by the path of space, user and flow. */
  private readonly places = new Map<string, number[]>()
  private readonly flows = new Map<string, { waiting: number; listed: number; served: number }>()
  private readonly starts: number[]
  private readonly slots: SlotTimes
  private readonly length: number
  private readonly meanSeconds: number

  constructor(input: OutlookInput) {
    this.input = input
    const { servers, shares, weights } = input
    this.slots = new SlotTimes(servers)
    const isStuck = ({ fits }: WaitingJob) => servers.length > 0 && fits?.size === 0
    const flows = input.flows.map((flow) => ({ ...flow, jobs: flow.jobs.filter((job) => !isStuck(job)) }))
    for (const job of input.flows.flatMap(({ jobs }) => jobs)) {
      if (isStuck(job)) this.standings.set(job.id, { position: null, etaSeconds: null })
    }
    const { jobs } = fairOrder(flows, shares, { weights, limit: horizon })
    this.length = jobs.length
    this.waiting = input.flows.reduce((sum, { waiting }) => sum + waiting, 0)
    this.meanSeconds =
      jobs.length === 0 ? unknownSeconds : jobs.reduce((sum, job) => sum + secondsOf(job), 0) / jobs.length
    this.starts = jobs.map((job) => this.slots.take(secondsOf(job), job.fits))
    for (const flow of input.flows) {
      const { waiting } = flow
      this.flows.set(pathsOf(flow)[2], { waiting, listed: waiting, served: 0 })
    }
    for (const [index, job] of jobs.entries()) {
      for (const path of pathsOf(job)) listAt(this.places, path).push(index)
      const flow = this.flows.get(pathsOf(job)[2])
      if (flow) flow.served += 1
      this.standings.set(job.id, this.standingAt(index, secondsOf(job)))
    }
  }

  /** Undefined for who stands behind the horizon, or came after this was found. */
  of(jobId: string): Standing | undefined {
    return this.standings.get(jobId)
  }

  /** Of one that so many of its own flow are before. */
  behind(flow: FlowId, before: number, seconds: number): Standing {
    const paths = pathsOf(flow)
    const index = this.places.get(paths[2])?.[before] ?? this.indexOf(paths, before)
    return this.standingAt(index, secondsOf({ seconds }))
  }

  /** Somebody came: the next of this flow stands behind. Gives where. */
  add(flow: FlowId, seconds: number): Standing {
    const [, , path] = pathsOf(flow)
    const known = this.flows.get(path) ?? { waiting: 0, listed: 0, served: 0 }
    const standing = this.behind(flow, known.waiting, seconds)
    this.flows.set(path, { ...known, waiting: known.waiting + 1 })
    this.waiting += 1
    return standing
  }

  private standingAt(index: number, seconds: number): Standing {
    const start = this.startAt(index)
    return { position: index + 1, etaSeconds: start === undefined ? null : Math.ceil(start + seconds) }
  }

  private startAt(index: number): number | undefined {
    const { count, earliest } = this.slots
    if (count === 0) return undefined
    const known = this.starts[index] ?? earliest + ((index - this.length) * this.meanSeconds) / count
    return known === Infinity ? undefined : known
  }

  private indexOf(paths: FlowPaths, before: number): number {
    const own = this.flows.get(paths[2])
    if (!own || own.served === 0) return this.firstTurn(paths) + before
    const turns = this.places.get(paths[2]) ?? []
    const last = turns.at(-1) ?? 0
    // All of it is in the order: the next goes on at the pace of the last.
    if (own.served >= own.listed) {
      const pace = last - (turns.at(-2) ?? -1)
      return Math.min(this.waiting, last + (before - own.served + 1) * pace)
    }
    // Behind the horizon the flows go on as they went before it.
    const rest = Math.max(0, before - own.served)
    let index = this.length + rest
    for (const [path, { waiting, served }] of this.flows) {
      if (path === paths[2]) continue
      index += Math.min(Math.max(0, waiting - served), (rest * served) / own.served)
    }
    return Math.floor(index)
  }

  /** Who has just begun to wait begins at the present time: it comes after those of its level that are there, too. */
  private firstTurn([space, user, flow]: FlowPaths): number {
    for (const [parent, path] of [
      [user, flow],
      [space, user],
    ] as const) {
      if (!this.places.has(parent)) continue
      const turns = this.places.get(parent) ?? []
      return turns[this.countPresent(parent, path)] ?? this.length
    }
    return Math.min(this.length, this.countPresent('', space))
  }

  /** Children of a path that are no further than its present time: they have their turn first. */
  private countPresent(parent: string, path: string): number {
    const { shares } = this.input
    const present = Math.max(shares.get(presentOf(parent)) ?? 0, shares.get(path) ?? 0)
    const depth = parent === '' ? 1 : parent.split('/').length + 1
    const isChild = (key: string) =>
      key !== path && key.split('/').length === depth && (parent === '' || key.startsWith(presentOf(parent)))
    return [...this.places.keys()].filter((key) => isChild(key) && (shares.get(key) ?? 0) <= present).length
  }
}

const secondsOf = ({ seconds }: Pick<WaitingJob, 'seconds'>): number =>
  seconds > 0 ? seconds : unknownSeconds

function listAt(map: Map<string, number[]>, key: string): number[] {
  const known = map.get(key)
  if (known) return known
  const made: number[] = []
  map.set(key, made)
  return made
}
