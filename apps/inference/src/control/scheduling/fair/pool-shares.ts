import { pathsOf, presentOf, weightOf } from './flow.ts'
import type { FlowId, FlowPaths, Weights } from './flow.ts'
import type { Shares } from './fair-order.ts'

/**
 * The virtual times of one pool. A path's time is what it has been served, in GPU-seconds divided by its weight;
 * the present time among the children of a parent is where the one that is the furthest behind stands. It never
 * goes back, and who begins to wait begins there: idle time is not saved up. Debts are kept: who is ahead of the
 * present waits until it has caught up.
 */
export class PoolShares implements Shares {
  private readonly times: Map<string, number>
  /** Paths that were waiting when last looked at. */
  private waiting = new Set<string>()
  /** By parent: the children that wait and can be served. */
  private served = new Map<string, Set<string>>()
  private readonly changed = new Set<string>()

  /** `times` as `changes` gave them. */
  constructor(times: Iterable<readonly [path: string, time: number]> = []) {
    this.times = new Map([...times].toSorted(([a], [b]) => (a < b ? -1 : 1)))
    // Their times were kept because they waited, or because they were ahead of the others.
    this.waiting = new Set(this.times.keys())
  }

  get(path: string): number | undefined {
    return this.times.get(path)
  }

  /**
   * To be called before each order, with all flows that wait and could be served: those that no worker can serve
   * gather nothing while it is so. Who is at a cap keeps its place, and does not hold back the present time.
   */
  look<F extends FlowId>(flows: readonly F[], isCapped: (flow: F) => boolean): void {
    const waiting = new Set<string>()
    this.served = new Map()
    for (const flow of flows) {
      const paths = pathsOf(flow)
      for (const [parent, path] of withParents(paths)) {
        if (!this.waiting.has(path) && !waiting.has(path)) this.start(path, parent)
        waiting.add(path)
      }
      if (!isCapped(flow)) this.addServed(paths)
    }
    this.waiting = waiting
  }

  /** A job of this flow is served now. */
  charge(flow: FlowId, seconds: number, weights: Weights): void {
    for (const [parent, path] of withParents(pathsOf(flow))) {
      this.movePresent(parent)
      if (!this.times.has(path)) this.start(path, parent)
    }
    this.add(flow, seconds, weights)
  }

  /** It took so many seconds more (less, when negative) than it was charged for. */
  correct(flow: FlowId, seconds: number, weights: Weights): void {
    this.add(flow, seconds, weights)
  }

  /** Drops those that neither wait nor run and are not ahead of the present: they would start there anyway. */
  forget(running: readonly FlowId[]): void {
    const inUse = new Set([...this.waiting, ...running.flatMap((flow) => pathsOf(flow))])
    for (const [path, time] of this.times) {
      if (path.endsWith('/') || inUse.has(path)) continue
      const parent = path.slice(0, Math.max(0, path.lastIndexOf('/')))
      const orphan = parent !== '' && !this.times.has(parent)
      if (orphan || time <= (this.times.get(presentOf(parent)) ?? 0)) this.drop(path)
    }
  }

  /** What changed since the last call; undefined: is gone. */
  takeChanges(): Map<string, number | undefined> {
    const changes = new Map([...this.changed].map((path) => [path, this.times.get(path)]))
    this.changed.clear()
    return changes
  }

  /** These could not be kept after all. */
  giveBack(changes: ReadonlyMap<string, number | undefined>): void {
    for (const path of changes.keys()) this.changed.add(path)
  }

  private start(path: string, parent: string): void {
    const present = this.times.get(presentOf(parent)) ?? 0
    const time = this.times.get(path)
    if (time === undefined || time < present) this.set(path, present)
  }

  private addServed(paths: FlowPaths): void {
    for (const [parent, path] of withParents(paths)) {
      const children = this.served.get(parent)
      if (children) children.add(path)
      else this.served.set(parent, new Set([path]))
    }
  }

  private movePresent(parent: string): void {
    let least = Infinity
    for (const path of this.served.get(parent) ?? [])
      least = Math.min(least, this.times.get(path) ?? Infinity)
    const key = presentOf(parent)
    if (least !== Infinity && least > (this.times.get(key) ?? 0)) this.set(key, least)
  }

  private add(flow: FlowId, seconds: number, weights: Weights): void {
    const [space, user, own] = pathsOf(flow)
    this.addTo(space, seconds / weightOf(weights.space(flow.spaceId)))
    this.addTo(user, seconds / weightOf(weights.user(flow.userId)))
    this.addTo(own, seconds / weightOf(weights.class(flow.priority)))
  }

  private addTo(path: string, time: number): void {
    const before = this.times.get(path)
    if (before !== undefined) this.set(path, before + time)
  }

  private set(path: string, time: number): void {
    this.times.set(path, time)
    this.changed.add(path)
  }

  private drop(path: string): void {
    for (const key of [path, presentOf(path)]) if (this.times.delete(key)) this.changed.add(key)
  }
}

function withParents([space, user, own]: FlowPaths): readonly (readonly [parent: string, path: string])[] {
  return [
    ['', space],
    [space, user],
    [user, own],
  ]
}
