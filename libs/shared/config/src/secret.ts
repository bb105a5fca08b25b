import { timingSafeEqual, createHash } from 'node:crypto'

const mask = '[secret]'
const digest = (text: string) => createHash('sha256').update(text).digest()

/** A text that no log, message or dump shows: whoever needs it says `reveal()`, which is easy to search for. */
export class Secret {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  reveal(): string {
    return this.#text
  }

  /** Takes the same time for every guess. */
  equals(guess: string): boolean {
    return timingSafeEqual(digest(this.#text), digest(guess))
  }

  toString(): string {
    return mask
  }

  toJSON(): string {
    return mask
  }

  [Symbol.toPrimitive](): string {
    return mask
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return mask
  }
}
