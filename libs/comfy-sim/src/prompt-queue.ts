export type PromptNode = { class_type: string; inputs: Record<string, unknown>; _meta?: { title?: string } }
export type PromptGraph = Record<string, PromptNode>

/** One accepted prompt. `number` orders the queue: smaller runs first. */
export type QueueItem = {
  number: number
  id: string
  prompt: PromptGraph
  extraData: Record<string, unknown>
  outputs: readonly string[]
  arrivedAt: number
}

const before = (a: QueueItem, b: QueueItem) => a.number < b.number || (a.number === b.number && a.id < b.id)

/** A binary heap like Python's `heapq`, because `GET /queue` shows its array as it lies in memory. */
export class PromptQueue {
  readonly pending: QueueItem[] = []
  readonly running = new Set<QueueItem>()

  get remaining(): number {
    return this.pending.length + this.running.size
  }

  push(item: QueueItem): void {
    this.pending.push(item)
    this.up(0, this.pending.length - 1)
  }

  pop(): QueueItem | undefined {
    const last = this.pending.pop()
    const top = this.pending[0]
    if (last === undefined || top === undefined) return last
    this.pending[0] = last
    this.down(0)
    return top
  }

  /** Removes the first pending item with this id. */
  delete(id: string): boolean {
    const index = this.pending.findIndex((item) => item.id === id)
    if (index < 0) return false
    this.pending.splice(index, 1)
    for (let at = (this.pending.length >> 1) - 1; at >= 0; at--) this.down(at)
    return true
  }

  clear(): void {
    this.pending.length = 0
  }

  private up(start: number, from: number): void {
    const item = this.pending[from]!
    let at = from
    while (at > start) {
      const parent = (at - 1) >> 1
      if (!before(item, this.pending[parent]!)) break
      this.pending[at] = this.pending[parent]!
      at = parent
    }
    this.pending[at] = item
  }

  /** As heapq does it: the smaller child moves up all the way, then the item climbs from the leaf. */
  private down(start: number): void {
    const item = this.pending[start]!
    let at = start
    for (let child = 2 * at + 1; child < this.pending.length; child = 2 * at + 1) {
      const right = child + 1
      if (right < this.pending.length && !before(this.pending[child]!, this.pending[right]!)) child = right
      this.pending[at] = this.pending[child]!
      at = child
    }
    this.pending[at] = item
    this.up(start, at)
  }
}

/** The 5-tuple of `GET /queue` and of history entries. */
export const queueTuple = (item: QueueItem) => [
  item.number,
  item.id,
  item.prompt,
  item.extraData,
  item.outputs,
]
