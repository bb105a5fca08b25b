import { createHash, randomBytes } from 'node:crypto'
import { lstat, mkdir, readdir, readFile, readlink, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { openConfiguredBlobs } from '@easel/blobs'
import { Secret } from '@easel/config'
import type { BlobsConfig } from '@easel/config'
import type { ModelFileRef } from '@easel/contracts'
import { tempDirectory, testS3, waitFor } from '@easel/testing'
import type { TestS3 } from '@easel/testing'
import { expect, test } from 'vitest'
import { ModelCache } from '../src/worker/models/model-cache.ts'
import { samplerGraph } from './support/graphs.ts'
import { startBench } from './support/worker-bench.ts'

const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const signal = new AbortController().signal

type Place = { hub: BlobsConfig; put(bytes: Buffer, name?: string): Promise<ModelFileRef> }

const refOf = (bytes: Buffer, name: string): ModelFileRef => ({
  folder: 'loras',
  name,
  sha256: createHash('sha256').update(bytes).digest('hex'),
  bytes: bytes.length,
})

/** A hub as the downloader lays it out; where it is on another disk than the cache, contents are copied. */
function directoryHub(path: string): Place {
  return {
    hub: { kind: 'directory', path },
    async put(bytes, name = 'a.safetensors') {
      const ref = refOf(bytes, name)
      const blob = join(path, 'sha256', ref.sha256.slice(0, 2), ref.sha256)
      await mkdir(dirname(blob), { recursive: true })
      await writeFile(blob, bytes)
      return ref
    },
  }
}

function bucketHub(s3: TestS3): Place {
  const hub: BlobsConfig = {
    kind: 's3',
    bucket: s3.bucket,
    prefix: 'hub/',
    region: s3.region,
    endpoint: s3.endpoint,
    pathStyle: true,
    credentials: { accessKeyId: s3.accessKeyId, secretAccessKey: new Secret(s3.secretAccessKey) },
  }
  return {
    hub,
    async put(bytes, name = 'a.safetensors') {
      const ref = refOf(bytes, name)
      await using blobs = await openConfiguredBlobs(hub)
      await blobs.put(
        (async function* () {
          yield bytes
        })(),
        { expected: `sha256:${ref.sha256}` },
      )
      return ref
    },
  }
}

const open = (place: Place, directory: string, more: { maxBytes?: number; recentMs?: number } = {}) =>
  ModelCache.open(
    { directory, maxBytes: more.maxBytes ?? null, hub: place.hub },
    { log, recentMs: more.recentMs ?? 0 },
  )

test('a model comes from a hub on the same disk as a link, and is new once', async () => {
  await using disk = await tempDirectory()
  const place = directoryHub(join(disk.path, 'hub'))
  const bytes = randomBytes(10_000)
  const ref = await place.put(bytes, 'sub/a.safetensors')
  await using cache = await open(place, join(disk.path, 'models'))

  using first = await cache.hold([ref], signal)
  using again = await cache.hold([ref], signal)

  expect([first.fresh, again.fresh]).toEqual([true, false])
  const name = join(disk.path, 'models/loras/sub/a.safetensors')
  expect(await readFile(name)).toEqual(bytes)
  expect(await readlink(name)).toContain('../../.easel/cache/sha256/')
  const blob = join(disk.path, 'models/.easel/cache/sha256', ref.sha256.slice(0, 2), ref.sha256)
  expect(await readlink(blob)).toBe(join(disk.path, 'hub/sha256', ref.sha256.slice(0, 2), ref.sha256))
})

test('a model is copied from a hub on the same disk where ComfyUI would not see the hub', async () => {
  await using disk = await tempDirectory()
  const place = directoryHub(join(disk.path, 'hub'))
  const bytes = randomBytes(10_000)
  const ref = await place.put(bytes)
  await using cache = await ModelCache.open(
    { directory: join(disk.path, 'models'), maxBytes: null, hub: place.hub, links: false },
    { log },
  )

  using _held = await cache.hold([ref], signal)
  await rm(join(disk.path, 'hub'), { recursive: true })

  expect(await readFile(join(disk.path, 'models/loras/a.safetensors'))).toEqual(bytes)
})

test('models come from S3 by ranges, hashed on the way; two that ask at once fetch one', async () => {
  await using s3 = await testS3()
  await using disk = await tempDirectory()
  const place = bucketHub(s3)
  const bytes = randomBytes(9_500_000)
  const ref = await place.put(bytes)
  const other = { ...ref, folder: 'checkpoints', name: 'b.safetensors' }
  await using cache = await open(place, disk.path)

  await Promise.all([cache.hold([ref], signal), cache.hold([other, ref], signal)])

  expect(await readFile(join(disk.path, 'loras/a.safetensors'))).toEqual(bytes)
  const inodes = await Promise.all(
    ['loras/a.safetensors', 'checkpoints/b.safetensors'].map(
      async (name) => (await stat(join(disk.path, name))).ino,
    ),
  )
  expect(inodes[0]).toBe(inodes[1])
  expect(await readdir(join(disk.path, '.easel/cache/temp'))).toEqual([])
})

test('what the hub does not have, or has with other bytes, is told by name, and nothing appears', async () => {
  await using s3 = await testS3()
  await using disk = await tempDirectory()
  const place = bucketHub(s3)
  const there = await place.put(randomBytes(1_000))
  const absent = refOf(randomBytes(10), 'absent.safetensors')
  const longer = { ...there, name: 'longer.safetensors', bytes: 2_000 }
  await using cache = await open(place, disk.path)

  await expect(cache.hold([absent], signal)).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('loras/absent.safetensors'),
    extra: { reason: 'MODEL_FETCH_FAILED', details: { missing: ['loras/absent.safetensors'] } },
  })
  await expect(cache.hold([longer], signal)).rejects.toMatchObject({
    extra: { reason: 'MODEL_FETCH_FAILED' },
  })

  expect((await readdir(disk.path)).filter((name) => name !== '.easel')).toEqual([])
})

test.each(['../a.safetensors', '.a', 'x/../../a', 'a\0', 'a\\b'])(
  'the name %j is refused for good',
  async (name) => {
    await using disk = await tempDirectory()
    const place = directoryHub(join(disk.path, 'hub'))
    await using cache = await open(place, join(disk.path, 'models'))

    await expect(cache.hold([{ ...(await place.put(randomBytes(10))), name }], signal)).rejects.toMatchObject(
      {
        code: 'invalid',
      },
    )
  },
)

test('the budget lets go of what was used longest ago, and never of what is held', async () => {
  await using s3 = await testS3()
  await using disk = await tempDirectory()
  const place = bucketHub(s3)
  const refs = await Promise.all(
    ['a', 'b', 'c', 'd'].map((name) => place.put(randomBytes(1_000), `${name}.gguf`)),
  )
  const [a, b, c, d] = refs as [ModelFileRef, ModelFileRef, ModelFileRef, ModelFileRef]
  await using cache = await open(place, disk.path, { maxBytes: 2_000 })
  const held = await cache.hold([a], signal)
  ;(await cache.hold([b], signal))[Symbol.dispose]()
  const old = new Date(Date.now() - 3_600_000)
  for (const { sha256 } of [a, b]) await utimes(join(disk.path, '.easel/cache/used', sha256), old, old)

  using _c = await cache.hold([c], signal)

  expect((await readdir(join(disk.path, 'loras'))).toSorted()).toEqual(['a.gguf', 'c.gguf'])
  await expect(cache.hold([d], signal)).rejects.toMatchObject({
    message: expect.stringContaining('DISK_FULL'),
  })
  held[Symbol.dispose]()
  using _d = await cache.hold([d], signal)
  expect((await readdir(join(disk.path, 'loras'))).toSorted()).toEqual(['c.gguf', 'd.gguf'])
})

test('what another worker of the node used a moment ago is not evicted', async () => {
  await using s3 = await testS3()
  await using disk = await tempDirectory()
  const place = bucketHub(s3)
  const [one, other] = [
    await place.put(randomBytes(1_000), 'a.gguf'),
    await place.put(randomBytes(1_000), 'b.gguf'),
  ]
  await using mine = await open(place, disk.path, { maxBytes: 1_500, recentMs: 60_000 })
  await using yours = await open(place, disk.path, { maxBytes: 1_500, recentMs: 60_000 })
  using _held = await mine.hold([one], signal)

  await expect(yours.hold([other], signal)).rejects.toMatchObject({ extra: { reason: 'MODEL_FETCH_FAILED' } })

  expect(await readdir(join(disk.path, 'loras'))).toEqual(['a.gguf'])
})

test('a real file of the node is used when its bytes are right, and never touched', async () => {
  await using disk = await tempDirectory()
  const place = directoryHub(join(disk.path, 'hub'))
  const bytes = randomBytes(1_000)
  const ref = await place.put(bytes)
  const name = join(disk.path, 'models/loras/a.safetensors')
  await mkdir(dirname(name), { recursive: true })
  await writeFile(name, bytes)
  await using cache = await open(place, join(disk.path, 'models'))

  const held = await cache.hold([ref], signal)
  expect(held.fresh).toBe(false)
  await writeFile(name, randomBytes(1_000))
  await expect(cache.hold([ref], signal)).rejects.toMatchObject({ extra: { reason: 'MODEL_FETCH_FAILED' } })

  expect((await lstat(name)).isFile()).toBe(true)
})

test('a name that means another content now leads there, unless a job still needs the old one', async () => {
  await using disk = await tempDirectory()
  const place = directoryHub(join(disk.path, 'hub'))
  const [old, fresh] = [await place.put(randomBytes(1_000)), await place.put(randomBytes(1_001))]
  await using cache = await open(place, join(disk.path, 'models'))
  const held = await cache.hold([old], signal)

  await expect(cache.hold([fresh], signal)).rejects.toMatchObject({ extra: { reason: 'MODEL_FETCH_FAILED' } })
  held[Symbol.dispose]()
  using _held = await cache.hold([fresh], signal)

  expect((await stat(join(disk.path, 'models/loras/a.safetensors'))).size).toBe(1_001)
})

test('what a crash left is taken up: links that lead nowhere go, contents without a note are kept', async () => {
  await using s3 = await testS3()
  await using disk = await tempDirectory()
  const place = bucketHub(s3)
  const [kept, gone] = [
    await place.put(randomBytes(1_000), 'a.gguf'),
    await place.put(randomBytes(1_000), 'b.gguf'),
  ]
  {
    await using cache = await open(place, disk.path)
    using _held = await cache.hold([kept, gone], signal)
  }
  await rm(join(disk.path, '.easel/cache/used'), { recursive: true })
  await rm(join(disk.path, '.easel/cache/sha256', gone.sha256.slice(0, 2), gone.sha256))

  await using cache = await open(place, disk.path)

  expect(await readdir(join(disk.path, 'loras'))).toEqual(['a.gguf'])
  using again = await cache.hold([kept, gone], signal)
  expect(again.fresh).toBe(true)
})

test('a worker fetches what a job needs before it runs, and tells ComfyUI’s new list', async () => {
  await using disk = await tempDirectory()
  const modelsDirectory = join(disk.path, 'models')
  const place = directoryHub(join(disk.path, 'hub'))
  await using bench = await startBench({
    stepMs: 1,
    modelLoadMs: 1,
    models: { checkpoints: [] },
    modelsDirectory,
  })
  await bench.readyWorker({ modelCache: { directory: modelsDirectory, maxBytes: null, hub: place.hub } })
  await waitFor(() => bench.beats.at(-1)?.objectInfoHash, { describe: 'the first list' })
  const before = bench.beats.at(-1)!
  const ref = { ...(await place.put(randomBytes(10_000), 'sd15.safetensors')), folder: 'checkpoints' }

  const refused = await bench.run(samplerGraph())
  const end = await bench.run(samplerGraph(), { modelFiles: [ref] })

  expect(before.fetchesModels).toBe(true)
  expect(refused).toMatchObject({ result: 'failed', error: { code: 'GRAPH_INVALID' } })
  expect(end).toMatchObject({ result: 'succeeded' })
  expect(end.timings.modelsMs).toBeGreaterThanOrEqual(0)
  const phases = bench.live.map(({ data }) => data.phase)
  expect(phases).toContain('downloading-models')
  await waitFor(() => bench.beats.at(-1)?.objectInfoHash !== before.objectInfoHash, {
    describe: 'the new list',
  })
})

test('a job whose model cannot be fetched fails so that another worker may have it', async () => {
  await using disk = await tempDirectory()
  const place = directoryHub(join(disk.path, 'hub'))
  await using bench = await startBench({ stepMs: 1 })
  await bench.readyWorker({ modelCache: { directory: disk.path, maxBytes: null, hub: place.hub } })

  const end = await bench.run(samplerGraph(), { modelFiles: [refOf(randomBytes(10), 'none.safetensors')] })

  expect(end).toMatchObject({
    result: 'failed',
    retryable: true,
    error: { code: 'MODEL_FETCH_FAILED', message: expect.stringContaining('loras/none.safetensors') },
  })
})
