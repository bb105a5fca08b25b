import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { autoV2, autoV3, createHasher, fileSource, hashFile, readHeader } from '../src/index.ts'
import { fileOf } from './support/header-files.ts'

const temp = () => mkdtempDisposable(join(tmpdir(), 'hash-'))
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

test.each([0, 1, 1024 * 1024, 3_000_001])('the hash of %i bytes is their SHA-256', async (length) => {
  await using folder = await temp()
  const path = join(folder.path, 'file')
  const bytes = randomBytes(length)
  await writeFile(path, bytes)

  expect(await hashFile(path)).toEqual({ hash: sha256(bytes), bytes: length })
})

test('more files than threads are all hashed', async () => {
  await using folder = await temp()
  await using hasher = createHasher({ threads: 2 })
  const files = Array.from({ length: 20 }, (_, index) => ({
    path: join(folder.path, String(index)),
    bytes: randomBytes(200_000 + index),
  }))
  await Promise.all(files.map(({ path, bytes }) => writeFile(path, bytes)))

  const hashes = await Promise.all(files.map(({ path }) => hasher.hashFile(path)))

  expect(hashes.map(({ hash }) => hash)).toEqual(files.map(({ bytes }) => sha256(bytes)))
})

test('progress grows up to the whole', async () => {
  await using folder = await temp()
  const path = join(folder.path, 'file')
  await writeFile(path, Buffer.alloc(70 * 1024 * 1024))
  const seen: number[] = []

  await hashFile(path, { onProgress: ({ bytes, totalBytes }) => seen.push(bytes / totalBytes) })

  expect(seen).toEqual([32 / 70, 64 / 70])
})

test('abort ends the hashing of a file, running or waiting, and the thread goes on with the next', async () => {
  await using folder = await temp()
  await using hasher = createHasher({ threads: 1 })
  const large = join(folder.path, 'large')
  const small = join(folder.path, 'small')
  await writeFile(large, Buffer.alloc(200 * 1024 * 1024))
  await writeFile(small, 'small')
  const controller = new AbortController()
  const reason = new Error('enough')
  const { signal } = controller

  const outcomes = await Promise.allSettled([
    hasher.hashFile(large, { signal, onProgress: () => controller.abort(reason) }),
    hasher.hashFile(small, { signal }),
    hasher.hashFile(small),
  ])

  expect(outcomes).toEqual([
    { status: 'rejected', reason },
    { status: 'rejected', reason },
    { status: 'fulfilled', value: { hash: sha256(Buffer.from('small')), bytes: 5 } },
  ])
})

test('a file that is not there is not found, a directory cannot be read, and the thread lives on', async () => {
  await using folder = await temp()
  await using hasher = createHasher({ threads: 1 })
  const path = join(folder.path, 'file')
  await writeFile(path, 'x')

  await expect(hasher.hashFile(join(folder.path, 'absent'))).rejects.toMatchObject({ code: 'not_found' })
  await expect(hasher.hashFile(folder.path)).rejects.toMatchObject({ code: 'unavailable' })
  expect(await hasher.hashFile(path)).toMatchObject({ bytes: 1 })
})

test('closing ends what runs and what waits', async () => {
  await using folder = await temp()
  const hasher = createHasher({ threads: 1 })
  const path = join(folder.path, 'file')
  await writeFile(path, Buffer.alloc(100 * 1024 * 1024))

  const all = Promise.allSettled([hasher.hashFile(path), hasher.hashFile(path)])
  await hasher[Symbol.asyncDispose]()

  expect((await all).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  await expect(hasher.hashFile(path)).rejects.toMatchObject({ extra: { reason: 'HASHER_CLOSED' } })
})

test("CivitAI's short hashes are cut from the whole file and from what follows the header", async () => {
  await using folder = await temp()
  const path = join(folder.path, 'model.safetensors')
  const header = '{"t":{"dtype":"U8","shape":[5],"data_offsets":[0,5]}}'
  const file = fileOf(header, 5)
  await writeFile(path, file)

  expect(autoV2(sha256(file))).toBe(sha256(file).slice(0, 10).toUpperCase())
  expect(await autoV3(path, hashFile)).toBe(sha256(Buffer.alloc(5)).slice(0, 12).toUpperCase())
})

test('a file without a header has no short hash', async () => {
  await using folder = await temp()
  const path = join(folder.path, 'page.safetensors')
  await writeFile(path, '<html>please log in</html>')

  await expect(autoV3(path, hashFile)).rejects.toMatchObject({ extra: { reason: 'SAFETENSORS_INVALID' } })
})

test('the data behind a header are hashed in the same pass, wherever they begin', async () => {
  await using folder = await temp()
  const path = join(folder.path, 'file')
  const bytes = randomBytes(3_000_001)
  await writeFile(path, bytes)

  for (const dataStart of [0, 8, 1024 * 1024, 1024 * 1024 + 1, 3_000_000, 3_000_001]) {
    expect(await hashFile(path, { dataStart })).toEqual({
      hash: sha256(bytes),
      dataHash: sha256(bytes.subarray(dataStart)),
      bytes: bytes.length,
    })
  }
})

test('a pipe is refused and not waited for', async () => {
  await using folder = await temp()
  const path = join(folder.path, 'pipe')
  execFileSync('mkfifo', [path])

  await expect(hashFile(path)).rejects.toMatchObject({ code: 'unavailable' })
  await expect(readHeader(fileSource(path))).rejects.toMatchObject({ code: 'invalid' })
})
