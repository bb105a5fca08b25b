import { availableParallelism } from 'node:os'
import { Lane } from './lane.ts'

/** One for each two processors, at most four; each is started when it is needed. */
export class Lanes implements AsyncDisposable {
  readonly #most: number
  #lanes: Lane[] = []

  constructor(most = Math.min(4, Math.max(1, Math.floor(availableParallelism() / 2)))) {
    this.#most = most
  }

  /** The one that has the least to do. */
  pick(): Lane {
    this.#lanes = this.#lanes.filter(({ broken }) => !broken)
    const least = this.#lanes.toSorted((one, other) => one.files - other.files)[0]
    if (least && (least.files === 0 || this.#lanes.length >= this.#most)) return least
    const lane = new Lane()
    this.#lanes.push(lane)
    return lane
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane[Symbol.asyncDispose]()))
  }
}
