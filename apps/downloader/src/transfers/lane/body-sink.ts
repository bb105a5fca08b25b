import type { PartialWriter } from './partial-writer.ts'
import type { Slot } from './slots.ts'

/**
 * Gathers what one connection brings into slots, and writes each when it is full. A slot is changed only from
 * within a read, because the system may have been told to read into it.
 */
export class BodySink {
  readonly #writer: PartialWriter
  #slot: Slot | undefined
  #fill = 0
  /** What of the slot is in the file already. */
  #written = 0
  #at = 0
  #changedAt = 0

  constructor(writer: PartialWriter) {
    this.#writer = writer
  }

  /** Where the next byte belongs. */
  get at(): number {
    return this.#at
  }

  start(at: number): void {
    this.flush()
    this.drop()
    this.#at = at
  }

  /** Room for at least one byte. */
  room(most: number): Uint8Array {
    this.#slot ??= this.#writer.takeSlot(this.#at)
    return this.#slot.bytes.subarray(this.#fill, Math.min(this.#slot.bytes.length, this.#fill + most))
  }

  /** So many bytes were put into the room. */
  filled(bytes: number, nowMs: number): void {
    this.#fill += bytes
    this.#at += bytes
    this.#changedAt = nowMs
    if (this.#fill === this.#slot!.bytes.length) this.flush()
  }

  /** Writes what there is, and gives the slot up. */
  flush(): void {
    if (!this.#slot || this.#fill === 0) return
    const slot = this.#slot
    if (this.#written > 0) {
      this.#writeRest(slot)
      this.#writer.giveSlot(slot)
    } else {
      this.#writer.write(this.#at - this.#fill, slot.bytes.subarray(0, this.#fill), slot.shared)
      if (slot.shared === undefined) this.#writer.giveSlot(slot)
    }
    this.#slot = undefined
    this.#fill = this.#written = 0
  }

  /** Writes what has been lying there for so long. The slot goes on being filled. */
  flushIdle(nowMs: number, idleMs: number): void {
    if (this.#slot && this.#fill > this.#written && nowMs - this.#changedAt > idleMs)
      this.#writeRest(this.#slot)
  }

  /** Lets go of the slot, with what is in it. */
  drop(): void {
    if (this.#slot) this.#writer.giveSlot(this.#slot)
    this.#slot = undefined
    this.#fill = this.#written = 0
  }

  #writeRest({ bytes }: Slot): void {
    if (this.#written === this.#fill) return
    this.#writer.write(this.#at - this.#fill + this.#written, bytes.subarray(this.#written, this.#fill))
    this.#written = this.#fill
  }
}
