/** A worker, and when each of its run slots will be free: in so many seconds. */
export type Server = { id: string; freeIn: readonly number[] }

/** When the slots of a pool become free, while jobs are given to them in thought. */
export class SlotTimes {
  readonly count: number
  private readonly slots: { server: string; freeIn: number }[]

  constructor(servers: readonly Server[]) {
    this.slots = servers.flatMap(({ id, freeIn }) =>
      freeIn.map((seconds) => ({ server: id, freeIn: seconds })),
    )
    this.count = this.slots.length
  }

  get earliest(): number {
    return this.slots.reduce((least, { freeIn }) => Math.min(least, freeIn), Infinity)
  }

  /** Gives when it begins, on the first slot of these servers that is free; `Infinity` when there is none. */
  take(seconds: number, servers?: ReadonlySet<string>): number {
    let best: { freeIn: number } | undefined
    for (const slot of this.slots) {
      if (servers && !servers.has(slot.server)) continue
      if (!best || slot.freeIn < best.freeIn) best = slot
    }
    if (!best) return Infinity
    const start = best.freeIn
    best.freeIn += seconds
    return start
  }
}
