import { slotBytes, slotCount } from './lane-messages.ts'

/** A buffer that a connection fills. Shared ones can be hashed where they are. */
export type Slot = { readonly bytes: Uint8Array; readonly shared: number | undefined }

/** The last one that was given back is the next, while it is still in the processor's cache. */
export class Slots {
  readonly #free: Slot[] = []
  readonly #all: Slot[] = []
  readonly #own: Slot[] = []

  constructor(memory: SharedArrayBuffer) {
    for (let shared = 0; shared < slotCount; shared++) {
      this.#all.push({ bytes: new Uint8Array(memory, shared * slotBytes, slotBytes), shared })
    }
    this.#free.push(...this.#all.toReversed())
  }

  /** Undefined: hashing is behind. */
  takeShared(): Slot | undefined {
    return this.#free.pop()
  }

  takeOwn(): Slot {
    return this.#own.pop() ?? { bytes: new Uint8Array(slotBytes), shared: undefined }
  }

  give(slot: Slot): void {
    ;(slot.shared === undefined ? this.#own : this.#free).push(slot)
  }

  giveShared(shared: number): void {
    this.#free.push(this.#all[shared]!)
  }
}
