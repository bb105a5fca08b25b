import type { Model, SimJob, World } from './world.ts'

/** A worker with room for one model. What is `bound` runs in order, the first of it now. */
export type SimWorker = {
  id: number
  model: Model | undefined
  bound: SimJob[]
  /** It loads a model for nobody in particular: SwarmUI does that. */
  preloading: Model | undefined
  /** It was loaded so and has served nobody yet: the first job is not warm by luck. */
  fresh: boolean
  /** When a job last ended there. */
  freeSince: number
}

export type Move = { job: SimJob; worker: SimWorker }
export type Load = { model: Model; worker: SimWorker }

export type Policy = {
  readonly name: string
  /** What is to be done now; asked again after every arrival, end and tick, until it wants nothing. */
  decide(state: { now: number; waiting: readonly SimJob[]; workers: readonly SimWorker[] }): {
    moves: Move[]
    loads?: Load[]
  }
  ended?(job: SimJob, end: { seconds: number; now: number }): void
}

export type Run = {
  job: SimJob
  worker: number
  startedAt: number
  ranAt: number
  endedAt: number
  warm: boolean
}

type Event = { at: number; order: number; act: () => void }

/** Everything happens in virtual time; `tickSeconds` is how often a policy is asked when nothing else happens. */
export function simulate(world: World, policy: Policy, { until = Infinity, tickSeconds = 1 } = {}): Run[] {
  const events = new EventQueue()
  const runs: Run[] = []
  const waiting: SimJob[] = []
  const workers = Array.from({ length: world.workers }, (_, id): SimWorker => ({
    id,
    model: undefined,
    bound: [],
    preloading: undefined,
    fresh: false,
    freeSince: 0,
  }))
  let nextTick = 0

  function start(worker: SimWorker, now: number) {
    const [job] = worker.bound
    if (!job || worker.preloading) return
    const isThere = worker.model === job.model
    const warm = isThere && !worker.fresh
    worker.model = job.model
    worker.fresh = false
    const ranAt = now + (isThere ? 0 : job.model.loadSeconds)
    const endedAt = ranAt + job.runSeconds
    runs.push({ job, worker: worker.id, startedAt: now, ranAt, endedAt, warm })
    events.add(endedAt, () => {
      worker.bound.shift()
      worker.freeSince = endedAt
      policy.ended?.(job, { seconds: endedAt - now, now: endedAt })
      start(worker, endedAt)
      ask(endedAt)
    })
  }

  function preload({ model, worker }: Load, now: number) {
    worker.preloading = model
    const begin = (at: number) =>
      events.add(at + model.loadSeconds, () => {
        worker.model = model
        worker.preloading = undefined
        worker.fresh = true
        start(worker, at + model.loadSeconds)
        ask(at + model.loadSeconds)
      })
    // A ComfyUI loads when it is through with what it has.
    const running = runs.findLast((run) => run.worker === worker.id && run.endedAt > now)
    begin(running?.endedAt ?? now)
  }
  function ask(now: number) {
    for (;;) {
      const { moves, loads = [] } = policy.decide({ now, waiting, workers })
      if (moves.length + loads.length === 0) break
      for (const { job, worker } of moves) {
        waiting.splice(waiting.indexOf(job), 1)
        worker.bound.push(job)
        if (worker.bound.length === 1) start(worker, now)
      }
      for (const load of loads) preload(load, now)
    }
    if (waiting.length > 0 && now >= nextTick) {
      nextTick = now + tickSeconds
      events.add(nextTick, () => ask(nextTick))
    }
  }

  for (const job of world.jobs) {
    events.add(job.arrivesAt, () => {
      waiting.push(job)
      ask(job.arrivesAt)
    })
  }
  for (let event = events.next(); event && event.at <= until; event = events.next()) event.act()
  return runs
}

class EventQueue {
  private readonly heap: Event[] = []
  private count = 0

  add(at: number, act: () => void): void {
    const event = { at, order: this.count++, act }
    let hole = this.heap.length
    this.heap.push(event)
    while (hole > 0) {
      const parent = (hole - 1) >> 1
      const above = this.heap[parent] as Event
      if (!isBefore(event, above)) break
      this.heap[hole] = above
      hole = parent
    }
    this.heap[hole] = event
  }

  next(): Event | undefined {
    const first = this.heap[0]
    const last = this.heap.pop()
    if (!first || !last || first === last) return first
    let hole = 0
    for (;;) {
      let child = 2 * hole + 1
      const right = this.heap[child + 1]
      if (right && isBefore(right, this.heap[child] as Event)) child += 1
      const below = this.heap[child]
      if (!below || !isBefore(below, last)) break
      this.heap[hole] = below
      hole = child
    }
    this.heap[hole] = last
    return first
  }
}

const isBefore = (a: Event, b: Event): boolean => (a.at === b.at ? a.order < b.order : a.at < b.at)
