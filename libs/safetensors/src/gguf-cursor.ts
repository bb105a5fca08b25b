/** The header goes on behind the bytes that were read. */
export class MoreNeeded extends Error {
  override name = 'MoreNeeded'
}

export class GgufFault extends Error {
  override name = 'GgufFault'
}

/** Sizes of the values of fixed size, by GGUF's number of their type. */
const fixedSizes: Readonly<Record<number, number>> = {
  0: 1,
  1: 1,
  2: 2,
  3: 2,
  4: 4,
  5: 4,
  6: 4,
  7: 1,
  10: 8,
  11: 8,
  12: 8,
}
const stringType = 8
const arrayType = 9
const longestKept = 64 * 1024
/** Twice what the largest vocabularies have; more would be felt on the event loop. */
const mostTexts = 2_000_000

/**
 * Reads the little-endian values of a GGUF header from left to right. What lies behind the bytes at hand is
 * `MoreNeeded`, unless it would lie behind the end of the file: that is a fault, and no length is believed before.
 */
export class GgufCursor {
  readonly #bytes: Buffer
  readonly #totalBytes: number
  #at = 0
  #texts = 0

  constructor(bytes: Buffer, totalBytes: number) {
    this.#bytes = bytes
    this.#totalBytes = totalBytes
  }

  get at(): number {
    return this.#at
  }

  u32(): number {
    return this.#bytes.readUInt32LE(this.#take(4))
  }

  /** A length or a count: more than the file has bytes cannot be. */
  length(): number {
    const at = this.#take(8)
    // There may be millions, and a bigint for each would be felt. What rounding there is lies beyond any file.
    const value = this.#bytes.readUInt32LE(at) + this.#bytes.readUInt32LE(at + 4) * 2 ** 32
    if (value > this.#totalBytes) throw new GgufFault('A length is larger than the file')
    return value
  }

  u64(): bigint {
    return this.#bytes.readBigUInt64LE(this.#take(8))
  }

  text(): string {
    const length = this.length()
    const from = this.#take(length)
    return this.#bytes.toString('utf8', from, from + Math.min(length, longestKept))
  }

  /** Text of a value; arrays are passed over and only counted. */
  value(type: number): string {
    if (type === stringType) return this.text()
    if (type === arrayType) return this.#array()
    return this.#fixed(type)
  }

  #array(): string {
    const type = this.u32()
    const length = this.length()
    const size = fixedSizes[type]
    if (size !== undefined) this.#take(length * size)
    else if (type === stringType) this.#passTexts(length)
    else throw new GgufFault(type === arrayType ? 'An array of arrays' : `Unknown type of value: ${type}`)
    return `[${length}]`
  }

  #passTexts(count: number): void {
    this.#texts += count
    if (this.#texts > mostTexts) throw new GgufFault(`More than ${mostTexts} texts`)
    for (let index = 0; index < count; index += 1) this.#take(this.length())
  }

  #fixed(type: number): string {
    const size = fixedSizes[type]
    if (size === undefined) throw new GgufFault(`Unknown type of value: ${type}`)
    const at = this.#take(size)
    const bytes = this.#bytes
    switch (type) {
      case 0:
        return String(bytes.readUInt8(at))
      case 1:
        return String(bytes.readInt8(at))
      case 2:
        return String(bytes.readUInt16LE(at))
      case 3:
        return String(bytes.readInt16LE(at))
      case 4:
        return String(bytes.readUInt32LE(at))
      case 5:
        return String(bytes.readInt32LE(at))
      case 6:
        return String(bytes.readFloatLE(at))
      case 7:
        return bytes.readUInt8(at) === 0 ? 'false' : 'true'
      case 10:
        return String(bytes.readBigUInt64LE(at))
      case 11:
        return String(bytes.readBigInt64LE(at))
      default:
        return String(bytes.readDoubleLE(at))
    }
  }

  #take(size: number): number {
    const from = this.#at
    const end = from + size
    if (end > this.#totalBytes) throw new GgufFault('The header is longer than the file')
    if (end > this.#bytes.length) throw new MoreNeeded()
    this.#at = end
    return from
  }
}
