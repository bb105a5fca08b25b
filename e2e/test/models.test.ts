import { startStandIns } from '@easel/stand-ins'
import { tempDirectory, waitFor } from '@easel/testing'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Api } from '../support/api.ts'
import { easelAt } from '../support/easel.ts'
import { addPerson, must } from '../support/people.ts'
import { startServices } from '../support/services.ts'
import { bootstrapKey } from '../support/standalone.ts'
import type { StandIns } from '@easel/stand-ins'
import type { Json } from '../support/api.ts'
import type { Person } from '../support/people.ts'
import type { Services } from '../support/services.ts'

let standIns: StandIns
let services: Services
let admin: ReturnType<typeof easelAt>
let easel: ReturnType<typeof easelAt>
let ann: Person
const owned = new AsyncDisposableStack()

beforeAll(async () => {
  standIns = owned.use(await startStandIns())
  services = owned.use(
    await startServices({
      env: {
        EASEL_CIVITAI_URL: standIns.civitai.url,
        EASEL_HF_URL: standIns.huggingface.url,
        EASEL_ALLOW_PRIVATE_DOWNLOADS: 'true',
      },
    }),
  )
  ann = await addPerson(new Api(services.url, bootstrapKey), 'ann')
  const home = owned.use(await tempDirectory()).path
  admin = easelAt(services.url, { key: bootstrapKey, home })
  easel = easelAt(services.url, { key: ann.api.key, home })
}, 120_000)
afterAll(() => owned[Symbol.asyncDispose]())

const itemsOf = (page: Json) => page.items as Json[]

test('a model is searched, looked at, downloaded and listed, by the command line alone', async () => {
  const lora = standIns.civitai.world.add({
    name: 'Lighthouse of glass',
    type: 'LORA',
    baseModel: 'SDXL 1.0',
  })
  const found = await easel.json('search', 'lighthouse', 'glass', '--type', 'lora', '--base', 'sdxl')
  const [card] = itemsOf(found)
  expect(card).toMatchObject({ source: 'civitai', id: String(lora.id), installed: { state: 'none' } })
  expect(found.sources).toHaveLength(2)

  const name = `civitai:${lora.id}`
  const model = await easel.json('models', 'show', name)
  expect(model).toMatchObject({ name: 'Lighthouse of glass', family: 'sdxl' })
  await easel.run(['favorites', 'add', name])

  const download = await easel.run(['dl', name])
  expect(download).toMatchObject({ code: 0 })
  expect(download.stdout).toMatch(/^loras\/\S+\.safetensors\n$/)

  const [file] = await waitFor(async () => {
    const files = itemsOf(await easel.json('library', 'list', '--type', 'lora', '--linked'))
    return files.length > 0 && files
  })
  expect(file).toMatchObject({ state: 'ready', modelSource: 'civitai', modelId: String(lora.id) })
  const match = await easel.json('models', 'by-hash', String(file?.sha256))
  expect(match).toMatchObject({ model: { id: String(lora.id) } })
  const favorites = itemsOf(await easel.json('favorites'))
  expect(favorites).toMatchObject([{ id: String(lora.id), favorite: true }])
  expect(itemsOf(await admin.json('favorites'))).toEqual([])
  expect(await easel.json('library', 'stats')).toMatchObject({ files: 1, linked: 1 })
})

test('a file of Hugging Face comes by its path, and what is here is not fetched again', async () => {
  standIns.huggingface.world.add({ id: 'easel-tests/harbour', files: { 'unet/harbour.safetensors': 9_000 } })
  const wish = 'hf:easel-tests/harbour/unet/harbour.safetensors'

  const first = await easel.run(['dl', wish])
  const { length } = standIns.requests.filter(({ server }) => server === 'delivery')
  const again = await easel.run(['dl', wish])

  expect([first.code, again.code]).toEqual([0, 0])
  expect(standIns.requests.filter(({ server }) => server === 'delivery')).toHaveLength(length)
})

test('with the sources away, search and detail answer from what is known', async () => {
  const lora = standIns.civitai.world.add({ name: 'Windmill of paper', type: 'LORA', baseModel: 'SDXL 1.0' })
  await easel.json('search', 'windmill', 'paper')
  using _away = standIns.fault({ kind: 'status', status: 503, server: 'civitai' })

  const known = await easel.json('models', 'list', 'windmill')
  const detail = await easel.json('models', 'show', `civitai:${lora.id}`)

  expect(itemsOf(known)).toMatchObject([{ id: String(lora.id) }])
  expect(detail.name).toBe('Windmill of paper')
})

test('pictures above the level that a user chose stay away until asked for', async () => {
  await must(ann.api.send('PATCH', '/api/auth/me', { maxNsfw: 'x' }), 200)
  expect((await must(ann.api.get('/api/auth/me'), 200)).maxNsfw).toBe('x')
  const search = (more: string) => must(ann.api.get(`/api/search?sources=civitai&limit=100${more}`), 200)
  const levels = async (more = '') => new Set(itemsOf(await search(more)).map(({ nsfw }) => nsfw))

  expect([...(await levels('&maxNsfw=pg'))]).toEqual(['pg'])
  expect((await levels()).has('xxx')).toBe(false)
  await must(ann.api.send('PATCH', '/api/auth/me', { maxNsfw: 'pg' }), 200)
})

test('bundles tell what is missing, a file of one comes by its name, and a missing name is 1', async () => {
  const url = `${standIns.huggingface.url}/easel-tests/mill/resolve/main/mill.safetensors`
  standIns.huggingface.world.add({ id: 'easel-tests/mill', files: { 'mill.safetensors': 9_000 } })
  const bundle = {
    id: 'mill',
    name: 'Mill',
    files: [{ folder: 'vae', filename: 'mill_vae.safetensors', urls: [url] }],
  }
  const home = owned.use(await tempDirectory()).path
  await writeFile(join(home, 'mill.json'), JSON.stringify(bundle))

  expect((await easel.run(['bundles', 'save', join(home, 'mill.json')])).stderr).toContain('Only for admins')
  await admin.json('bundles', 'save', join(home, 'mill.json'))
  const missing = await easel.run(['bundles', 'status', 'mill'])
  const fetched = await easel.run(['dl', 'get', 'mill_vae', '--bundle', 'mill'])
  const nothing = await easel.run(['dl', 'get', 'nobody_is_called_so'])
  const present = await waitFor(async () => {
    const status = await easel.run(['bundles', 'status', 'mill'])
    return status.code === 0 && status
  })

  expect(missing).toMatchObject({ code: 1, stdout: expect.stringContaining('missing') })
  expect(fetched).toMatchObject({ code: 0, stdout: 'vae/mill_vae.safetensors\n' })
  expect(nothing.code).toBe(1)
  expect(present.stdout).toContain('present')
})

test('a gated model says where to ask; with a token that an admin keeps it comes', async () => {
  const gated = standIns.civitai.world.special.loginRequired
  const name = `civitai:${gated.id}`

  const refused = await easel.run(['dl', name])
  await admin.run(['tokens', 'set', 'civitai'], 'civitai_standinkey\n')
  const tokens = await admin.run(['tokens', 'list', '--json'])
  const fetched = await easel.run(['dl', name])

  expect(refused.code).toBe(1)
  expect(tokens.stdout).toContain('"hasToken":true')
  expect(tokens.stdout).not.toContain('civitai_standinkey')
  expect(fetched).toMatchObject({ code: 0 })
})

test('the hub tells what it holds, to admins', async () => {
  expect(await admin.json('hub', 'status')).toMatchObject({ bad: 0 })
  expect(itemsOf(await admin.json('hub', 'files')).length).toBeGreaterThan(0)
  expect((await easel.run(['hub', 'status'])).code).toBe(1)
})
