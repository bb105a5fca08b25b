import { isAscii } from 'node:buffer'

/**
 * Reads JSON bytes strictly from left to right, deciding as Rust's serde_json does where `JSON.parse` would be
 * silent: integers stay apart from floats, lone surrogates are refused, nesting ends at 127 levels, numbers
 * beyond a double are errors. It builds no values of its own, so hostile input costs only time.
 *
 * The bytes must be valid UTF-8.
 */
export class JsonCursor {
  readonly #bytes: Buffer
  /** The same as one string where that is exact: cutting names out of it needs no call out of JavaScript. */
  readonly #ascii: string | undefined
  #at = 0
  // The string read last: its bytes between the quotes, and whether they contain a backslash.
  #from = 0
  #to = 0
  #escaped = false

  constructor(bytes: Buffer) {
    this.#bytes = bytes
    this.#ascii = isAscii(bytes) ? bytes.toString('latin1') : undefined
  }

  /** The next byte that is no white space, not consumed; 0 at the end. */
  peek(): number {
    const bytes = this.#bytes
    let byte = bytes[this.#at]
    if (byte !== undefined && byte > 0x20) return byte
    while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) byte = bytes[++this.#at]
    return byte ?? 0
  }

  /** Whether only white space is left. */
  atEnd(): boolean {
    this.peek()
    return this.#at >= this.#bytes.length
  }

  /** Consumes `byte` if it is next. */
  accept(byte: number): boolean {
    if (this.peek() !== byte) return false
    this.#at += 1
    return true
  }

  expect(byte: number): void {
    if (!this.accept(byte)) this.fail(`expected ${String.fromCharCode(byte)}`)
  }

  fail(problem: string): never {
    throw new JsonFault(`${problem} at byte ${this.#at}`)
  }

  /** Passes over a string; `text` and `is` then speak about it. */
  string(): void {
    if (this.peek() !== quote) this.fail('expected a string')
    const bytes = this.#bytes
    let at = this.#at + 1
    this.#from = at
    this.#escaped = false
    for (;;) {
      const byte = bytes[at]
      if (byte === quote) break
      if (byte === undefined || byte < 0x20) this.fail('bad string')
      if (byte === backslash) {
        this.#escaped = true
        at += 1
        if (at >= bytes.length) this.fail('bad string')
      }
      at += 1
    }
    this.#to = at
    this.#at = at + 1
    if (this.#escaped) this.#unescape()
  }

  text(): string {
    if (this.#escaped) return this.#unescape()
    return this.#ascii?.slice(this.#from, this.#to) ?? this.#bytes.toString('utf8', this.#from, this.#to)
  }

  /** Whether the string read last is `word`, which must be ASCII. */
  is(word: string): boolean {
    if (this.#escaped) return this.#unescape() === word
    const from = this.#from
    if (this.#to - from !== word.length) return false
    for (let index = 0; index < word.length; index += 1) {
      if (this.#bytes[from + index] !== word.charCodeAt(index)) return false
    }
    return true
  }

  /** An integer of 0 … 2^64-1, as bigint where a number would not be exact; any other number is a fault. */
  unsigned(): number | bigint {
    const first = this.peek()
    if (first < zero || first > nine) this.fail('expected an unsigned integer')
    const bytes = this.#bytes
    const from = this.#at
    let at = from
    let value = 0
    for (let byte = bytes[at]!; byte >= zero && byte <= nine; byte = bytes[++at]!)
      value = value * 10 + byte - zero
    this.#at = at
    const next = bytes[at]
    if (next === point || next === lowerE || next === upperE) this.fail('expected an unsigned integer')
    if (first === zero && at > from + 1) this.fail('leading zero')
    if (value <= Number.MAX_SAFE_INTEGER) return value
    const exact = at - from <= 20 ? BigInt(bytes.toString('latin1', from, at)) : tooLarge
    return exact < tooLarge ? exact : this.fail('integer too large')
  }

  /** Passes over any value that stands inside `depth` others. */
  skip(depth: number): void {
    const open: number[] = []
    for (;;) {
      const byte = this.peek()
      if (byte === brace || byte === bracket) {
        this.#at += 1
        open.push(byte)
        if (depth + open.length > deepest) this.fail('nested too deeply')
        if (!this.accept(closing(byte))) {
          if (byte === brace) this.#key()
          continue
        }
        open.pop()
      } else {
        this.#scalar(byte)
      }
      if (!this.#leave(open)) return
    }
  }

  /** `null` or `{}`: what stands for "no value". */
  unit(): void {
    if (!this.accept(brace)) this.#literal('null')
    else this.expect(closeBrace)
  }

  /** Whether a `null` is next; consumes it. */
  acceptNull(): boolean {
    if (this.peek() !== 0x6e) return false
    this.#literal('null')
    return true
  }

  /** After a value: to the next member (true), or out of everything (false). */
  #leave(open: number[]): boolean {
    for (;;) {
      const container = open.at(-1)
      if (container === undefined) return false
      if (this.accept(comma)) {
        if (container === brace) this.#key()
        return true
      }
      this.expect(closing(container))
      open.pop()
    }
  }

  #key(): void {
    this.string()
    this.expect(colon)
  }

  #scalar(byte: number): void {
    if (byte === quote) this.string()
    else if (byte === 0x74) this.#literal('true')
    else if (byte === 0x66) this.#literal('false')
    else if (byte === 0x6e) this.#literal('null')
    else this.#number()
  }

  #literal(word: string): void {
    this.peek()
    const end = this.#at + word.length
    if (this.#bytes.toString('latin1', this.#at, end) !== word) this.fail('unknown word')
    this.#at = end
  }

  #number(): void {
    const from = this.#at
    while (isNumberByte(this.#bytes[this.#at])) this.#at += 1
    const text = this.#bytes.toString('latin1', from, this.#at)
    if (!numberPattern.test(text)) this.fail('bad number')
    if (!Number.isFinite(Number(text))) this.fail('number out of range')
  }

  #unescape(): string {
    const literal = this.#bytes.toString('utf8', this.#from - 1, this.#to + 1)
    let text: string
    try {
      text = JSON.parse(literal) as string
    } catch {
      this.fail('bad escape')
    }
    // Raw bytes are valid UTF-8, so only an escape can have made half a pair.
    return text.isWellFormed() ? text : this.fail('lone surrogate')
  }
}

export class JsonFault extends Error {
  override name = 'JsonFault'
}

export const brace = 0x7b
export const closeBrace = 0x7d
export const bracket = 0x5b
export const closeBracket = 0x5d
export const comma = 0x2c
export const colon = 0x3a
export const quote = 0x22
const backslash = 0x5c
const zero = 0x30
const nine = 0x39
const point = 0x2e
const lowerE = 0x65
const upperE = 0x45
const deepest = 127
const tooLarge = 2n ** 64n

const closing = (open: number): number => (open === brace ? closeBrace : closeBracket)

const numberPattern = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/

const isNumberByte = (byte: number | undefined): boolean =>
  byte !== undefined &&
  ((byte >= zero && byte <= nine) ||
    byte === point ||
    byte === 0x2d ||
    byte === 0x2b ||
    (byte | 0x20) === lowerE)
