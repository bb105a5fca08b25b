import type { SourceWarning } from './source.ts'

/**
 * Reads answers of others: what has another type than it should is left out and counted, and nothing else is lost for
 * it. Absent and null are not odd.
 */
export class Lenient {
  readonly #odd = new Map<string, number>()

  warn(text: string): void {
    this.#odd.set(text, (this.#odd.get(text) ?? 0) + 1)
  }

  get warnings(): readonly SourceWarning[] {
    return [...this.#odd].map(([text, count]) => ({ text, count }))
  }

  object(value: unknown, what: string): Fields | undefined {
    if (value === null || value === undefined) return undefined
    if (typeof value === 'object' && !Array.isArray(value)) return new Fields(this, value as Json, what)
    this.warn(`${what} is no object`)
    return undefined
  }

  /** What `read` gives for each; an odd one is left out. */
  each<T>(value: unknown, what: string, read: (fields: Fields) => T | undefined): T[] {
    if (value === null || value === undefined) return []
    if (!Array.isArray(value)) {
      this.warn(`${what} is no list`)
      return []
    }
    return value.flatMap((item) => {
      const fields = this.object(item, what)
      const result = fields && read(fields)
      return result === undefined ? [] : [result]
    })
  }
}

type Json = Readonly<Record<string, unknown>>

/** The fields of one object. */
export class Fields {
  readonly lenient: Lenient
  readonly raw: Json
  readonly #what: string

  constructor(lenient: Lenient, raw: Json, what: string) {
    this.lenient = lenient
    this.raw = raw
    this.#what = what
  }

  text(name: string): string | null {
    return this.#typed(name, (value): value is string => typeof value === 'string')
  }

  number(name: string): number | null {
    return this.#typed(name, (value): value is number => typeof value === 'number' && Number.isFinite(value))
  }

  flag(name: string): boolean | null {
    return this.#typed(name, (value): value is boolean => typeof value === 'boolean')
  }

  /** Numbers that came as text, too. */
  id(name: string): string | null {
    const value = this.get(name)
    if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value)
    return this.text(name)
  }

  /** A moment as ISO text. */
  moment(name: string): string | null {
    const text = this.text(name)
    if (text === null) return null
    const time = Date.parse(text)
    if (!Number.isNaN(time) && Math.abs(time) < 250_000_000_000_000) return new Date(time).toISOString()
    this.lenient.warn(`${this.#what}.${name} is no date`)
    return null
  }

  texts(name: string): string[] {
    const value = this.get(name)
    if (value === null || value === undefined) return []
    if (!Array.isArray(value)) {
      this.lenient.warn(`${this.#what}.${name} is no list`)
      return []
    }
    const texts = value.filter((item) => typeof item === 'string')
    if (texts.length < value.length) this.lenient.warn(`${this.#what}.${name} holds something else than text`)
    return texts
  }

  object(name: string): Fields | undefined {
    return this.lenient.object(this.get(name), `${this.#what}.${name}`)
  }

  each<T>(name: string, read: (fields: Fields) => T | undefined): T[] {
    return this.lenient.each(this.get(name), `${this.#what}.${name}`, read)
  }

  get(name: string): unknown {
    return Object.hasOwn(this.raw, name) ? this.raw[name] : undefined
  }

  #typed<T>(name: string, is: (value: unknown) => value is T): T | null {
    const value = this.get(name)
    if (value === null || value === undefined) return null
    if (is(value)) return value
    this.lenient.warn(`${this.#what}.${name} has another type`)
    return null
  }
}
