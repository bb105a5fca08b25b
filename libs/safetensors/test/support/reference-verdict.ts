import { isUtf8 } from 'node:buffer'
import { dtypeBits } from '../../src/index.ts'

/**
 * The rules of the format once more, written for plainness: a tree of values, then all arithmetic in bigint.
 * Shares nothing with the parser but the table of dtypes.
 */
export function referenceVerdict(file: Buffer): string {
  if (file.length < 8) return 'HeaderTooSmall'
  const length = file.readBigUInt64LE(0)
  if (length > 100_000_000n) return 'HeaderTooLarge'
  if (length + 8n > BigInt(file.length)) return 'InvalidHeaderLength'
  const header = file.subarray(8, 8 + Number(length))
  if (!isUtf8(header)) return 'InvalidHeader'
  try {
    const end = validate(deserialize(parseJson(header.toString('utf8'))))
    return end + 8n + length === BigInt(file.length) ? 'ok' : 'MetadataIncompleteBuffer'
  } catch (cause) {
    if (cause instanceof Verdict) return cause.message
    throw cause
  }
}

class Verdict extends Error {}
const badJson = () => new Verdict('InvalidHeaderDeserialization')

type Node = { kind: 'null' | 'bool' | 'string' | 'integer' | 'float' | 'array' | 'object'; value: unknown }

const token =
  /[\t\n\r ]*(?:([{}[\],:])|("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?)|(true|false|null))/y

function parseJson(text: string): Node {
  token.lastIndex = 0
  const tokens: RegExpExecArray[] = []
  while (!/^[\t\n\r ]*$/.test(text.slice(token.lastIndex))) {
    const match = token.exec(text)
    if (!match) throw badJson()
    tokens.push(match)
  }
  let position = 0
  const next = () => {
    const match = tokens[position++]
    if (!match) throw badJson()
    return match
  }
  const value = (depth: number): Node => {
    if (depth > 127 && /[{[]/.test(tokens[position]?.[1] ?? '')) throw badJson()
    const [, mark, string, number, fraction, exponent, word] = next()
    if (string !== undefined) return { kind: 'string', value: unquote(string) }
    if (word !== undefined) return { kind: word === 'null' ? 'null' : 'bool', value: word === 'true' }
    if (number !== undefined) return numberNode(number, Boolean(fraction ?? exponent))
    if (mark === '[') return { kind: 'array', value: members(']', () => value(depth + 1)) }
    if (mark !== '{') throw badJson()
    const entry = (): [string, Node] => {
      const key = next()[2]
      if (key === undefined || next()[1] !== ':') throw badJson()
      return [unquote(key), value(depth + 1)]
    }
    return { kind: 'object', value: members('}', entry) }
  }
  const members = <T>(close: string, read: () => T): T[] => {
    const found: T[] = []
    if (tokens[position]?.[1] === close) {
      next()
      return found
    }
    for (;;) {
      found.push(read())
      const mark = next()[1]
      if (mark === close) return found
      if (mark !== ',') throw badJson()
    }
  }
  const root = value(1)
  if (position < tokens.length) throw badJson()
  return root
}

function unquote(literal: string): string {
  const text = JSON.parse(literal) as string
  if (!text.isWellFormed()) throw badJson()
  return text
}

function numberNode(text: string, isFloat: boolean): Node {
  if (!Number.isFinite(Number(text))) throw badJson()
  const integer = !isFloat && !text.startsWith('-') && BigInt(text) < 2n ** 64n
  return integer ? { kind: 'integer', value: BigInt(text) } : { kind: 'float', value: Number(text) }
}

type Info = { bits: bigint; shape: bigint[]; begin: bigint; end: bigint }

function deserialize(root: Node): Info[] {
  const tensors = new Map<string, Info>()
  let metadataSeen = false
  for (const [name, node] of entriesOf(root)) {
    if (name === '__metadata__') {
      if (metadataSeen) throw badJson()
      metadataSeen = true
      if (node.kind !== 'null' && entriesOf(node).some(([, { kind }]) => kind !== 'string')) throw badJson()
    } else {
      tensors.set(name, infoOf(node))
    }
  }
  return [...tensors.values()]
}

function infoOf(node: Node): Info {
  if (node.kind === 'array') {
    const fields = node.value as Node[]
    if (fields.length !== 3) throw badJson()
    return makeInfo(fields[0]!, fields[1]!, fields[2]!)
  }
  const known = entriesOf(node).filter(([name]) => ['dtype', 'shape', 'data_offsets'].includes(name))
  const fields = new Map(known)
  if (known.length !== 3 || fields.size !== 3) throw badJson()
  return makeInfo(fields.get('dtype')!, fields.get('shape')!, fields.get('data_offsets')!)
}

function makeInfo(dtype: Node, shape: Node, offsets: Node): Info {
  const [begin, end, ...more] = integersOf(offsets)
  if (begin === undefined || end === undefined || more.length > 0) throw badJson()
  return { bits: BigInt(dtypeOf(dtype)), shape: integersOf(shape), begin, end }
}

function dtypeOf(node: Node): number {
  let name = node.value
  if (node.kind === 'object') {
    const [only, ...more] = entriesOf(node)
    const unit = only?.[1].kind === 'null' || (only?.[1].kind === 'object' && entriesOf(only[1]).length === 0)
    if (!only || more.length > 0 || !unit) throw badJson()
    name = only[0]
  } else if (node.kind !== 'string') throw badJson()
  const bits = Object.entries(dtypeBits).find(([dtype]) => dtype === name)?.[1]
  if (bits === undefined) throw badJson()
  return bits
}

function integersOf(node: Node): bigint[] {
  if (node.kind !== 'array') throw badJson()
  return (node.value as Node[]).map(({ kind, value }) => {
    if (kind !== 'integer') throw badJson()
    return value as bigint
  })
}

function entriesOf(node: Node): [string, Node][] {
  if (node.kind !== 'object') throw badJson()
  return node.value as [string, Node][]
}

function validate(tensors: Info[]): bigint {
  const order = (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0)
  let start = 0n
  for (const info of tensors.sort((a, b) => order(a.begin, b.begin) || order(a.end, b.end))) {
    if (info.begin !== start || info.end < info.begin) throw new Verdict('InvalidOffset')
    start = info.end
    let bits = 1n
    for (const factor of [...info.shape, info.bits]) {
      bits *= factor
      if (bits >= 2n ** 64n) throw new Verdict('ValidationOverflow')
    }
    if (bits % 8n !== 0n) throw new Verdict('MisalignedSlice')
    if (info.end - info.begin !== bits / 8n) throw new Verdict('TensorInvalidInfo')
  }
  return start
}
