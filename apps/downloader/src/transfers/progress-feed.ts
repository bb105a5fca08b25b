const speedWindowMs = 3_000

/** How fast bytes come, over the last seconds. */
export class Speed {
  readonly #samples: { at: number; bytes: number }[] = []

  add(bytes: number): void {
    const at = performance.now()
    this.#samples.push({ at, bytes })
    while (this.#samples.length > 2 && at - this.#samples[0]!.at > speedWindowMs) this.#samples.shift()
  }

  get bytesPerSecond(): number {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)]
    if (!first || !last || last.at === first.at) return 0
    return Math.max(0, Math.round((last.bytes - first.bytes) / ((last.at - first.at) / 1_000)))
  }
}
