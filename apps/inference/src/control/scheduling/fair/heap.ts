/** A binary heap: `top` is the item that comes before all others. */
export class Heap<T> {
  private readonly items: T[]
  private readonly before: (a: T, b: T) => boolean

  constructor(items: readonly T[], before: (a: T, b: T) => boolean) {
    this.items = [...items]
    this.before = before
    for (let i = (this.items.length >> 1) - 1; i >= 0; i--) this.sink(i)
  }

  get top(): T | undefined {
    return this.items[0]
  }

  pop(): void {
    const last = this.items.pop()
    if (last === undefined || this.items.length === 0) return
    this.items[0] = last
    this.sink(0)
  }

  /** The top has changed, and may only have become later. */
  topIsLater(): void {
    this.sink(0)
  }

  private sink(from: number): void {
    const { items, before } = this
    const item = items[from]
    if (item === undefined) return
    let hole = from
    for (;;) {
      let next = 2 * hole + 1
      const right = items[next + 1]
      const left = items[next]
      if (left === undefined) break
      let child = left
      if (right !== undefined && before(right, left)) {
        child = right
        next += 1
      }
      if (!before(child, item)) break
      items[hole] = child
      hole = next
    }
    items[hole] = item
  }
}
