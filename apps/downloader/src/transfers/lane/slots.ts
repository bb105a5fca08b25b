import { slotBytes, slotCount } from './lane-messages.ts'

/** A buffer that a connection fills. Shared ones can be hashed where they are. */
export type Slot = { readonly bytes: Uint8Array; readonly shared: number | undefined }

/** The last one that was given back is the next, while it is still in the processor's cache. */
export class Slots {
  readonly #free: Slot[] = []
  readonly #all: Slot[] = []
  #waiting: (() => void)[] = []

  constructor(memory: SharedArrayBuffer) {
    for (let shared = 0; shared < slotCount; shared++) {
      this.#all.push({ bytes: new Uint8Array(memory, shared * slotBytes, slotBytes), shared })
    }
    this.#free.push(...this.#all.toReversed())
  }

  take(): Slot | undefined {
    return this.#free.pop()
  }

  give(shared: number): void {
    this.#free.push(this.#all[shared]!)
    const waiting = this.#waiting
    this.#waiting = []
    for (const go of waiting) go()
  }

  /** Called once, when there is a free one. */
  wait(go: () => void): void {
    this.#waiting.push(go)
  }
}

export const ownSlot = (): Slot => ({ bytes: new Uint8Array(slotBytes), shared: undefined })
