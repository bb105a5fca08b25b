import { consumeFact } from '@easel/bus'
import { modelChanged } from '@easel/contracts'
import type { ModelChanged } from '@easel/contracts'
import { waitFor } from '@easel/testing'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { put, safetensors } from './support/model-files.ts'
import { openModels } from './support/open-models.ts'
import type { ModelsHouse } from './support/open-models.ts'
import { anActor } from './support/start-catalog.ts'

let house: ModelsHouse
beforeAll(async () => {
  house = await openModels()
  await house.start()
})
afterAll(() => house[Symbol.asyncDispose]())

const world = () => house.standIns.civitai.world

/** Puts the bytes of a version of CivitAI into the models folder, and waits until it is known what they are. */
async function install(version: { files: { id: number }[] }, path: string) {
  await put(house.house.directory, path, world().bytes.get(version.files[0]!.id)!)
  await house.house.client.scan({})
  return waitFor(
    async () => {
      const { items } = await house.house.client.listFiles({ limit: 200 })
      return items.find((file) => file.path === path && file.modelId)
    },
    { timeoutMs: 30_000 },
  )
}

test('favourites are those of one user, over all sources, and are shown while nobody answers', async () => {
  const [ada, bob] = [house.as(anActor()), house.as(anActor())]
  const { plain } = world().special
  await put(house.house.directory, 'loras/own.safetensors', safetensors({ 'modelspec.title': 'My Own' }))
  await house.house.client.scan({})
  const own = await waitFor(async () =>
    (await ada.search({ q: 'my own', offline: true })).items.find(({ name }) => name === 'My Own'),
  )
  await ada.setFavorite({ source: 'civitai', id: String(plain.id), favorite: true })
  await ada.setFavorite({ source: 'huggingface', id: 'standin-labs/lantern-xl', favorite: true })
  await ada.setFavorite({ source: 'local', id: own.id, favorite: true })
  using _down = house.standIns.fault({ kind: 'offline' })

  const { items } = await ada.listFavorites({})
  const first = await ada.listFavorites({ limit: 2 })
  const rest = await ada.listFavorites({ limit: 2, cursor: first.nextCursor! })
  const found = await ada.search({ favorite: true })

  expect(new Set(items.map(({ source }) => source))).toEqual(new Set(['civitai', 'huggingface', 'local']))
  expect(items.every(({ favorite }) => favorite)).toBe(true)
  expect([...first.items, ...rest.items].map(({ id }) => id)).toEqual(items.map(({ id }) => id))
  expect(found.items).toHaveLength(3)
  await expect(bob.listFavorites({})).resolves.toMatchObject({ items: [] })
  await expect(bob.search({ favorite: true })).resolves.toMatchObject({ items: [] })
  await bob.setFavorite({ source: 'civitai', id: String(plain.id), favorite: false })
  await expect(ada.listFavorites({})).resolves.toMatchObject({ items: { length: 3 } })
  await ada.setFavorite({ source: 'local', id: own.id, favorite: false })
  await expect(ada.listFavorites({})).resolves.toMatchObject({ items: { length: 2 } })
})

test('only what there is can be a favourite', async () => {
  await expect(
    house.models.setFavorite({ source: 'civitai', id: '999999999', favorite: true }),
  ).rejects.toMatchObject({ reason: 'MODEL_NOT_FOUND' })
  await expect(
    house.models.setFavorite({ source: 'local', id: 'no-file', favorite: true }),
  ).rejects.toMatchObject({ reason: 'MODEL_NOT_FOUND' })
})

test('a library file is marked where its model is shown, and is not shown beside it', async () => {
  const { manyFiles } = world().special
  await house.models.search({ q: 'many parts', maxNsfw: 'xxx' })

  const file = await install(manyFiles.modelVersions[0]!, 'checkpoints/many-parts.safetensors')
  const [card] = await waitFor(async () => {
    const { items } = await house.models.search({ q: 'many parts', offline: true, maxNsfw: 'xxx' })
    return items.length === 1 ? items : undefined
  })
  const local = await waitFor(async () => {
    const page = await house.models.search({ sources: ['local'], limit: 100, maxNsfw: 'xxx' })
    return page.items.some(({ id }) => id === file.id) ? page : undefined
  })
  const installed = await house.models.search({ installed: true, maxNsfw: 'xxx', limit: 100 })

  expect(card).toMatchObject({
    source: 'civitai',
    id: String(manyFiles.id),
    installed: { state: 'installed', fileIds: [file.id] },
  })
  expect(file).toMatchObject({ modelSource: 'civitai', modelId: String(manyFiles.id) })
  expect(local.items.map(({ id }) => id)).toContain(file.id)
  expect(installed.items.map(({ id }) => id)).toContain(String(manyFiles.id))
  const view = await house.models.getModel({ source: 'civitai', id: String(manyFiles.id), maxNsfw: 'xxx' })
  expect(view.versions[0]!.files[0]).toMatchObject({ libraryFileId: file.id })
  await expect(
    house.models.getModel({ source: 'local', id: file.id, maxNsfw: 'xxx' }),
  ).resolves.toMatchObject({ source: 'local', installed: { state: 'installed' } })
})

test('a library file is shown with the picture beside it, if there is one', async () => {
  const picture = sharp({ create: { width: 60, height: 40, channels: 3, background: 'red' } })
  await put(house.house.directory, 'loras/seen.safetensors', safetensors({ 'modelspec.title': 'Own Seen' }))
  await put(house.house.directory, 'loras/seen.preview.png', await picture.png().toBuffer())
  await put(house.house.directory, 'loras/bare.safetensors', safetensors({ 'modelspec.title': 'Own Bare' }))
  await house.house.client.scan({})

  const cards = await waitFor(async () => {
    const { items } = await house.models.search({ sources: ['local'], limit: 100 })
    const named = ['Own Seen', 'Own Bare'].map((name) => items.find((card) => card.name === name))
    return named.every((card) => card !== undefined) ? named : undefined
  })

  const [seen, bare] = cards
  expect(seen!.image).toMatchObject({
    kind: 'image',
    url: `/api/library/files/${seen!.id}/preview`,
    nsfw: seen!.nsfw,
  })
  expect(bare!.image).toBeNull()
})

test('a file that nobody here knows is looked up at the source', async () => {
  const model = world().add({ name: 'Found By Bytes', type: 'LORA', baseModel: 'SDXL 1.0' })

  const file = await install(model.modelVersions[0]!, 'loras/whatever.safetensors')

  expect(file).toMatchObject({ modelSource: 'civitai', modelId: String(model.id) })
})

test('a newer version of what is here is told once, and each user may let it be', async () => {
  const [ada, bob] = [house.as(anActor()), house.as(anActor())]
  const told: ModelChanged[] = []
  await using _told = await consumeFact(house.house.bus, {
    consumer: 'test-updates',
    fact: modelChanged,
    handle: async ({ payload }) => void told.push(payload),
  })
  const model = world().add({ name: 'Ageing Style', type: 'LORA', baseModel: 'SDXL 1.0', versions: 2 })
  const [newer, older] = model.modelVersions
  model.modelVersions = [older!]
  await install(older!, 'loras/ageing.safetensors')
  await ada.getModel({ source: 'civitai', id: String(model.id), refresh: true, maxNsfw: 'xxx' })
  await expect(ada.listUpdates({ maxNsfw: 'xxx' })).resolves.toMatchObject({ items: [] })

  model.modelVersions = [newer!, older!]
  await ada.startSync({})
  const [update] = await waitFor(
    async () => {
      const { items } = await ada.listUpdates({ maxNsfw: 'xxx' })
      return items.length > 0 ? items : undefined
    },
    { timeoutMs: 30_000 },
  )

  expect(update).toMatchObject({
    model: { id: String(model.id), updateAvailable: true },
    installedVersionId: String(older!.id),
    newest: { id: String(newer!.id) },
  })
  await waitFor(async () => told.length > 0)
  expect(told).toMatchObject([
    { event: 'model.update-available', update: { modelId: String(model.id), versionId: String(newer!.id) } },
  ])
  await ada.dismissUpdate({ source: 'civitai', modelId: String(model.id), versionId: String(newer!.id) })
  await expect(ada.listUpdates({ maxNsfw: 'xxx' })).resolves.toMatchObject({ items: [] })
  await expect(bob.listUpdates({ maxNsfw: 'xxx' })).resolves.toMatchObject({ items: { length: 1 } })
  await install(newer!, 'loras/ageing-2.safetensors')
  await waitFor(async () => (await bob.listUpdates({ maxNsfw: 'xxx' })).items.length === 0)
})

test('a sync makes the words of descriptions known, and goes on where a failing source stopped it', async () => {
  await waitFor(async () =>
    (await house.models.getSync({})).sources.every(({ state }) => state !== 'running'),
  )
  const model = world().add({ name: 'Silent Newcomer', type: 'LORA', baseModel: 'Pony' })
  Object.assign(model, { description: '<p>It draws zeppelinharbours.</p>' })
  const down = house.standIns.fault({ kind: 'offline', server: 'civitai' })

  await house.models.startSync({})
  const failed = await waitFor(
    async () => (await house.models.getSync({})).sources.find(({ state }) => state === 'waiting'),
    { timeoutMs: 30_000 },
  )
  down[Symbol.dispose]()
  await waitFor(async () => {
    await house.models.startSync({})
    const { items } = await house.models.search({ q: 'zeppelinharbours', offline: true, maxNsfw: 'xxx' })
    return items.length === 1
  })

  expect(failed).toMatchObject({ source: 'civitai', problem: expect.any(String) })
})

test('viewers may look but start nothing, and strangers may not even look', async () => {
  const viewer = house.as(anActor({ role: 'viewer' }))

  await expect(viewer.startSync({})).rejects.toMatchObject({ code: 'forbidden' })
  await expect(viewer.getSync({})).resolves.toMatchObject({ everyMs: 0 })
  const nobody = house.as(undefined as never)
  await expect(nobody.search({})).rejects.toMatchObject({ code: 'unauthenticated' })
  await expect(nobody.listFavorites({})).rejects.toMatchObject({ code: 'unauthenticated' })
  await expect(nobody.listUpdates({})).rejects.toMatchObject({ code: 'unauthenticated' })
})
