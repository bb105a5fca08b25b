import { expect, test } from 'vitest'
import { AppError } from '@easel/protocol'
import { rangeSource, readHeader } from '../src/index.ts'
import type { HeaderSource } from '../src/index.ts'
import { fileOf, randomFile } from './support/header-files.ts'
import { referenceVerdict } from './support/reference-verdict.ts'

/** A file that is only bytes, behind the interface of a server with ranges. */
const served = (file: Buffer): HeaderSource =>
  rangeSource('https://models.example/a.safetensors', (_, { start, end }) =>
    Promise.resolve({ bytes: file.subarray(start, end + 1), totalBytes: file.length }),
  )

async function verdict(file: Buffer): Promise<string> {
  try {
    await readHeader(served(file))
    return 'ok'
  } catch (cause) {
    if (cause instanceof AppError && cause.reason === 'SAFETENSORS_INVALID')
      return String(cause.extra.details?.fault)
    throw cause
  }
}

test('twenty thousand generated files get the verdict of the plain rules', async () => {
  const counts: Record<string, number> = {}
  const differences: { seed: number; expected: string; actual: string }[] = []
  for (let seed = 1; seed <= 20_000; seed += 1) {
    const file = randomFile(seed)
    const expected = referenceVerdict(file)
    counts[expected] = (counts[expected] ?? 0) + 1

    const actual = await verdict(file)

    if (actual !== expected) differences.push({ seed, expected, actual })
  }
  expect(differences).toEqual([])
  expect(Object.keys(counts).length).toBeGreaterThanOrEqual(9)
  expect(counts.ok).toBeGreaterThan(3000)
})

const one = (dtype: string, shape: string, offsets: string) =>
  `{"t":{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}}`

test.each<[string, Buffer, string]>([
  ['seven bytes', Buffer.alloc(7), 'HeaderTooSmall'],
  ['a length of 2^63', Buffer.from([0, 0, 0, 0, 0, 0, 0, 0x80, 0]), 'HeaderTooLarge'],
  ['a length beyond the file', Buffer.from([9, 0, 0, 0, 0, 0, 0, 0, 0x7b]), 'InvalidHeaderLength'],
  ['an empty header', fileOf(''), 'InvalidHeaderDeserialization'],
  ['no tensors', fileOf('{}'), 'ok'],
  ['no tensors and a tail', fileOf('{}', 1), 'MetadataIncompleteBuffer'],
  ['space padding', fileOf('{}      '), 'ok'],
  ['NUL padding', fileOf('{}\0\0\0'), 'InvalidHeaderDeserialization'],
  ['an array', fileOf('[]'), 'InvalidHeaderDeserialization'],
  ['a byte order mark', fileOf('\ufeff{}'), 'InvalidHeaderDeserialization'],
  ['a byte that is no UTF-8', fileOf(Buffer.from([0x7b, 0xff, 0x7d])), 'InvalidHeader'],
  ['a login page', Buffer.from('<!DOCTYPE html><html><body>Please log in</body></html>'), 'HeaderTooLarge'],
  [
    '127 levels',
    fileOf(`{"t":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"x":${'['.repeat(125)}${']'.repeat(125)}}}`),
    'ok',
  ],
  [
    '128 levels',
    fileOf(`{"t":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"x":${'['.repeat(126)}${']'.repeat(126)}}}`),
    'InvalidHeaderDeserialization',
  ],
  ['200,000 levels', fileOf(`{"t":${'['.repeat(200_000)}`), 'InvalidHeaderDeserialization'],
  ['an unknown dtype', fileOf(one('F128', '[1]', '[0,16]'), 16), 'InvalidHeaderDeserialization'],
  [
    'a dtype of the prototype',
    fileOf(one('constructor', '[1]', '[0,16]'), 16),
    'InvalidHeaderDeserialization',
  ],
  ['half a byte', fileOf(one('F4', '[1]', '[0,1]'), 1), 'MisalignedSlice'],
  ['two halves of a byte', fileOf(one('F4', '[2]', '[0,1]'), 1), 'ok'],
  ['four times six bits', fileOf(one('F6_E3M2', '[4]', '[0,3]'), 3), 'ok'],
  ['a negative size', fileOf(one('U8', '[-1]', '[0,1]'), 1), 'InvalidHeaderDeserialization'],
  ['a float for a size', fileOf(one('U8', '[1.0]', '[0,1]'), 1), 'InvalidHeaderDeserialization'],
  ['an overflow', fileOf(one('U8', '[4294967296,4294967296]', '[0,1]'), 1), 'ValidationOverflow'],
  [
    'an overflow before a zero',
    fileOf(one('U8', '[4294967296,4294967296,0]', '[0,0]')),
    'ValidationOverflow',
  ],
  ['a zero before an overflow', fileOf(one('U8', '[0,4294967296,4294967296]', '[0,0]')), 'ok'],
  [
    'sizes exact only as integers',
    fileOf(one('U8', '[9007199254740993]', '[0,9007199254740993]')),
    'MetadataIncompleteBuffer',
  ],
  [
    'sizes that differ below a double',
    fileOf(one('U8', '[9007199254740993]', '[0,9007199254740992]')),
    'TensorInvalidInfo',
  ],
  ['a hole', fileOf(one('U8', '[1]', '[1,2]'), 2), 'InvalidOffset'],
  ['an end before its begin', fileOf(one('U8', '[1]', '[0,0]').replace('[0,0]', '[5,0]')), 'InvalidOffset'],
  ['an overlap', fileOf('{"a":["U8",[2],[0,2]],"b":["U8",[2],[1,3]]}', 3), 'InvalidOffset'],
  ['a size other than the shape says', fileOf(one('U8', '[2]', '[0,1]'), 1), 'TensorInvalidInfo'],
  ['equal names, the last sound', fileOf('{"a":["U8",[9],[0,3]],"a":["U8",[2],[0,2]]}', 2), 'ok'],
  ['__metadata__ twice', fileOf('{"__metadata__":{},"__metadata__":{}}'), 'InvalidHeaderDeserialization'],
  ['__metadata__ of null', fileOf('{"__metadata__":null}'), 'ok'],
  ['a number in __metadata__', fileOf('{"__metadata__":{"a":1}}'), 'InvalidHeaderDeserialization'],
])('%s', async (_, file, expected) => {
  expect(await verdict(file)).toBe(expected)
  expect(referenceVerdict(file)).toBe(expected)
})
