import { isDtype } from './dtype.ts'
import type { Dtype } from './dtype.ts'
import { brace, bracket, closeBrace, closeBracket, colon, comma, JsonCursor, quote } from './json-cursor.ts'

/** As declared, nothing checked yet: sizes may be any 64-bit integers. */
export type DeclaredTensor = {
  name: string
  dtype: Dtype
  shape: (number | bigint)[]
  begin: number | bigint
  end: number | bigint
}

export type DeclaredHeader = { metadata: Map<string, string>; tensors: DeclaredTensor[] }

/**
 * The JSON of a header. What it accepts is what the reference's deserializer accepts, its oddities included:
 * of equal names the last one counts (but each must be sound), `__metadata__` may be null but not twice, a
 * tensor may be an array of its three fields, a dtype may be `{"F32":null}`, unknown fields are ignored and a
 * field given twice is not. Throws `JsonFault`.
 */
export function parseHeader(bytes: Buffer): DeclaredHeader {
  const cursor = new JsonCursor(bytes)
  const tensors = new Map<string, DeclaredTensor>()
  let metadata: Map<string, string> | undefined
  eachMember(cursor, () => {
    if (cursor.is('__metadata__')) {
      if (metadata) cursor.fail('__metadata__ given twice')
      cursor.expect(colon)
      metadata = readMetadata(cursor)
      return
    }
    const name = cursor.text()
    cursor.expect(colon)
    tensors.set(name, readTensor(cursor, name))
  })
  if (!cursor.atEnd()) cursor.fail('trailing characters')
  return { metadata: metadata ?? new Map(), tensors: [...tensors.values()] }
}

function readMetadata(cursor: JsonCursor): Map<string, string> {
  const metadata = new Map<string, string>()
  if (cursor.acceptNull()) return metadata
  eachMember(cursor, () => {
    const name = cursor.text()
    cursor.expect(colon)
    cursor.string()
    metadata.set(name, cursor.text())
  })
  return metadata
}

function readTensor(cursor: JsonCursor, name: string): DeclaredTensor {
  if (cursor.peek() === bracket) return readTensorArray(cursor, name)
  let dtype: Dtype | undefined
  let shape: (number | bigint)[] | undefined
  let offsets: [number | bigint, number | bigint] | undefined
  eachMember(cursor, () => {
    if (cursor.is('dtype')) {
      if (dtype) cursor.fail('dtype given twice')
      cursor.expect(colon)
      dtype = readDtype(cursor)
    } else if (cursor.is('shape')) {
      if (shape) cursor.fail('shape given twice')
      cursor.expect(colon)
      shape = readShape(cursor)
    } else if (cursor.is('data_offsets')) {
      if (offsets) cursor.fail('data_offsets given twice')
      cursor.expect(colon)
      offsets = readOffsets(cursor)
    } else {
      cursor.expect(colon)
      cursor.skip(2)
    }
  })
  if (!dtype || !shape || !offsets) cursor.fail('a tensor lacks a field')
  return { name, dtype, shape, begin: offsets[0], end: offsets[1] }
}

function readTensorArray(cursor: JsonCursor, name: string): DeclaredTensor {
  cursor.expect(bracket)
  const dtype = readDtype(cursor)
  cursor.expect(comma)
  const shape = readShape(cursor)
  cursor.expect(comma)
  const [begin, end] = readOffsets(cursor)
  cursor.expect(closeBracket)
  return { name, dtype, shape, begin, end }
}

/** Most tensors of most files: recognised without making a string. */
const common: readonly Dtype[] = ['F16', 'BF16', 'F32', 'F8_E4M3']

function readDtype(cursor: JsonCursor): Dtype {
  const wrapped = cursor.peek() !== quote
  if (wrapped) cursor.expect(brace)
  cursor.string()
  const dtype = common.find((word) => cursor.is(word)) ?? cursor.text()
  if (!isDtype(dtype)) cursor.fail('unknown dtype')
  if (wrapped) {
    cursor.expect(colon)
    cursor.unit()
    cursor.expect(closeBrace)
  }
  return dtype
}

function readShape(cursor: JsonCursor): (number | bigint)[] {
  const shape: (number | bigint)[] = []
  cursor.expect(bracket)
  if (cursor.accept(closeBracket)) return shape
  do shape.push(cursor.unsigned())
  while (cursor.accept(comma))
  cursor.expect(closeBracket)
  return shape
}

function readOffsets(cursor: JsonCursor): [number | bigint, number | bigint] {
  cursor.expect(bracket)
  const begin = cursor.unsigned()
  cursor.expect(comma)
  const end = cursor.unsigned()
  cursor.expect(closeBracket)
  return [begin, end]
}

/** Calls `member` behind each key, before its colon. */
function eachMember(cursor: JsonCursor, member: () => void): void {
  cursor.expect(brace)
  if (cursor.accept(closeBrace)) return
  do {
    cursor.string()
    member()
  } while (cursor.accept(comma))
  cursor.expect(closeBrace)
}
