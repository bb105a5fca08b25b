import { afterAll, beforeAll, expect, test } from 'vitest'
import { openModels } from './support/open-models.ts'
import type { ModelsHouse } from './support/open-models.ts'

let house: ModelsHouse
beforeAll(async () => {
  house = await openModels()
  await house.start()
})
afterAll(() => house[Symbol.asyncDispose]())

const special = () => house.standIns.civitai.world.special
const get = (id: number, more: object = {}) =>
  house.models.getModel({ source: 'civitai', id: String(id), maxNsfw: 'xxx', ...more })

test('a model is shown with versions, files, scans, pictures and words in their order', async () => {
  const { plain, manyFiles, manyVersions } = special()

  const model = await get(plain.id)
  const parts = await get(manyFiles.id)
  const grown = await get(manyVersions.id)

  const [version] = model.versions
  expect(model).toMatchObject({ name: 'Plain Detail Style', type: 'lora', family: 'sdxl', stale: false })
  expect(version!.triggerWords).toEqual(['plain detail', 'pdstyle'])
  expect(version!.files[0]).toMatchObject({
    primary: true,
    unsafe: false,
    folder: 'loras',
    format: 'safetensors',
    pickleScan: 'success',
    virusScan: 'success',
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    autoV2: expect.stringMatching(/^[0-9a-f]{10}$/),
  })
  expect(version!.images[0]).toMatchObject({ url: expect.stringMatching(/^https?:/), kind: 'image' })
  expect(parts.versions[0]!.files.filter(({ primary }) => primary)).toHaveLength(1)
  expect(parts.versions[0]!.files.map(({ folder }) => folder)).toContain('vae')
  expect(grown.versions.map(({ id }) => id)).toEqual(manyVersions.modelVersions.map(({ id }) => String(id)))
})

test('licences are told in plain words', async () => {
  const fun = await get(special().notCommercial.id)
  const old = await get(special().oldLicence.id)
  const repo = await house.models.getModel({ source: 'huggingface', id: 'standin-labs/lantern-xl' })

  expect(fun.licence).toMatchObject({ commercialUse: false })
  expect(fun.licence.terms).toContain('You may not sell images you make with it')
  expect(old.licence).toMatchObject({ commercialUse: true })
  expect(old.licence.terms).toContain('You may offer it in a paid service')
  expect(repo.licence).toMatchObject({ name: 'OpenRAIL++-M', commercialUse: true })
})

test('what stands before the files is told with its page', async () => {
  const early = await get(special().earlyAccess.id)
  const gated = house.standIns.huggingface.world.repos.find(({ gated: kind }) => kind === 'manual')!
  const repo = await house.models.getModel({ source: 'huggingface', id: gated.id, maxNsfw: 'xxx' })

  expect(early.versions[0]).toMatchObject({ gate: 'early-access', earlyAccessUntil: expect.any(String) })
  expect(repo).toMatchObject({ gate: 'approval', approvalUrl: expect.stringContaining(gated.id) })
})

test('what is fresh is not asked for, but may be; what does not answer is shown as it was', async () => {
  const { id } = special().manyVersions
  await get(id)
  house.standIns.clearRequests()

  await get(id)
  const quiet = house.standIns.requests.length
  await get(id, { refresh: true })
  const asked = house.standIns.requests.length
  using _down = house.standIns.fault({ kind: 'offline', server: 'civitai' })
  const old = await get(id, { refresh: true })

  expect(quiet).toBe(0)
  expect(asked).toBeGreaterThan(0)
  expect(old).toMatchObject({ name: 'Growing Orchard Mix', stale: true, syncedAt: expect.any(String) })
})

test('what nobody has is not found, and a source that is away says so', async () => {
  await expect(get(999_999_999)).rejects.toMatchObject({ code: 'not_found', reason: 'MODEL_NOT_FOUND' })
  await expect(house.models.getModel({ source: 'local', id: 'nothing' })).rejects.toMatchObject({
    reason: 'MODEL_NOT_FOUND',
  })
  await expect(house.models.getModel({ source: 'civitai', id: 'a\0b' })).rejects.toMatchObject({
    reason: 'MODEL_NOT_FOUND',
  })
  using _down = house.standIns.fault({ kind: 'offline', server: 'civitai' })
  await expect(get(888_888_888)).rejects.toMatchObject({ code: 'unavailable' })
})

test('pictures above the level are counted and not shown', async () => {
  const { id } = house.standIns.civitai.world.add({
    name: 'Two Faces Style',
    type: 'LORA',
    baseModel: 'Pony',
    nsfwLevel: 1,
  })
  const raw = house.standIns.civitai.world.models.find((model) => model.id === id)!
  raw.modelVersions[0]!.images[0]!.nsfwLevel = 16

  const model = await house.models.getModel({ source: 'civitai', id: String(id) })
  const open = await get(id)

  expect(model.versions[0]!.hiddenImages).toBe(1)
  expect(model.versions[0]!.images).toHaveLength(open.versions[0]!.images.length - 1)
  await expect(
    house.models.getModel({ source: 'civitai', id: String(special().explicit.id) }),
  ).rejects.toMatchObject({ reason: 'MODEL_NOT_FOUND' })
})

test('a known hash of each kind gives the version, an unknown one is not asked for twice', async () => {
  const { plain } = special()
  const [file] = plain.modelVersions[0]!.files
  const { SHA256, AutoV2, AutoV3 } = file!.hashes as Record<string, string>

  for (const hash of [SHA256, AutoV2, AutoV3]) {
    await expect(house.models.findByHash({ hash: hash! })).resolves.toMatchObject({
      model: { name: 'Plain Detail Style' },
      version: { id: String(plain.modelVersions[0]!.id) },
      fileId: String(file!.id),
    })
  }
  house.standIns.clearRequests()
  await house.models.findByHash({ hash: SHA256! })
  expect(house.standIns.requests).toEqual([])
  await expect(house.models.findByHash({ hash: '0'.repeat(64) })).rejects.toMatchObject({
    reason: 'MODEL_NOT_FOUND',
  })
  using _down = house.standIns.fault({ kind: 'offline', server: 'civitai' })
  await expect(house.models.findByHash({ hash: '1'.repeat(64) })).rejects.toMatchObject({
    code: 'unavailable',
  })
})

test('hostile texts are shown inert, and lose no other model', async () => {
  const { world } = house.standIns.civitai
  const hostile = world.add({ name: 'Hostile One', type: 'LORA', baseModel: 'Pony' })
  world.add({ name: 'Hostile Neighbour', type: 'LORA', baseModel: 'Pony' })
  Object.assign(hostile, {
    name: `Hostile \0 ${'x'.repeat(1_000_000)}`,
    description:
      '<p onclick="x()">Soft <b>light</b></p><script>alert(1)</script><img src=x onerror=alert(1)><a href="javascript:alert(1)">here</a>',
    tags: ['__proto__', 'constructor', '\ud800', 'a\0b', ''],
  })
  Object.assign(hostile.modelVersions[0]!, { trainedWords: ['__proto__', '\0', 'ok'] })

  const { items } = await house.models.search({ q: 'hostile', maxNsfw: 'xxx' })
  const model = await get(hostile.id)

  expect(items.map(({ name }) => name)).toContain('Hostile Neighbour')
  expect(items.map(({ id }) => id)).toContain(String(hostile.id))
  expect(model.name.length).toBeLessThanOrEqual(300)
  expect(JSON.stringify(model)).not.toMatch(/<script|<img|onclick=|onerror=\w|javascript:|\\u0000/)
  expect(model.description).toContain('**light**')
  expect(model.tags).toContain('__proto__')
  expect(model.versions[0]!.triggerWords).toEqual(['__proto__', 'ok'])
  await expect(
    house.models.search({ tag: ['__proto__'], offline: true, maxNsfw: 'xxx' }),
  ).resolves.toMatchObject({
    items: [{ id: String(hostile.id) }],
  })
})
