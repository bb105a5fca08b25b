/** A file with this header and `dataBytes` zeros behind it. */
export function fileOf(header: string | Buffer, dataBytes = 0): Buffer {
  const json = Buffer.from(header as string)
  const prefix = Buffer.alloc(8)
  prefix.writeBigUInt64LE(BigInt(json.length))
  return Buffer.concat([prefix, json, Buffer.alloc(dataBytes)])
}

/** Small and seeded: a failing case can be had again. */
export function randomFrom(seed: number) {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number) => Math.floor(next() * limit)
  const pick = <T>(items: readonly T[]): T => items[below(items.length)]!
  return { below, pick, chance: (share: number) => next() < share }
}

const dtypes = ['F16', 'BF16', 'F32', 'F8_E4M3', 'F4', 'F6_E2M3', 'I64', 'BOOL', 'C64', 'F8_E8M0']
const bits: Record<string, number> = {
  F16: 16,
  BF16: 16,
  F32: 32,
  F8_E4M3: 8,
  F4: 4,
  F6_E2M3: 6,
  I64: 64,
  BOOL: 8,
}
const names = ['a', 'b', 'weight', '__proto__', 'constructor', 'ü', 'a\\u0041', '\\ud83d\\ude00', '']
const odd = [
  '-1',
  '-0',
  '1.0',
  '1e2',
  '01',
  '9007199254740993',
  '18446744073709551615',
  '18446744073709551616',
]
const oddValues = [
  'null',
  '{}',
  '[]',
  '"x"',
  '1e400',
  'true',
  '[[[{"x":[1.5e3,-2]}]]]',
  '"\\ud800"',
  '{"F32":null}',
]

/** A header that is mostly right, with faults strewn in, and a file that is mostly as long as it says. */
export function randomFile(seed: number): Buffer {
  const random = randomFrom(seed)
  const faulty = random.chance(0.75)
  const maybe = <T>(share: number, odd: () => T, usual: T): T =>
    faulty && random.chance(share) ? odd() : usual
  const number = (value: number) => maybe(0.03, () => random.pick(odd), String(value))
  let offset = 0
  const members = Array.from({ length: random.below(5) }, (_, index) => {
    const dtype = random.pick(dtypes)
    const shape = Array.from({ length: random.below(4) }, () => random.below(5) * 2)
    const size = Math.floor((shape.reduce((a, b) => a * b, 1) * (bits[dtype] ?? 64)) / 8)
    const begin = maybe(0.05, () => random.below(50), offset)
    offset = maybe(0.05, () => random.below(50), begin + size)
    const fields = [
      `"dtype":${maybe(0.04, () => random.pick(oddValues), `"${dtype}"`)}`,
      `"shape":${maybe(0.03, () => random.pick(oddValues), `[${shape.map(number).join(', ')}]`)}`,
      `"data_offsets":${maybe(0.03, () => random.pick(oddValues), `[${number(begin)},${number(offset)}]`)}`,
    ]
    if (random.chance(0.1)) fields.push(`"other":${random.pick(oddValues)}`)
    if (faulty && random.chance(0.03)) fields.push(random.pick(fields))
    if (faulty && random.chance(0.03)) fields.splice(random.below(3), 1)
    if (random.chance(0.2)) fields.reverse()
    const name = maybe(0.2, () => random.pick(names), `${random.pick(names)}${index}`)
    const asArray = random.chance(0.05)
    const body = asArray ? `["${dtype}",[${shape.join()}],[${begin},${offset}]]` : `{${fields.join(' ,')}}`
    return `"${name}" : ${body}`
  })
  if (random.chance(0.3))
    members.push(`"__metadata__":${maybe(0.2, () => random.pick(oddValues), '{"a":"b","a":"\\n"}')}`)
  if (faulty && random.chance(0.03)) members.push('"__metadata__":{"x":"y"}')
  if (random.chance(0.3)) members.sort(() => random.below(3) - 1)
  let header = Buffer.from(
    `${random.chance(0.1) ? ' \n' : ''}{${members.join(',')}}${' '.repeat(random.below(9))}`,
  )
  if (faulty && random.chance(0.3)) header = mutate(header, random)
  return lying(
    fileOf(header, Math.max(0, offset + maybe(0.05, () => random.below(5) - 2, 0))),
    random,
    faulty,
  )
}

function mutate(header: Buffer<ArrayBuffer>, random: ReturnType<typeof randomFrom>): Buffer<ArrayBuffer> {
  const at = random.below(header.length + 1)
  const removed = random.below(2)
  const added = random.chance(0.7)
    ? random.pick(['"', ',', '{', '}', '[', ']', '\\', '\0', '0', '-', ' ', ':'])
    : ''
  const bytes = random.chance(0.1) ? Buffer.from([0xff]) : Buffer.from(added)
  return Buffer.concat([header.subarray(0, at), bytes, header.subarray(at + removed)])
}

function lying(file: Buffer, random: ReturnType<typeof randomFrom>, faulty: boolean): Buffer {
  if (!faulty || !random.chance(0.05)) return file
  if (random.chance(0.2)) return file.subarray(0, random.below(12))
  file.writeBigUInt64LE(random.pick([0n, 1n, 2n ** 63n, 2n ** 64n - 1n, 100_000_000n, 100_000_001n]))
  return file
}
