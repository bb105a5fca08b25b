import { startStandIns } from '@easel/stand-ins'
import { tempDirectory, waitFor } from '@easel/testing'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Api } from '../support/api.ts'
import { easelAt } from '../support/easel.ts'
import { colourGraph } from '../support/graphs.ts'
import { addPerson, must } from '../support/people.ts'
import { startServices } from '../support/services.ts'
import { bootstrapKey } from '../support/standalone.ts'
import type { StandIns } from '@easel/stand-ins'
import type { Json } from '../support/api.ts'
import type { Person } from '../support/people.ts'
import type { Services } from '../support/services.ts'

let standIns: StandIns
let services: Services
let ann: Person
let bob: Person
let easel: ReturnType<typeof easelAt>
let home: string
const owned = new AsyncDisposableStack()

beforeAll(async () => {
  standIns = owned.use(await startStandIns())
  services = owned.use(
    await startServices({
      stepMs: 20,
      env: {
        EASEL_CIVITAI_URL: standIns.civitai.url,
        EASEL_HF_URL: standIns.huggingface.url,
        EASEL_ALLOW_PRIVATE_DOWNLOADS: 'true',
      },
    }),
  )
  const admin = new Api(services.url, bootstrapKey)
  ann = await addPerson(admin, 'ann')
  bob = await addPerson(admin, 'bob')
  home = owned.use(await tempDirectory()).path
  easel = easelAt(services.url, { key: ann.api.key, home })
}, 120_000)
afterAll(() => owned[Symbol.asyncDispose]())

const itemsOf = (page: Json) => page.items as Json[]

test('a LoRA of CivitAI that was downloaded is listed, and filtered by the type of model', async () => {
  const lora = standIns.civitai.world.add({
    name: 'Lighthouse of glass',
    type: 'LORA',
    baseModel: 'Pony',
    trainedWords: ['lghthouse'],
  })
  expect((await easel.run(['dl', `civitai:${lora.id}`])).code).toBe(0)

  const [listed] = await waitFor(async () => {
    const items = itemsOf(await easel.json('loras', '--origin', 'downloaded'))
    return items.length > 0 && items[0]?.modelId && items
  })
  const fits = async (family: string) =>
    itemsOf(await easel.json('loras', '--installed', '--for', family)).map(({ title }) => title)

  expect(listed).toMatchObject({
    title: 'Lighthouse of glass',
    origin: 'downloaded',
    state: 'installed',
    family: 'pony',
    triggerWords: ['lghthouse'],
  })
  expect(await fits('sdxl')).toEqual(['Lighthouse of glass'])
  expect(await fits('flux1-dev')).toEqual([])
})

test('a collection is filled, fetched by one call and handed on as text, by the command line alone', async () => {
  const bridge = standIns.civitai.world.add({ name: 'Bridge of rope', type: 'LORA', baseModel: 'SDXL 1.0' })
  standIns.huggingface.world.add({ id: 'easel-tests/quay', files: { 'quay_lora.safetensors': 9_000 } })

  const made = await easel.json(
    ...`collections add Harbour civitai:${bridge.id} hf:easel-tests/quay --create --weight 0.8`.split(' '),
  )
  const fetched = await easel.run(['collections', 'fetch', 'harbour'])
  const shown = await waitFor(async () => {
    const collection = await easel.json('collections', 'show', 'Harbour')
    return (collection.entries as Json[]).every(({ state }) => state === 'installed') && collection
  })
  const again = await easel.run(['collections', 'fetch', 'Harbour'])
  await writeFile(
    join(home, 'harbour.json'),
    JSON.stringify(await easel.json('collections', 'export', 'Harbour')),
  )
  const imported = await easel.json('collections', 'import', join(home, 'harbour.json'))

  expect((made.entries as Json[]).map(({ state }) => state)).toEqual(['available', 'available'])
  expect(fetched.code).toBe(0)
  expect(shown.entries).toMatchObject([
    { title: 'Bridge of rope', weight: 0.8 },
    { fileName: 'quay_lora.safetensors' },
  ])
  expect(again).toMatchObject({ code: 0, stderr: expect.stringContaining('All of it is here') })
  expect(imported.collections).toMatchObject([{ outcome: 'unchanged', id: made.id }])
})

test('what is on its way is shown so, and asked for once more it is joined', async () => {
  const lora = standIns.civitai.world.add({ name: 'Ferry of reeds', type: 'LORA', baseModel: 'SDXL 1.0' })
  const entries = [{ lora: { source: 'civitai', modelId: String(lora.id) } }]
  const made = await must(ann.api.send('POST', '/api/collections', { name: 'Ferries', entries }), 201)
  const path = `/api/collections/${String(made.id)}`
  const stateOf = async () => ((await must(ann.api.get(path), 200)).entries as Json[])[0]?.state
  using _slow = standIns.fault({ kind: 'drip', server: 'delivery', bytesPerSecond: 1_500 })

  const [first, second] = [
    await must(ann.api.send('POST', `${path}/fetch`), 202),
    await must(ann.api.send('POST', `${path}/fetch`), 202),
  ]
  await waitFor(async () => (await stateOf()) === 'downloading')
  await waitFor(async () => (await stateOf()) === 'installed', { timeoutMs: 60_000 })

  const transferOf = ({ download }: Json) => ((download as Json).files as Json[])[0]?.transferId
  expect(transferOf(first)).toEqual(expect.any(String))
  expect(transferOf(second)).toBe(transferOf(first))
})

test('base images are pictures of the space; one that is deleted is marked, and those of others are refused', async () => {
  const pictureOf = async (person: Person) => {
    const job = await person.api.finished(await person.api.submit(colourGraph()))
    const [{ assetId }] = job.outputs as [{ assetId: string }]
    await waitFor(async () => (await person.api.get(`/api/assets/${assetId}`)).status === 200)
    return assetId
  }
  const [own, other] = [await pictureOf(ann), await pictureOf(bob)]
  const lora = { source: 'civitai', modelId: String(standIns.civitai.world.special.plain.id) }
  const body = (image: string) => ({ name: `With ${image}`, entries: [{ lora, baseImages: [image] }] })

  const foreign = await ann.api.send('POST', '/api/collections', body(other))
  const made = await must(ann.api.send('POST', '/api/collections', body(own)), 201)
  const path = `/api/collections/${String(made.id)}`
  await must(ann.api.send('DELETE', `/api/assets/${own}`), 204)
  const after = await must(ann.api.get(path), 200)

  expect(foreign).toMatchObject({ status: 404, body: { code: 'ASSET_NOT_FOUND' } })
  expect(made.entries).toMatchObject([{ baseImages: [{ assetId: own, state: 'present' }] }])
  expect(after.entries).toMatchObject([{ baseImages: [{ assetId: own, state: 'gone', thumbnailUrl: null }] }])
  expect((await bob.api.get(path)).status).toBe(404)
  // What is gone is no hindrance to a change.
  const change = { entries: [{ id: (made.entries as Json[])[0]!.id, weight: 0.5 }] }
  await must(ann.api.send('PATCH', path, change, { 'if-match': '"1"' }), 200)
})
