import { randomUUID } from 'node:crypto'
import { Blake3Hasher } from '@napi-rs/blake-hash'
import { describe, expect, test } from 'vitest'
import type { BlobEntry } from '../src/index.ts'
import { collect, inPieces, sha256Key, someBytes, startDirectory, startS3 } from './support/stores.ts'

const MiB = 1024 * 1024
const absentKey = `blake3:${'0'.repeat(64)}`

describe.each([
  { name: 'a directory', start: startDirectory },
  { name: 's3', start: startS3 },
])('$name', ({ start }) => {
  test.each([0, 1, 10_000, MiB, 9 * MiB + 7])('gives back the %i bytes that were put', async (length) => {
    await using store = await start()
    const bytes = someBytes(length)

    const put = await store.blobs.put(inPieces(bytes))

    const key = `blake3:${new Blake3Hasher().update(bytes).digest('hex')}`
    expect(put).toEqual({ key, bytes: length, existed: false })
    expect(await store.blobs.stat(key)).toEqual({ bytes: length })
    expect(bytes.equals(await collect(await store.blobs.read(key)))).toBe(true)
  })

  test('a model file is stored under its SHA-256', async () => {
    await using store = await start()
    const bytes = someBytes(70_000)

    const { key } = await store.blobs.put(inPieces(bytes), { algorithm: 'sha256' })

    expect(key).toBe(sha256Key(bytes))
  })

  test.each([5000, 9 * MiB])('the same %i bytes put twice, also at once, are one blob', async (length) => {
    await using store = await start()
    const bytes = someBytes(length)
    const expected = sha256Key(bytes)

    const first = await Promise.all([1, 2, 3].map(() => store.blobs.put(inPieces(bytes), { expected })))
    const again = await store.blobs.put(inPieces(bytes), { algorithm: 'sha256' })

    expect(new Set(first.map(({ key }) => key))).toEqual(new Set([expected]))
    expect(again).toEqual({ key: expected, bytes: length, existed: true })
    expect(await keysOf(store.blobs.list())).toEqual([expected])
  })

  test.each([5000, 9 * MiB])(
    '%i bytes that are not the expected ones are refused and leave nothing',
    async (length) => {
      await using store = await start({ tempMaxAgeMs: -60_000 })
      const expected = sha256Key(someBytes(10))

      const put = store.blobs.put(inPieces(someBytes(length)), { expected })

      await expect(put).rejects.toMatchObject({ code: 'invalid', extra: { reason: 'BLOB_MISMATCH' } })
      expect(await store.blobs.stat(expected)).toBeUndefined()
      expect(await store.blobs.sweep()).toEqual({ removed: 0 })
    },
  )

  test('a wrong stream is refused also when the expected blob is there already', async () => {
    await using store = await start()
    const { key: expected } = await store.blobs.put(inPieces(someBytes(9 * MiB)), { algorithm: 'sha256' })

    const put = store.blobs.put(inPieces(someBytes(9 * MiB)), { expected })

    await expect(put).rejects.toMatchObject({ extra: { reason: 'BLOB_MISMATCH' } })
  })

  test('a source that is too long is not read to its end', async () => {
    await using store = await start({ tempMaxAgeMs: -60_000 })
    let produced = 0
    async function* endless() {
      for (;;) yield Buffer.alloc(MiB, (produced += 1))
    }

    const put = store.blobs.put(endless(), { maxBytes: 12 * MiB })

    await expect(put).rejects.toMatchObject({ code: 'invalid', extra: { reason: 'BLOB_TOO_LARGE' } })
    expect(produced).toBeLessThan(16)
    expect(await store.blobs.sweep()).toEqual({ removed: 0 })
  })

  test('a source that fails takes the put with it', async () => {
    await using store = await start({ tempMaxAgeMs: -60_000 })
    async function* failing() {
      yield someBytes(10 * MiB)
      throw new Error('connection lost')
    }

    await expect(store.blobs.put(failing())).rejects.toMatchObject({ code: 'unavailable' })
    expect(await keysOf(store.blobs.list())).toEqual([])
    expect(await store.blobs.sweep()).toEqual({ removed: 0 })
  })

  test('abort ends a put whose source hangs, with the reason of the signal, and leaves nothing', async () => {
    await using store = await start({ tempMaxAgeMs: -60_000 })
    const controller = new AbortController()
    const reason = new Error('changed my mind')
    async function* hanging() {
      yield someBytes(20 * MiB)
      queueMicrotask(() => controller.abort(reason))
      await new Promise(() => undefined)
    }

    const put = store.blobs.put(hanging(), { signal: controller.signal })

    await expect(put).rejects.toBe(reason)
    expect(await store.blobs.sweep()).toEqual({ removed: 0 })
  })

  test.each([
    { range: { start: 0, end: 1 }, bytes: [0, 2] },
    { range: { start: 10, end: 19 }, bytes: [10, 20] },
    { range: { start: 99_990 }, bytes: [99_990, 100_000] },
    { range: { start: 99_990, end: 10 ** 12 }, bytes: [99_990, 100_000] },
  ])('a range $range is exactly its bytes, streamed or at once', async ({ range, bytes: [from, to] }) => {
    await using store = await start()
    const bytes = someBytes(100_000)
    const { key } = await store.blobs.put(inPieces(bytes))

    const streamed = await collect(await store.blobs.read(key, range))
    const atOnce = await store.blobs.readBytes(key, range)

    const asked = bytes.subarray(from, to)
    expect([asked.equals(streamed), asked.equals(atOnce)]).toEqual([true, true])
  })

  test.each([{ start: 100 }, { start: -1 }, { start: 5, end: 4 }, { start: 0.5 }, { start: Number.NaN }])(
    'a range $start to $end of 100 bytes is refused',
    async (range) => {
      await using store = await start()
      const { key } = await store.blobs.put(inPieces(someBytes(100)))

      const refused = { code: 'invalid', extra: { reason: 'RANGE_NOT_SATISFIABLE' } }
      await expect(store.blobs.read(key, range)).rejects.toMatchObject(refused)
      await expect(store.blobs.readBytes(key, range)).rejects.toMatchObject(refused)
    },
  )

  test('a range too long for one piece is refused', async () => {
    await using store = await start()
    const { key } = await store.blobs.put(inPieces(someBytes(5 * MiB)))

    await expect(store.blobs.readBytes(key, { start: 0 })).rejects.toMatchObject({
      extra: { reason: 'RANGE_TOO_LARGE' },
    })
  })

  test('what is absent is not found, and deleting it changes nothing', async () => {
    await using store = await start()

    const notFound = { code: 'not_found', extra: { reason: 'BLOB_NOT_FOUND' } }
    await expect(store.blobs.read(absentKey)).rejects.toMatchObject(notFound)
    await expect(store.blobs.readBytes(absentKey, { start: 0, end: 5 })).rejects.toMatchObject(notFound)
    expect(await store.blobs.stat(absentKey)).toBeUndefined()
    await expect(store.blobs.delete(absentKey)).resolves.toBeUndefined()
  })

  test('a deleted blob is gone, also for short ranges, and can be put again', async () => {
    await using store = await start()
    const bytes = someBytes(1000)
    const { key } = await store.blobs.put(inPieces(bytes))
    await store.blobs.readBytes(key, { start: 0, end: 9 })

    await store.blobs.delete(key)

    await expect(store.blobs.readBytes(key, { start: 0, end: 9 })).rejects.toMatchObject({
      code: 'not_found',
    })
    expect(await store.blobs.put(inPieces(bytes))).toEqual({ key, bytes: 1000, existed: false })
  })

  test.each([
    '',
    'blake3:',
    `blake3:../../${'a'.repeat(58)}`,
    `md5:${'a'.repeat(64)}`,
    `blake3:${'A'.repeat(64)}`,
  ])('the key "%s" is refused everywhere', async (key) => {
    await using store = await start()

    const refused = { code: 'invalid', extra: { reason: 'BLOB_KEY_INVALID' } }
    await expect(store.blobs.stat(key)).rejects.toMatchObject(refused)
    await expect(store.blobs.read(key)).rejects.toMatchObject(refused)
    await expect(store.blobs.readBytes(key, { start: 0 })).rejects.toMatchObject(refused)
    await expect(store.blobs.delete(key)).rejects.toMatchObject(refused)
    await expect(store.blobs.presignGet(key, { expiresSeconds: 5 })).rejects.toMatchObject(refused)
    await expect(store.blobs.put(inPieces(someBytes(1)), { expected: key })).rejects.toMatchObject(refused)
  })

  test('the list is what is there, by prefix', async () => {
    await using store = await start()
    const put = (algorithm: 'blake3' | 'sha256') => store.blobs.put(inPieces(someBytes(100)), { algorithm })
    const assets = [(await put('blake3')).key, (await put('blake3')).key]
    const models = [(await put('sha256')).key]

    expect(await keysOf(store.blobs.list())).toEqual([...assets, ...models].sort())
    expect(await keysOf(store.blobs.list('blake3:'))).toEqual(assets.sort())
    expect(await keysOf(store.blobs.list(models[0]!.slice(0, 12)))).toEqual(models)
    expect(await keysOf(store.blobs.list(`nothing-${randomUUID()}`))).toEqual([])
    const [entry] = await Array.fromAsync(store.blobs.list('sha256:'))
    expect(entry).toMatchObject({ bytes: 100 })
    expect(Math.abs(entry!.modifiedAt.getTime() - Date.now())).toBeLessThan(60_000)
  })

  test('a store that works says so', async () => {
    await using store = await start({ tempMaxAgeMs: -60_000 })

    await expect(store.blobs.check()).resolves.toBeUndefined()
    expect(await store.blobs.sweep()).toEqual({ removed: 0 })
  })

  test('two hundred small blobs at once are all kept', async () => {
    await using store = await start()
    const all = Array.from({ length: 200 }, (_, index) => someBytes(100 + index * 50))

    const results = await Promise.all(all.map((bytes) => store.blobs.put(inPieces(bytes))))

    const kept = await Promise.all(results.map(async ({ key }) => collect(await store.blobs.read(key))))
    expect(kept.every((bytes, index) => bytes.equals(all[index]!))).toBe(true)
  })
})

const keysOf = async (entries: AsyncIterable<BlobEntry>): Promise<string[]> =>
  (await Array.fromAsync(entries)).map(({ key }) => key).sort()
