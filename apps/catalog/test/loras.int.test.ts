import { createClient, publishFact } from '@easel/bus'
import { bundles, filePlaced, models } from '@easel/contracts'
import type { ListLoras } from '@easel/contracts'
import { newId } from '@easel/protocol'
import { waitFor } from '@easel/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { put, safetensors, sha256 } from './support/model-files.ts'
import { openCollections } from './support/open-collections.ts'
import type { CollectionsHouse } from './support/open-collections.ts'
import { anActor } from './support/start-catalog.ts'

let house: CollectionsHouse
const member = anActor()
const patient = { timeoutMs: 30_000 }

beforeAll(async () => {
  house = await openCollections()
  await house.start()
})
afterAll(() => house[Symbol.asyncDispose]())

const list = (input: ListLoras) => house.loras(member).listLoras(input)
const world = () => house.standIns.civitai.world

/** As the downloader does it: the bytes at their place, and then the word. */
async function place(path: string, bytes: Buffer): Promise<void> {
  await put(house.house.directory, path, bytes)
  const payload = { transferId: newId(), path, bytes: bytes.length, sha256: sha256(bytes) }
  await publishFact(house.house.bus, filePlaced, { id: newId(), payload })
}

test('a LoRA of CivitAI that was downloaded is listed, and filtered by the type of model that loads it', async () => {
  const lora = world().add({
    name: 'Lighthouse of glass',
    type: 'LORA',
    baseModel: 'Pony',
    trainedWords: ['lighthouse', 'glassy'],
  })
  const [version] = lora.modelVersions
  await house.as(member).getModel({ source: 'civitai', id: String(lora.id) })

  const [before] = (await list({ q: 'lighthouse' })).items
  await place('loras/lighthouse.safetensors', world().bytes.get(version!.files[0]!.id)!)
  const after = await waitFor(async () => {
    const { items } = await list({ q: 'lighthouse', installed: true })
    return items[0]?.modelId ? items : undefined
  }, patient)

  expect(before).toMatchObject({ origin: 'catalogue', state: 'available', family: 'pony' })
  expect(after).toMatchObject([
    {
      origin: 'downloaded',
      state: 'installed',
      fileName: 'lighthouse.safetensors',
      triggerWords: ['lighthouse', 'glassy'],
      family: 'pony',
      modelSource: 'civitai',
      modelId: String(lora.id),
    },
  ])
  const fits = async (family: string) => (await list({ for: family, q: 'lighthouse' })).items.length
  expect([await fits('pony'), await fits('sdxl'), await fits('illustrious')]).toEqual([1, 1, 1])
  expect([await fits('flux1-dev'), await fits('sd15')]).toEqual([0, 0])
  expect((await list({ q: 'lighthouse', origin: ['local', 'preset', 'catalogue'] })).items).toEqual([])
  expect((await list({ q: 'lighthouse', origin: ['downloaded'] })).items).toHaveLength(1)
})

test('what somebody put into the folder is local, and a checkpoint says what it loads', async () => {
  const { directory, client } = house.house
  await put(
    directory,
    'loras/own/hand_made.safetensors',
    safetensors({ ss_base_model_version: 'sdxl_base_v1-0', 'modelspec.title': 'Hand made' }, 'by hand'),
  )
  await put(directory, 'checkpoints/noob_xl.safetensors', safetensors({}, 'a checkpoint'))
  await put(directory, 'checkpoints/mystery.safetensors', safetensors({}, 'another one'))
  await client.scan({})
  await waitFor(
    async () =>
      (await client.listFiles({ folder: 'checkpoints' })).items.filter(({ sha256: hash }) => hash).length ===
      2,
    patient,
  )
  const [own] = await waitFor(async () => {
    const { items } = await list({ q: 'hand made' })
    return items[0]?.family ? items : undefined
  }, patient)

  expect(own).toMatchObject({ origin: 'local', fileName: 'own/hand_made.safetensors', family: 'sdxl' })
  const forCheckpoint = await list({ for: 'checkpoints/noob_xl.safetensors', q: 'hand' })
  const byName = await list({ for: 'noob_xl.safetensors', q: 'hand' })
  const forMystery = await list({ for: 'mystery.safetensors', q: 'hand' })
  expect(forCheckpoint).toMatchObject({
    for: { family: 'noobai', loraFamilies: expect.arrayContaining(['sdxl']) },
  })
  expect([forCheckpoint.items.length, byName.items.length]).toEqual([1, 1])
  expect(forMystery).toMatchObject({
    for: { name: 'mystery', family: null },
    items: [{ title: 'Hand made' }],
  })
  await expect(list({ for: 'nothing of the kind' })).rejects.toMatchObject({ reason: 'FAMILY_UNKNOWN' })
})

test('LoRAs of bundles are presets, here or not, and are listed once', async () => {
  const bytes = safetensors({}, 'of a bundle')
  const admin = { actor: anActor({ role: 'admin' }) }
  await createClient(house.house.bus, bundles).putBundle(
    {
      id: 'turbo',
      name: 'Turbo',
      family: 'wan22-i2v',
      files: ['turbo_high', 'turbo_low'].map((name) => ({
        folder: 'loras' as const,
        filename: `${name}.safetensors`,
        urls: [`https://models.example/${name}.safetensors`],
        ...(name === 'turbo_low' && { sha256: sha256(bytes), bytes: bytes.length }),
      })),
    },
    admin,
  )
  await place('loras/other_name.safetensors', bytes)

  const items = await waitFor(async () => {
    const page = await list({ q: 'turbo_', for: 'wan22-i2v' })
    return page.items.some(({ state }) => state === 'installed') ? page.items : undefined
  }, patient)
  const missing = await list({ q: 'turbo_', origin: ['preset'], installed: false })

  expect(items).toMatchObject([
    { title: 'turbo_high (Turbo)', origin: 'preset', state: 'available' },
    { title: 'turbo_low (Turbo)', origin: 'preset', state: 'installed', fileName: 'other_name.safetensors' },
  ])
  expect(missing.items).toMatchObject([{ title: 'turbo_high (Turbo)' }])
  expect((await list({ q: 'other_name' })).items).toEqual([])
})

test('pages go through all that there is, once, favourites before the rest of the catalogue', async () => {
  const marked = world().add({ name: 'Marked one', type: 'LORA', baseModel: 'SD 1.5' })
  await house.as(member).search({ type: ['lora', 'locon'], limit: 100, maxNsfw: 'xxx' })
  const favourites = createClient(house.house.bus, models)
  await favourites.setFavorite(
    { source: 'civitai', id: String(marked.id), favorite: true },
    { actor: member, timeoutMs: 30_000 },
  )

  const all = await list({ limit: 200, maxNsfw: 'xxx' })
  const paged = []
  let cursor: string | undefined
  do {
    const page = await list({ limit: 3, maxNsfw: 'xxx', ...(cursor && { cursor }) })
    paged.push(...page.items)
    cursor = page.nextCursor ?? undefined
  } while (cursor)

  const names = (items: typeof all.items) =>
    items.map(({ lora, title }) => `${title} ${JSON.stringify(lora)}`)
  expect(names(paged)).toEqual(names(all.items))
  expect(new Set(names(paged)).size).toBe(paged.length)
  const catalogue = all.items.filter(({ origin }) => origin === 'catalogue')
  expect(catalogue.length).toBeGreaterThan(5)
  expect(catalogue[0]).toMatchObject({ title: 'Marked one', favorite: true })
  expect(catalogue.slice(1).some(({ favorite }) => favorite)).toBe(false)
  const others = await house.loras(anActor()).listLoras({ q: 'marked one', maxNsfw: 'xxx' })
  expect(others.items).toMatchObject([{ favorite: false }])
})

test.each([
  ['of no list', 'nonsense'],
  ['of another shelf', Buffer.from('["attic"]').toString('base64url')],
  ['with words for numbers', Buffer.from('["catalogue","1 or 1","2"]').toString('base64url')],
  ['of what is not asked for', Buffer.from('["presets"]').toString('base64url')],
])('a cursor %s is refused', async (_what, cursor) => {
  await expect(list({ cursor, origin: ['catalogue', 'local'] })).rejects.toMatchObject({
    reason: 'CURSOR_INVALID',
  })
})

test('signs alone find nothing in the catalogue, and whoever is not signed in is told nothing', async () => {
  expect((await list({ q: '%', installed: false })).items).toEqual([])
  await expect(house.loras(member).listLoras({}, { actor: undefined as never })).rejects.toMatchObject({
    code: 'unauthenticated',
  })
})
