import { consumeFact } from '@easel/bus'
import { collectionChanged } from '@easel/contracts'
import type { CollectionChanged, CollectionView } from '@easel/contracts'
import { newId } from '@easel/protocol'
import { waitFor } from '@easel/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { put } from './support/model-files.ts'
import { openCollections, people } from './support/open-collections.ts'
import type { CollectionsHouse } from './support/open-collections.ts'

let house: CollectionsHouse
let catalog: AsyncDisposable
const spaceId = newId()
const { ann, ben, vera, stranger } = people(spaceId)

beforeAll(async () => {
  house = await openCollections()
  catalog = await house.start()
})
afterAll(() => house[Symbol.asyncDispose]())

const as = (actor = ann) => house.loras(actor)
const world = () => house.standIns.civitai.world

function aLora(name: string) {
  const model = world().add({ name, type: 'LORA', baseModel: 'SDXL 1.0', trainedWords: [name.toLowerCase()] })
  return { source: 'civitai' as const, versionId: String(model.modelVersions[0]!.id) }
}

test('a collection tells of each LoRA what is known of it, and keeps what its people say', async () => {
  const plain = world().special.plain
  house.standIns.huggingface.world.add({ id: 'easel-tests/mill', files: { 'mill_lora.safetensors': 9_000 } })

  const made = await as().createCollection({
    spaceId,
    name: 'Buildings',
    description: 'What stands',
    prompt: 'architecture,',
    tags: ['stone', 'stone '],
    entries: [
      { lora: { source: 'civitai', modelId: String(plain.id) }, weight: 0.8, trigger: 'pd', notes: ' bold ' },
      { reference: 'hf://easel-tests/mill' },
    ],
  })

  expect(made).toMatchObject({ name: 'Buildings', tags: ['stone'], revision: 1, entryCount: 2, position: 0 })
  expect(made.entries).toMatchObject([
    {
      title: plain.name,
      lora: { source: 'civitai', versionId: String(plain.modelVersions[0]!.id) },
      triggerWords: ['plain detail', 'pdstyle'],
      trigger: 'pd',
      weight: 0.8,
      notes: 'bold',
      state: 'available',
      baseImages: [],
    },
    {
      lora: { source: 'huggingface', repo: 'easel-tests/mill', path: 'mill_lora.safetensors' },
      trigger: null,
      weight: 1,
      state: 'available',
    },
  ])
  expect(made.entries[1]!.lora.sha256).toMatch(/^[0-9a-f]{64}$/)
  await expect(as(ben).getCollection({ id: made.id })).resolves.toEqual(made)
})

test('a LoRA that comes is shown as installed, whatever it is called, and found again under another name', async () => {
  const lora = aLora('Watermill')
  const made = await as().createCollection({ spaceId, name: 'Mills', entries: [{ lora }] })
  const { version } = world().findVersion(Number(lora.versionId))!
  const bytes = world().bytes.get(version.files[0]!.id)!
  await put(house.house.directory, 'loras/anything.safetensors', bytes)
  await house.house.client.scan({})

  const shown = await waitFor(
    async () => {
      const { entries } = await as().getCollection({ id: made.id })
      return entries[0]?.state === 'installed' ? entries : undefined
    },
    { timeoutMs: 30_000 },
  )
  const missing = await as().listMissing({ id: made.id })

  expect(shown).toMatchObject([{ fileName: 'anything.safetensors', title: 'Watermill' }])
  expect(missing).toEqual({ spaceId, wishes: [], unfetched: [] })
  const kept = await as().addEntries({
    id: made.id,
    entries: [{ lora: { source: 'library', libraryFileId: shown[0]!.libraryFileId! } }],
  })
  expect(kept.entries[1]).toMatchObject({ state: 'installed', lora: { sha256: expect.any(String) } })
})

test('what is missing is told as what to ask the downloader for', async () => {
  const lora = aLora('Viaduct')
  const made = await as().createCollection({ spaceId, name: 'Bridges', entries: [{ lora }] })

  const missing = await as().listMissing({ id: made.id, entries: [made.entries[0]!.id] })

  expect(missing.wishes).toMatchObject([{ source: 'civitai', versionId: lora.versionId }])
  await expect(as().listMissing({ id: made.id, entries: [newId()] })).rejects.toMatchObject({
    reason: 'ENTRY_NOT_FOUND',
  })
})

test('who is of the team reads it, who may write changes it, and for others it is not there', async () => {
  const made = await as(ben).createCollection({ spaceId, name: 'Ours', entries: [{ lora: aLora('Tower') }] })
  const { id, revision } = made
  const entryId = made.entries[0]!.id

  await expect(as(vera).getCollection({ id })).resolves.toMatchObject({ name: 'Ours' })
  expect((await as(vera).listCollections({})).items.map((item) => item.id)).toContain(id)
  const changes = (actor: typeof ann) => [
    () => as(actor).createCollection({ spaceId, name: 'Theirs' }),
    () => as(actor).updateCollection({ id, revision, name: 'Theirs' }),
    () => as(actor).addEntries({ id, entries: [{ lora: aLora('Gate') }] }),
    () => as(actor).removeEntry({ id, entryId }),
    () => as(actor).deleteCollection({ id }),
    () => as(actor).listMissing({ id }),
    () => as(actor).importCollections({ spaceId, text: 'loras: {}' }),
  ]
  for (const change of changes(vera)) await expect(change()).rejects.toMatchObject({ code: 'forbidden' })
  const reads = [
    () => as(stranger).getCollection({ id }),
    () => as(stranger).listCollections({ spaceId }),
    () => as(stranger).exportCollections({ spaceId }),
    () => as(stranger).exportCollections({ ids: [id] }),
  ]
  for (const call of [...changes(stranger), ...reads]) {
    await expect(call()).rejects.toMatchObject({ code: 'not_found' })
  }
  expect((await as(stranger).listCollections({})).items).toEqual([])
  await expect(as().getCollection({ id })).resolves.toEqual(made)
})

test('of two who change it at once one is told that he is late, and nothing is lost', async () => {
  const made = await as().createCollection({ spaceId, name: 'Contested', entries: [{ lora: aLora('Arch') }] })
  const { id, revision, entries } = made
  const weights = [0.2, 0.4]

  const outcomes = await Promise.allSettled(
    weights.map((weight) =>
      as().updateCollection({ id, revision, entries: [{ id: entries[0]!.id, weight }] }),
    ),
  )
  const after = await as().getCollection({ id })

  const late = outcomes.find((outcome) => outcome.status === 'rejected')
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect(late?.reason).toMatchObject({ reason: 'STALE' })
  expect(after.revision).toBe(2)
  expect(weights).toContain(after.entries[0]!.weight)
  // Two who add at once are not in each other's way, and the same LoRA is there once.
  const [one, two] = [aLora('Dome'), aLora('Spire')]
  await Promise.all([one, two, one].map((lora) => as().addEntries({ id, entries: [{ lora }] })))
  expect((await as().getCollection({ id })).entries.map(({ title }) => title).toSorted()).toEqual([
    'Arch',
    'Dome',
    'Spire',
  ])
})

test('entries are put in another order, changed and taken away as a whole', async () => {
  const loras = ['First', 'Second', 'Third'].map((name) => ({ lora: aLora(name) }))
  const made = await as().createCollection({ spaceId, name: 'Ordered', entries: loras })
  const [first, second, third] = made.entries as [Entry, Entry, Entry]
  // Nobody needs to be asked for what is only moved.
  using _away = house.standIns.fault({ kind: 'offline' })

  const changed = await as().updateCollection({
    id: made.id,
    revision: 1,
    prompt: 'again,',
    entries: [
      { id: third.id, name: 'The last' },
      { id: first.id, trigger: 'one' },
    ],
  })
  const cleared = await as().updateCollection({
    id: made.id,
    revision: 2,
    prompt: '',
    entries: [{ id: third.id, name: '' }, { id: first.id }],
  })

  expect(changed.entries.map(({ title, name, trigger }) => [title, name, trigger])).toEqual([
    ['Third', 'The last', null],
    ['First', null, 'one'],
  ])
  expect(cleared).toMatchObject({ prompt: null, entries: [{ name: null }, { trigger: 'one' }] })
  await expect(
    as().updateCollection({ id: made.id, revision: 3, entries: [{ id: second.id }] }),
  ).rejects.toMatchObject({ extra: { faults: [{ path: 'entries.0.id' }] } })
})

test.each([
  [
    'a checkpoint',
    () => ({ lora: { source: 'civitai' as const, modelId: String(world().special.manyFiles.id) } }),
    'NOT_A_LORA',
  ],
  [
    'a model that is not there',
    () => ({ lora: { source: 'civitai' as const, versionId: '999999999' } }),
    'LORA_NOT_FOUND',
  ],
  [
    'a file that is not there',
    () => ({ lora: { source: 'library' as const, libraryFileId: newId() } }),
    'LORA_NOT_FOUND',
  ],
  [
    'a file of no bundle',
    () => ({ lora: { source: 'bundle' as const, bundleId: 'nobody', path: 'loras/a' } }),
    'LORA_NOT_FOUND',
  ],
  [
    'a path out of its repository',
    () => ({ lora: { source: 'huggingface' as const, repo: 'a/b', path: '../c' } }),
    undefined,
  ],
  ['an address of nobody', () => ({ reference: 'https://example.com/a.safetensors' }), 'REFERENCE_INVALID'],
  ['nothing', () => ({}), undefined],
])('%s is refused', async (_what, entry, reason) => {
  const asked = as().createCollection({ spaceId, name: `With ${newId()}`, entries: [entry()] })

  const error = await asked.then(
    () => expect.unreachable('It was taken'),
    (cause: { code: string; reason?: string }) => cause,
  )
  expect(['invalid', 'not_found']).toContain(error.code)
  if (reason) expect(error.reason).toBe(reason)
})

test('names are there once in a space, lists are paged, and words that are too many are refused', async () => {
  const other = newId()
  const { ann: eve } = people(other)
  for (const name of ['One', 'Two', 'Three']) await as(eve).createCollection({ spaceId: other, name })
  await as(eve).createCollection({ spaceId: other, name: 'Zero', position: -1 })

  await expect(as(eve).createCollection({ spaceId: other, name: 'oNE' })).rejects.toMatchObject({
    reason: 'COLLECTION_EXISTS',
  })
  const first = await as(eve).listCollections({ spaceId: other, limit: 2 })
  const rest = await as(eve).listCollections({ spaceId: other, limit: 2, cursor: first.nextCursor! })
  expect([...first.items, ...rest.items].map(({ name }) => name)).toEqual(['Zero', 'One', 'Two', 'Three'])
  expect(rest.nextCursor).toBeNull()
  expect((await as(eve).listCollections({ spaceId: other, q: 'T%' })).items).toEqual([])
  await expect(as(eve).listCollections({ cursor: 'nonsense' })).rejects.toMatchObject({ code: 'invalid' })
  const entries = Array.from({ length: 70 }, (_, index) => ({
    lora: { source: 'huggingface' as const, repo: 'makers/never-asked', path: `${index}.safetensors` },
    notes: 'n'.repeat(4_000),
  }))
  using _away = house.standIns.fault({ kind: 'offline' })
  await expect(as(eve).createCollection({ spaceId: other, name: 'Long', entries })).rejects.toMatchObject({
    reason: 'COLLECTION_TOO_LARGE',
  })
})

test('with the sources away a LoRA that is named whole is taken, and told as not known', async () => {
  using _away = house.standIns.fault({ kind: 'offline' })

  const made = await as().createCollection({
    spaceId,
    name: 'Offline',
    entries: [{ lora: { source: 'civitai', versionId: '7654321' } }],
  })

  expect(made.entries).toMatchObject([{ state: 'unknown', lora: { versionId: '7654321' } }])
  await expect(
    as().addEntries({ id: made.id, entries: [{ lora: { source: 'civitai', modelId: '7654' } }] }),
  ).rejects.toMatchObject({ reason: 'SOURCE_UNAVAILABLE' })
})

test('an import done twice changes nothing more, and an export brings the same again', async () => {
  const text = `
loras:
  castle: {name: Castle, hf_repo: easel-tests/castle, lora_weights: castle.safetensors, trigger: cstl, weight: 0.7}
  plain: {civitai_version: ${world().special.plain.modelVersions[0]!.id}, default_prompt: plain}
  lost: {name: Nowhere}
lora_collections:
  Imported: {description: From elsewhere, tags: [old], loras: [castle, plain, lost]}`
  const { ann: eve } = people(spaceId)
  const space = { spaceId: eve.personalSpaceId }
  const own = { ...eve, spaces: { ...eve.spaces, [eve.personalSpaceId]: 'owner' as const } }

  const foreseen = await as(own).importCollections({ ...space, text, dryRun: true })
  const first = await as(own).importCollections({ ...space, text })
  const again = await as(own).importCollections({ ...space, text })
  const exported = await as(own).exportCollections(space)
  const brought = await as(own).importCollections({ ...space, text: JSON.stringify(exported) })
  const view = await as(own).getCollection({ id: first.collections[0]!.id! })

  expect(foreseen.collections).toMatchObject([
    { name: 'Imported', outcome: 'created', id: null, entryCount: 2 },
  ])
  expect(first.collections).toMatchObject([{ outcome: 'created', entryCount: 2 }])
  expect(first.remarks).toMatchObject([{ path: 'loras.lost' }])
  expect([...again.collections, ...brought.collections]).toMatchObject([
    { outcome: 'unchanged', id: view.id },
    { outcome: 'unchanged', id: view.id },
  ])
  expect(exported.lora_collections).toMatchObject({
    Imported: { description: 'From elsewhere', tags: ['old'] },
  })
  expect(view).toMatchObject({
    revision: 1,
    entries: [{ trigger: 'cstl', weight: 0.7 }, { prompt: 'plain' }],
  })
  const changed = await as(own).importCollections({
    ...space,
    text: text.replace('weight: 0.7', 'weight: 0.5'),
  })
  expect(changed.collections).toMatchObject([{ outcome: 'updated' }])
  const after = await as(own).getCollection({ id: view.id })
  expect(after.entries.map(({ id }) => id)).toEqual(view.entries.map(({ id }) => id))
  await expect(as(own).importCollections({ ...space, text: 'loras: [' })).rejects.toMatchObject({
    reason: 'IMPORT_INVALID',
  })
})

test('what happens to a collection is told, and all of it is there after a restart', async () => {
  const told: CollectionChanged[] = []
  const made = await as().createCollection({ spaceId, name: 'Lasting', entries: [{ lora: aLora('Wall') }] })
  await using _facts = await consumeFact(house.house.bus, {
    consumer: 'test',
    fact: collectionChanged,
    handle: async ({ payload }) => void (payload.collection.id === made.id && told.push(payload)),
  })
  const removed = await as().removeEntry({ id: made.id, entryId: made.entries[0]!.id })

  await catalog[Symbol.asyncDispose]()
  catalog = await house.start()

  const again: CollectionView = await as().getCollection({ id: made.id })
  await as().deleteCollection({ id: made.id })
  expect(again).toEqual(removed)
  await expect(as().getCollection({ id: made.id })).rejects.toMatchObject({ reason: 'COLLECTION_NOT_FOUND' })
  await waitFor(() => told.some(({ event }) => event === 'collection.deleted'), { timeoutMs: 20_000 })
  expect([...new Set(told.map(({ event }) => event))]).toEqual([
    'collection.created',
    'collection.updated',
    'collection.deleted',
  ])
})

test('base images are taken when the gallery knows them, and not without it', async () => {
  const { id } = world().special.plain.modelVersions[0]!
  const known = { source: 'civitai' as const, versionId: String(id) }
  await expect(
    as().createCollection({
      spaceId,
      name: 'Pictured',
      entries: [{ lora: known, baseImages: [newId()] }],
    }),
  ).rejects.toMatchObject({ reason: 'GALLERY_UNAVAILABLE' })
})

type Entry = CollectionView['entries'][number]
