import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fileSource, rangeSource, readGgufHeader } from '../src/index.ts'
import { gguf, ggufText, u32, u64 } from './support/gguf-files.ts'

async function read(bytes: Buffer) {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'gguf-'))
  const path = join(folder.path, 'model.gguf')
  await writeFile(path, bytes)
  return await readGgufHeader(fileSource(path))
}

const text = (value: string) => [8, ggufText(value)] as const
const refused = (message: string) => ({
  code: 'invalid',
  reason: 'GGUF_INVALID',
  message: expect.stringContaining(message) as string,
})

test.each([2, 3])('version %i: values, tensors, types and sizes are read', async (version) => {
  const file = gguf({
    version,
    values: {
      'general.architecture': text('flux'),
      'general.file_type': [4, u32(14)],
      'tokenizer.words': [9, Buffer.concat([u32(8), u64(2), ggufText('a'), ggufText('bc')])],
    },
    tensors: [
      { name: 'img_in.weight', dims: [64, 32], type: 2 },
      { name: 'img_in.bias', dims: [32], type: 0 },
    ],
  })

  expect(await read(file)).toMatchObject({
    version,
    architecture: 'flux',
    quantization: 'Q4_K_S',
    tensorCount: 2,
    parameterCount: 64 * 32 + 32,
    dtypes: { Q4_0: 2048, F32: 32 },
    metadata: { 'tokenizer.words': '[2]', 'general.architecture': 'flux' },
    tensors: [{ name: 'img_in.weight', dtype: 'Q4_0', shape: [32, 64] }, { name: 'img_in.bias' }],
  })
})

test('without a file type the type of most elements counts', async () => {
  const file = gguf({ tensors: [{ name: 'a', dims: [256], type: 12 }] })

  expect(await read(file)).toMatchObject({ quantization: 'Q4_K', architecture: undefined })
})

test('a header longer than the first read is fetched to its end and no further', async () => {
  const words = Array.from({ length: 60_000 }, (_, index) => ggufText(`word ${index}`))
  const values = { words: [9, Buffer.concat([u32(8), u64(words.length), ...words])] as const }
  const file = gguf({ values, tensors: [{ name: 'a', dims: [8_000_000], type: 0 }] })
  let fetched = 0
  const source = rangeSource('https://host/model.gguf', async (_url, { start, end }) => {
    const bytes = file.subarray(start, end + 1)
    fetched += bytes.length
    return { bytes, totalBytes: file.length }
  })

  expect(await readGgufHeader(source)).toMatchObject({ tensorCount: 1, metadata: { words: '[60000]' } })
  expect(fetched).toBeLessThan(4 * 1024 * 1024)
})

const tensor = { name: 'a', dims: [32], type: 0 }

test.each<[string, Buffer]>([
  ['first four bytes', Buffer.concat([Buffer.from('GGML'), Buffer.alloc(60)])],
  ['shorter than 24', Buffer.from('GGUF')],
  ['Version 1', gguf({ version: 1 })],
  ['Version 4', gguf({ version: 4 })],
  ['larger than the file', gguf({ tensorCount: 2n ** 64n - 1n })],
  ['larger than the file', gguf({ valueCount: 2n ** 62n })],
  ['More than 100000 tensors', Buffer.concat([gguf({ tensorCount: 150_000n }), Buffer.alloc(200_000)])],
  ['More than 10000 values', Buffer.concat([gguf({ valueCount: 20_000n }), Buffer.alloc(30_000)])],
  ['longer than the file', gguf({ valueCount: 3n })],
  ['larger than the file', gguf({ values: { long: [8, u64(2n ** 50n)] } })],
  ['array of arrays', gguf({ values: { deep: [9, Buffer.concat([u32(9), u64(1)])] } })],
  ['longer than the file', gguf({ values: { wide: [9, Buffer.concat([u32(12), u64(30)])] } })],
  ['Unknown type of value', gguf({ values: { odd: [13, u64(0)] } })],
  ['Unknown type of value', gguf({ values: { odd: [9, Buffer.concat([u32(99), u64(1)])] } })],
  ['alignment', gguf({ values: { 'general.alignment': [4, u32(0)] } })],
  ['given twice', gguf({ tensors: [tensor, { ...tensor, offset: 128n }] })],
  ['dimensions', gguf({ tensors: [{ name: 'a', dims: [1, 1, 1, 1, 1], type: 0 }] })],
  ['overflows', gguf({ tensors: [{ name: 'a', dims: [2 ** 40, 2 ** 40], type: 0 }] })],
  ['does not begin', gguf({ tensors: [tensor, { ...tensor, name: 'b', offset: 0n }] })],
  ['does not begin', gguf({ tensors: [{ ...tensor, offset: 7n }] })],
  ['whole blocks', gguf({ tensors: [{ name: 'a', dims: [33], type: 2 }] })],
  ['before its tensors', gguf({ tensors: [{ name: 'a', dims: [1_000], type: 0 }], dataBytes: 10 })],
])('a file is refused: %s', async (message, bytes) => {
  await expect(read(bytes)).rejects.toMatchObject(refused(message))
})

test('names of prototypes are values and tensors like any other', async () => {
  const header = await read(
    gguf({
      values: { __proto__1: text('x'), constructor: text('y') },
      tensors: [{ ...tensor, name: '__proto__' }],
    }),
  )

  expect(header.metadata.constructor).toBe('y')
  expect(header.tensors[0]!.name).toBe('__proto__')
})

test('random bytes behind the magic never do more than be refused', async () => {
  let state = 7
  const random = () => (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0)
  for (let round = 0; round < 300; round += 1) {
    const file = gguf({ values: { a: text('b') }, tensors: [tensor] })
    for (let flips = 0; flips < 4; flips += 1) file[random() % file.length] = random() & 0xff
    const outcome = await read(file).then(
      () => 'read',
      (cause: { reason?: string }) => cause.reason,
    )
    expect(['read', 'GGUF_INVALID']).toContain(outcome)
  }
})

test('a header of millions of empty words is refused quickly, and takes no memory', async () => {
  const count = 5_000_000
  const words = Buffer.concat([u32(8), u64(count), Buffer.alloc(count * 8)])
  const file = gguf({ values: { words: [9, words] } })
  const before = process.memoryUsage().heapUsed
  const startedAt = performance.now()

  await expect(read(file)).rejects.toMatchObject(refused('More than 2000000 texts'))

  expect(performance.now() - startedAt).toBeLessThan(10_000)
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(64 * 1024 * 1024)
})
