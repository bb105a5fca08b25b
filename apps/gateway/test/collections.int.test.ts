import { createEasel } from '@easel/client'
import { publishFact } from '@easel/bus'
import { collectionChanged } from '@easel/contracts'
import { newId } from '@easel/protocol'
import { waitFor } from '@easel/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aCollection } from './support/collection-peers.ts'
import { adminKey, startTestGateway } from './support/start-gateway.ts'
import type { Easel } from '@easel/client'
import type { TestGateway } from './support/start-gateway.ts'

let server: TestGateway
let ann: Easel & { key: string }
let bob: Easel & { key: string }
beforeAll(async () => {
  server = await startTestGateway()
  const as = async (name: string) => {
    const { key } = await server.addUser(`${name}@example.com`)
    return { ...createEasel({ url: server.gateway.url, apiKey: key }), key }
  }
  ann = await as('ann')
  bob = await as('bob')
})
afterAll(() => server[Symbol.asyncDispose]())

test('a collection is made, read, changed by its ETag and removed, by those it belongs to', async () => {
  const made = await ann.collections.create({ name: 'Buildings' })
  const added = await ann.collections.add(made.id, [{ reference: 'civitai:4201@4202' }])
  const renamed = await ann.collections.update(made.id, added.revision, { name: 'Castles' })
  const emptied = await ann.collections.remove(made.id, added.entries[0]!.id)

  expect([made.revision, added.revision, renamed.revision, emptied.revision]).toEqual([1, 2, 3, 4])
  expect((await ann.collections.list()).items).toMatchObject([{ name: 'Castles' }])
  await expect(ann.collections.update(made.id, 1, { name: 'Late' })).rejects.toMatchObject({
    status: 412,
    code: 'STALE',
  })
  const path = `/api/collections/${made.id}`
  const shown = await server.call(path, { key: ann.key })
  expect(shown.headers.get('etag')).toBe('"4"')
  const blind = await server.call(path, { key: ann.key, method: 'PATCH', json: { name: 'Blind' } })
  expect(blind.status).toBe(428)
  await expect(bob.collections.get(made.id)).rejects.toMatchObject({ code: 'COLLECTION_NOT_FOUND' })
  expect((await bob.collections.list()).items).toEqual([])
  await ann.collections.delete(made.id)
  await expect(ann.collections.get(made.id)).rejects.toMatchObject({ status: 404 })
})

test('what is missing is fetched by one download, in the space of the collection', async () => {
  const made = await ann.collections.create({ name: 'To fetch' })
  server.peers.models.collections.missing = [{ source: 'civitai', versionId: '4202' }]

  const fetched = await ann.collections.fetch(made.id, { priority: 5 }, { idempotencyKey: 'once' })
  const again = await ann.collections.fetch(made.id, { priority: 5 }, { idempotencyKey: 'once' })
  server.peers.models.collections.missing = []
  const nothing = await ann.collections.fetch(made.id)

  expect(server.peers.models.last('createDownload')).toMatchObject({
    source: 'files',
    files: [{ source: 'civitai', versionId: '4202' }],
    spaceId: made.spaceId,
    priority: 5,
  })
  expect(again.download?.id).toBe(fetched.download?.id)
  expect(nothing).toEqual({ download: null, unfetched: [] })
})

test('LoRAs are listed as the caller may see them, and texts go in and out', async () => {
  const { items } = await ann.loras.list({ for: 'sdxl', origin: ['local', 'catalogue'], installed: false })
  const imported = await ann.collections.import({ text: 'loras: {}', dryRun: true })
  const exported = await ann.collections.export()

  expect(items).toMatchObject([{ title: 'Castle' }])
  expect(server.peers.models.last('listLoras')).toMatchObject({
    for: 'sdxl',
    origin: ['local', 'catalogue'],
    installed: false,
    maxNsfw: 'pg',
  })
  expect(imported.remarks).toHaveLength(1)
  expect(exported.lora_collections).toEqual({ Buildings: { loras: ['castle'] } })
})

test('what is wrong is refused with the place of each fault, and a key without the scope stays out', async () => {
  const wrong = await server.call('/api/collections', {
    key: ann.key,
    method: 'POST',
    json: {
      name: '',
      tags: ['a', 'a'],
      entries: [{ lora: { source: 'elsewhere' }, weight: 11, baseImages: ['no id'] }],
    },
  })
  const reader = await server.call('/api/keys', {
    key: adminKey,
    method: 'POST',
    json: { name: 'reader', scopes: ['models:read'] },
  })
  const asReader = createEasel({ url: server.gateway.url, apiKey: reader.body.key as string })

  expect(wrong.status).toBe(422)
  expect(wrong.body.errors.map(({ path }: { path: string }) => path).toSorted()).toEqual(
    expect.arrayContaining(['name', 'tags', 'entries.0.lora.source', 'entries.0.weight']),
  )
  await expect(asReader.collections.list()).resolves.toMatchObject({ items: [] })
  await expect(asReader.collections.create({ name: 'No' })).rejects.toMatchObject({ status: 403 })
})

test('a change is told to the people of the space, and to nobody else', async () => {
  const made = await ann.collections.create({ name: 'Told of' })
  const { entries: _entries, ...collection } = aCollection({ ...made, id: newId() })

  await publishFact(server.peers.bus, collectionChanged, {
    id: newId(),
    payload: { event: 'collection.updated', collection },
  })

  const eventsOf = async (key: string) => (await server.call('/api/events?after=0', { key })).body.items
  const [event] = await waitFor(async () => {
    const items = await eventsOf(ann.key)
    return items.length > 0 ? items : undefined
  })
  expect(event).toMatchObject({
    type: 'collection.updated',
    spaceId: made.spaceId,
    data: { id: collection.id },
  })
  expect(await eventsOf(bob.key)).toEqual([])
})
