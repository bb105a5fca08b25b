/** From `start` up to, but without, `end`. */
export type Range = { start: number; end: number }

/** Byte ranges of a file, joined where they touch. */
export class RangeSet {
  readonly #ranges: Range[] = []
  #bytes = 0

  /** How many bytes are in it. */
  get bytes(): number {
    return this.#bytes
  }

  /** In the order of the file. */
  get ranges(): readonly Range[] {
    return this.#ranges
  }

  add(start: number, end: number): void {
    if (end <= start) return
    let first = this.#ranges.findIndex((range) => range.end >= start)
    if (first < 0) first = this.#ranges.length
    let last = first
    const joined = { start, end }
    while (last < this.#ranges.length && this.#ranges[last]!.start <= end) {
      const range = this.#ranges[last++]!
      joined.start = Math.min(joined.start, range.start)
      joined.end = Math.max(joined.end, range.end)
      this.#bytes -= range.end - range.start
    }
    this.#ranges.splice(first, last - first, joined)
    this.#bytes += joined.end - joined.start
  }

  /** How far it goes on without a gap from there. */
  endFrom(start: number): number {
    return this.#ranges.find((range) => range.start <= start && range.end > start)?.end ?? start
  }

  has(start: number, end: number): boolean {
    return end <= start || this.endFrom(start) >= end
  }

  gaps(total: number): Range[] {
    const gaps: Range[] = []
    let at = 0
    for (const { start, end } of this.#ranges) {
      if (start > at) gaps.push({ start: at, end: Math.min(start, total) })
      at = end
    }
    if (at < total) gaps.push({ start: at, end: total })
    return gaps
  }

  clear(): void {
    this.#ranges.length = 0
    this.#bytes = 0
  }
}
