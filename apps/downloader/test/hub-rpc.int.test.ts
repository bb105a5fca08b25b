import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createClient } from '@easel/bus'
import { openConfiguredBlobs } from '@easel/blobs'
import { Secret } from '@easel/config'
import type { BlobsConfig } from '@easel/config'
import { hub } from '@easel/contracts'
import { testS3 } from '@easel/testing'
import type { TestS3 } from '@easel/testing'
import { expect, test } from 'vitest'
import { openHubHouse, sha256Of, someBytes } from './support/open-test-hub.ts'
import { anActor, openHouse } from './support/start-downloader.ts'

const signal = new AbortController().signal

test('everybody may look, only administrators change, services ask where contents are', async () => {
  await using house = await openHouse()
  await house.start()
  const client = createClient(house.bus, hub)
  const member = { actor: anActor() }
  const admin = { actor: anActor({ role: 'admin' }) }
  const bytes = someBytes()
  const sha256 = sha256Of(bytes)
  await mkdir(join(house.directory, 'loras'))
  for (const name of ['a', 'b']) await writeFile(join(house.directory, `loras/${name}.safetensors`), bytes)
  const paths = ['loras/a.safetensors', 'loras/b.safetensors']

  await expect(client.adoptFiles({ paths }, member)).rejects.toMatchObject({ code: 'forbidden' })
  await expect(client.adoptFiles({ paths }, admin)).resolves.toMatchObject({
    items: [{ outcome: 'linked' }, { outcome: 'linked', bytesFreed: bytes.length }],
  })
  await expect(client.getStatus({}, member)).resolves.toMatchObject({
    files: 1,
    bytes: bytes.length,
    bytesLinked: bytes.length * 2,
    bad: 0,
  })
  await expect(client.listFiles({ limit: 1 }, member)).resolves.toMatchObject({
    items: [{ sha256, paths, state: 'present' }],
    nextCursor: null,
  })
  for (const refused of [
    client.pinFile({ sha256, pinned: true }, member),
    client.evictFile({ sha256 }, member),
    client.verify({}, member),
  ]) {
    await expect(refused).rejects.toMatchObject({ code: 'forbidden' })
  }
  await expect(client.getStatus({})).rejects.toMatchObject({ code: 'unauthenticated' })
  await expect(client.locateContents({ sha256: [sha256, 'a'.repeat(64)] })).resolves.toEqual({
    items: [{ sha256, bytes: bytes.length, key: `sha256:${sha256}` }],
  })

  // Whoever asked where it is reads it now.
  await expect(client.evictFile({ sha256 }, admin)).rejects.toMatchObject({
    extra: { reason: 'CONTENT_IN_USE' },
  })
  await house.sql('delete from downloader.hub_leases', [])
  await expect(client.pinFile({ sha256, pinned: true }, admin)).resolves.toMatchObject({ pinned: true })
  await expect(client.evictFile({ sha256 }, admin)).rejects.toMatchObject({
    extra: { reason: 'CONTENT_IN_USE' },
  })
  await client.pinFile({ sha256, pinned: false }, admin)
  await expect(client.evictFile({ sha256 }, admin)).resolves.toMatchObject({ state: 'evicted', paths })
  expect(await readdir(join(house.directory, 'loras'))).toEqual([])
  await expect(client.evictFile({ sha256: 'b'.repeat(64) }, admin)).rejects.toMatchObject({
    extra: { reason: 'CONTENT_NOT_FOUND' },
  })
})

test('pages of contents follow each other without a gap', async () => {
  await using house = await openHubHouse()
  const opened = await house.open()
  for (let count = 0; count < 5; count++) {
    const { path, file } = await house.partial(someBytes(100), { filename: `${count}.gguf` })
    await opened.placement.place(path, file, signal)
  }

  const seen: string[] = []
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await opened.service.list({ limit: 2, ...(cursor && { cursor }) })
    seen.push(...page.rows.flatMap(({ paths }) => paths))
    cursor = page.nextCursor
  }

  expect(seen).toEqual(['4', '3', '2', '1', '0'].map((name) => `loras/${name}.gguf`))
})

const storeIn = (s3: TestS3): BlobsConfig => ({
  kind: 's3',
  bucket: s3.bucket,
  prefix: 'hub/',
  region: s3.region,
  endpoint: s3.endpoint,
  pathStyle: true,
  credentials: { accessKeyId: s3.accessKeyId, secretAccessKey: new Secret(s3.secretAccessKey) },
})

test('with S3 a content is there before its name appears, and comes back from there after an eviction', async () => {
  await using s3 = await testS3()
  await using house = await openHubHouse()
  const store = storeIn(s3)
  const opened = await house.open({ store })
  await using bucket = await openConfiguredBlobs(store)
  const bytes = someBytes(9_000_000)
  const { path, file } = await house.partial(bytes)
  await opened.placement.place(path, file, signal)
  expect(await bucket.stat(`sha256:${file.sha256}`)).toEqual({ bytes: bytes.length })

  house.budget.bytes = 10
  await opened.sweep()
  expect(await readdir(join(house.directory, 'loras'))).toEqual([])
  expect(await opened.service.locate([file.sha256])).toHaveLength(1)

  house.budget.bytes = null
  await opened.placement.find(file, signal)
  expect(await readFile(join(house.directory, 'loras/a.safetensors'))).toEqual(bytes)
  await house.store.hub.release('workers')
  await opened.service.evict(anActor({ role: 'admin' }), file.sha256)
  expect(await bucket.stat(`sha256:${file.sha256}`)).toBeUndefined()
})

test('what S3 has lost meanwhile is transferred anew', async () => {
  await using s3 = await testS3()
  await using house = await openHubHouse()
  const store = storeIn(s3)
  const opened = await house.open({ store })
  await using bucket = await openConfiguredBlobs(store)
  const { path, file } = await house.partial(someBytes())
  await opened.placement.place(path, file, signal)
  house.budget.bytes = 10
  await opened.sweep()
  house.budget.bytes = null
  await bucket.delete(`sha256:${file.sha256}`)

  expect(await opened.placement.find(file, signal)).toBeUndefined()
  expect(await opened.service.locate([file.sha256])).toEqual([])
  await opened.placement.place(path, file, signal)

  expect(await bucket.stat(`sha256:${file.sha256}`)).toEqual({ bytes: file.bytes })
})

test('what was taken in while S3 was not set is copied there by the next sweep', async () => {
  await using s3 = await testS3()
  await using house = await openHubHouse()
  const before = await house.open()
  const { path, file } = await house.partial(someBytes())
  await before.placement.place(path, file, signal)

  const opened = await house.open({ store: storeIn(s3) })
  expect(await opened.service.locate([file.sha256])).toEqual([])
  await opened.sweep()

  expect(await opened.service.locate([file.sha256])).toHaveLength(1)
})
