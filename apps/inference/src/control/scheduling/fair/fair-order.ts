import { chargeOf, pathsOf, presentOf, weightOf } from './flow.ts'
import { Heap } from './heap.ts'
import type { Charged, Flow, Room, Weights } from './flow.ts'

/** Virtual times by path, and the present ones of their parents (`presentOf`), as `fair_shares` keeps them. */
export type Shares = { get(path: string): number | undefined }

export type OrderOptions = {
  weights: Weights
  /** No more than so many jobs are given. */
  limit: number
  /** Left out: nobody is at a cap, which is how a whole queue will be served in the end. */
  room?: Room
}

export type FairOrder<F extends Flow> = {
  jobs: JobOf<F>[]
  /** Flows all of whose jobs are in the order: had they more, these would be among it. */
  drained: F[]
}

type JobOf<F extends Flow> = F['jobs'][number]

/**
 * The order in which the jobs of one pool are to be served, found by serving them in thought: nothing is changed.
 *
 * Start-time fair queueing on three levels: the space that is the furthest behind in virtual time, in it the user,
 * of the user's the class, of the class the first job; then each of the three is charged the job's estimate,
 * divided by its weight. Who is not in the shares starts at the present time of its parent. Ties go by arrival.
 * Costs a few microseconds per job given, and per flow.
 */
export function fairOrder<F extends Flow>(
  flows: readonly F[],
  shares: Shares,
  { weights, limit, room }: OrderOptions,
): FairOrder<F> {
  const caps = new Caps(room)
  const spaces = new Group<JobOf<F>>(spaceNodes<JobOf<F>>(flows, shares, weights))
  const jobs: JobOf<F>[] = []
  while (jobs.length < limit) {
    const job = spaces.serve(caps)
    if (!job) break
    caps.take(job)
    jobs.push(job)
  }
  const given = new Set<unknown>(jobs)
  return { jobs, drained: flows.filter(({ jobs: own }) => own.length > 0 && given.has(own.at(-1))) }
}

type Node<J> = {
  virtual: number
  weight: number
  /** The least is served. */
  tag: number
  /** Arrival of the job that it serves next. */
  first: number
  serve(caps: Caps): J | undefined
  next(): number | undefined
  tagOf(virtual: number): number
}

/** Children of one parent; serves the one that is the furthest behind. */
class Group<J extends Charged> {
  private readonly heap: Heap<Node<J>>

  constructor(nodes: readonly Node<J>[]) {
    this.heap = new Heap(nodes, (a, b) => (a.tag === b.tag ? a.first < b.first : a.tag < b.tag))
  }

  get first(): number | undefined {
    return this.heap.top?.first
  }

  serve(caps: Caps): J | undefined {
    for (let node = this.heap.top; node; node = this.heap.top) {
      const job = node.serve(caps)
      if (!job) {
        this.heap.pop()
        continue
      }
      const first = node.next()
      if (first === undefined) {
        this.heap.pop()
      } else {
        node.first = first
        node.virtual += chargeOf(job) / node.weight
        node.tag = node.tagOf(node.virtual)
        this.heap.topIsLater()
      }
      return job
    }
    return undefined
  }
}

function spaceNodes<J extends Charged>(
  flows: readonly Flow<J>[],
  shares: Shares,
  weights: Weights,
): Node<J>[] {
  const waiting = flows.filter(({ jobs }) => jobs.length > 0)
  return [...Map.groupBy(waiting, ({ spaceId }) => spaceId)].map(([spaceId, ofSpace]) => {
    const users = [...Map.groupBy(ofSpace, ({ userId }) => userId)].map(([userId, ofUser]) => {
      const classes = new Group(ofUser.map((flow) => flowNode(flow, shares, weights)))
      const place = { path: `${spaceId}/${userId}`, parent: spaceId, weight: weights.user(userId) }
      return groupNode(classes, { ...place, shares, mayServe: (caps) => caps.userHasRoom(userId) })
    })
    const place = { path: spaceId, parent: '', weight: weights.space(spaceId) }
    return groupNode(new Group(users), { ...place, shares, mayServe: (caps) => caps.spaceHasRoom(spaceId) })
  })
}

type GroupPlace = {
  path: string
  parent: string
  weight: number
  shares: Shares
  mayServe: (caps: Caps) => boolean
}

function groupNode<J extends Charged>(group: Group<J>, place: GroupPlace): Node<J> {
  const virtual = startOf(place.shares, place.path, place.parent)
  return {
    virtual,
    tag: virtual,
    tagOf: (time) => time,
    weight: weightOf(place.weight),
    first: group.first ?? 0,
    serve: (caps) => (place.mayServe(caps) ? group.serve(caps) : undefined),
    next: () => group.first,
  }
}

/**
 * Between the classes of a user it is not who is the furthest behind but who would be it after its next job: the
 * first bulk job goes after several normal ones, not between them.
 */
function flowNode<J extends Charged>(flow: Flow<J>, shares: Shares, weights: Weights): Node<J> {
  const [, user, path] = pathsOf(flow)
  const weight = weightOf(weights.class(flow.priority))
  const virtual = startOf(shares, path, user)
  let served = 0
  const tagOf = (time: number) => {
    const job = flow.jobs[served]
    return job ? time + chargeOf(job) / weight : Infinity
  }
  const next = () => {
    const job = flow.jobs[served]
    return job && Number(job.seq)
  }
  return {
    virtual,
    weight,
    tag: tagOf(virtual),
    tagOf,
    first: next() ?? 0,
    serve: () => flow.jobs[served++],
    next,
  }
}

const startOf = (shares: Shares, path: string, parent: string): number =>
  shares.get(path) ?? shares.get(presentOf(parent)) ?? 0

/** What is left of the caps while jobs are given out in thought. */
class Caps {
  private readonly room: Room | undefined
  private readonly taken = new Map<string, number>()

  constructor(room: Room | undefined) {
    this.room = room
  }

  spaceHasRoom(id: string): boolean {
    return (this.room?.space(id) ?? Infinity) > (this.taken.get(`s${id}`) ?? 0)
  }

  userHasRoom(id: string): boolean {
    return (this.room?.user(id) ?? Infinity) > (this.taken.get(`u${id}`) ?? 0)
  }

  take({ spaceId, userId }: Charged): void {
    if (!this.room) return
    for (const key of [`s${spaceId}`, `u${userId}`]) this.taken.set(key, (this.taken.get(key) ?? 0) + 1)
  }
}
