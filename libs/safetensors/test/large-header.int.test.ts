import { mkdtempDisposable, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { expect, test } from 'vitest'
import { fileSource, readHeader } from '../src/index.ts'
import { fileOf } from './support/header-files.ts'

const temp = () => mkdtempDisposable(join(tmpdir(), 'header-'))

/** Tensors of one byte each, with names that are long enough for a header of about `bytes`. */
function manyTensors(count: number, nameBytes = 0): Buffer {
  const name = 'n'.repeat(nameBytes)
  const members = Array.from(
    { length: count },
    (_, index) => `"${name}${index}":{"dtype":"U8","shape":[1],"data_offsets":[${index},${index + 1}]}`,
  )
  return fileOf(
    `{"__metadata__":{"__proto__":"x","long":"${'y'.repeat(400_000)}"},${members.join(',')}}`,
    count,
  )
}

test('a header of 20 MB is read without the event loop noticing', async () => {
  await using folder = await temp()
  const path = join(folder.path, 'large.safetensors')
  const file = manyTensors(200_000, 40)
  await writeFile(path, file)
  expect(file.length).toBeGreaterThan(20_000_000)

  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const header = await readHeader(fileSource(path), { maxTensors: 5000 })
  delay.disable()

  expect(header).toMatchObject({ tensorCount: 200_000, parameterCount: 200_000, dataBytes: 200_000 })
  expect(header.tensors).toHaveLength(5000)
  expect(header.tensors[4999]).toMatchObject({ dtype: 'U8', shape: [1], offsets: [4999, 5000] })
  // A pause of the machine is no stall of ours: one in a hundred may be longer.
  expect(delay.percentile(99) / 1e6).toBeLessThan(20)
})

test('a long header gives the same answer as a short one, strange names included', async () => {
  await using folder = await temp()
  const path = join(folder.path, 'long.safetensors')
  await writeFile(path, manyTensors(20_000))

  const header = await readHeader(fileSource(path))

  expect(header.tensors).toHaveLength(20_000)
  expect(Object.getPrototypeOf(header.metadata)).toBeNull()
  expect(Object.entries(header.metadata)).toEqual([
    ['__proto__', 'x'],
    ['long', 'y'.repeat(400_000)],
  ])
})

test('a fault in a long header is told by name', async () => {
  await using folder = await temp()
  const path = join(folder.path, 'bad.safetensors')
  const file = manyTensors(20_000)
  await writeFile(path, file.subarray(0, file.length - 1))

  await expect(readHeader(fileSource(path))).rejects.toMatchObject({
    code: 'invalid',
    extra: { reason: 'SAFETENSORS_INVALID', details: { fault: 'MetadataIncompleteBuffer' } },
  })
})

test('reading a long header can be aborted', async () => {
  await using folder = await temp()
  const path = join(folder.path, 'long.safetensors')
  await writeFile(path, manyTensors(20_000))
  const controller = new AbortController()
  const reason = new Error('enough')

  const header = readHeader(fileSource(path), { signal: controller.signal })
  setImmediate(() => controller.abort(reason))

  await expect(header).rejects.toBe(reason)
})

test('a header is read of a file that is larger than memory', async () => {
  await using folder = await temp()
  const path = join(folder.path, 'sparse.safetensors')
  const json = '{"t":{"dtype":"F16","shape":[10000000000],"data_offsets":[0,20000000000]}}'
  await writeFile(path, fileOf(json))
  await truncate(path, 8 + json.length + 20_000_000_000)

  expect(await readHeader(fileSource(path))).toMatchObject({
    parameterCount: 10_000_000_000,
    dtypes: { F16: 10_000_000_000 },
    headerBytes: json.length,
    dataBytes: 20_000_000_000,
  })
})
