import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startCli } from './support/start-cli.ts'
import { aDownload } from './support/stand-in-gateway.ts'
import type { CollectionView, LoraView } from '@easel/client'

const id = '01936f5e-0000-7000-8000-0000000000aa'
const entryId = '01936f5e-0000-7000-8000-0000000000bb'
const time = '2026-11-20T10:00:00.000Z'

const lora: LoraView = {
  lora: { source: 'civitai', modelId: '4201', versionId: '4202' },
  title: 'Castle',
  triggerWords: ['castle', 'tower'],
  state: 'available',
  family: 'sdxl',
  bytes: 2 ** 20,
  origin: 'catalogue',
  favorite: false,
}

const { origin: _origin, favorite: _favorite, ...facts } = lora
const collection: CollectionView = {
  id,
  spaceId: id,
  name: 'Buildings',
  description: 'What stands',
  tags: ['stone'],
  position: 0,
  entryCount: 1,
  covers: [],
  revision: 3,
  createdBy: id,
  createdAt: time,
  updatedAt: time,
  entries: [{ ...facts, id: entryId, trigger: 'cstl', weight: 0.8, baseImages: [] }],
}
const { entries: _entries, ...summary } = collection
const listed = { body: { items: [summary], nextCursor: null } }

test('LoRAs are listed for a model, with what each is and where it is from', async () => {
  await using cli = await startCli()
  const page = { items: [lora], nextCursor: null, for: { name: 'mystery', family: null, loraFamilies: [] } }
  cli.server.on('GET /api/loras', { body: page })

  const table = await cli.easel(
    ...'loras --for mystery.safetensors --query castle --origin local catalogue --no-installed'.split(' '),
  )
  const json = await cli.easel('loras', '--json')

  expect(table.stdout).toMatch(/^civitai:4201@4202 +Castle +sdxl +catalogue +available +castle, tower/m)
  expect(table.stderr).toContain('The family of mystery is not known')
  const asked = new URL(`http://x${cli.server.requests[0]?.path}`).searchParams
  expect(asked.getAll('origin')).toEqual(['local', 'catalogue'])
  expect(Object.fromEntries(asked)).toMatchObject({
    for: 'mystery.safetensors',
    q: 'castle',
    installed: 'false',
  })
  expect(JSON.parse(json.stdout)).toEqual({ items: [lora], nextCursor: null })
})

test('a collection is shown by its name, and one that is not there is told', async () => {
  await using cli = await startCli()
  cli.server.on('GET /api/collections', listed)
  cli.server.on(`GET /api/collections/${id}`, { body: collection })

  const list = await cli.easel('collections')
  const shown = await cli.easel('collections', 'show', 'buildings')
  const json = await cli.easel('collections', 'show', id, '--json')
  const none = await cli.easel('collections', 'show', 'nobody')

  expect(list.stdout).toMatch(/Buildings +1 +stone/)
  expect(shown.stdout).toMatch(/^description +What stands$/m)
  expect(shown.stdout).toMatch(/Castle +civitai:4201@4202 +available +0\.8 +cstl/)
  expect(JSON.parse(json.stdout)).toEqual(collection)
  expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining('no collection nobody') })
})

test('LoRAs are added as they are written, to a new collection if that is said', async () => {
  await using cli = await startCli()
  cli.server.on('GET /api/collections', listed)
  cli.server.on(`POST /api/collections/${id}/entries`, { body: collection })
  cli.server.on('POST /api/collections', { status: 201, body: collection })
  const lastBody = () => JSON.parse(String(cli.server.requests.at(-1)?.body)) as unknown

  const added = await cli.easel(
    ...`collections add Buildings 4201 civitai:7@8 hf:ada/mill/mill.safetensors local:${id}`.split(' '),
    'https://civitai.com/models/9',
    ...'--weight -0.5 --prompt stone'.split(' '),
  )
  const words = { weight: -0.5, prompt: 'stone' }
  expect(added.code).toBe(0)
  expect(lastBody()).toEqual({
    entries: [
      { lora: { source: 'civitai', modelId: '4201' }, ...words },
      { lora: { source: 'civitai', modelId: '7', versionId: '8' }, ...words },
      { lora: { source: 'huggingface', repo: 'ada/mill', path: 'mill.safetensors' }, ...words },
      { lora: { source: 'library', libraryFileId: id }, ...words },
      { reference: 'https://civitai.com/models/9', ...words },
    ],
  })
  await cli.easel('collections', 'add', 'New one', '4201', '--create', '--trigger', 'cstl')
  expect(lastBody()).toMatchObject({ name: 'New one', entries: [{ trigger: 'cstl' }] })
  const wrong = await cli.easel('collections', 'add', 'Buildings', 'what is this')
  const heavy = await cli.easel('collections', 'add', 'Buildings', '1', '--weight', 'heavy')
  expect([wrong.code, heavy.code]).toEqual([2, 2])
})

test('LoRAs are taken out by name, all or none, and without any the collection goes', async () => {
  await using cli = await startCli()
  cli.server.on('GET /api/collections', listed)
  cli.server.on(`GET /api/collections/${id}`, { body: collection })
  cli.server.on(`DELETE /api/collections/${id}/entries/${entryId}`, { body: collection })
  cli.server.on(`DELETE /api/collections/${id}`, { status: 204 })

  const none = await cli.easel('collections', 'remove', 'Buildings', 'castle', 'nobody')
  const before = cli.server.requests.filter(({ method }) => method === 'DELETE').length
  const one = await cli.easel('collections', 'remove', 'Buildings', 'castle', '--json')
  const all = await cli.easel('collections', 'remove', 'Buildings', '--json')

  expect([none.code, before]).toEqual([1, 0])
  expect(JSON.parse(one.stdout)).toEqual({ removed: [entryId] })
  expect(JSON.parse(all.stdout)).toEqual({ removed: [id] })
})

test('what is missing is fetched, and what cannot be is told', async () => {
  await using cli = await startCli()
  const download = aDownload({ status: 'completed' })
  cli.server.on('GET /api/collections', listed)
  cli.server.on(`POST /api/collections/${id}/fetch`, {
    status: 202,
    body: { download, unfetched: [{ entryId, title: 'Lost', problem: 'Nobody knows where to get it' }] },
  })

  const { code, stderr } = await cli.easel('collections', 'fetch', 'Buildings')

  expect(code).toBe(1)
  expect(stderr).toContain('Lost: Nobody knows where to get it')
})

test('a loras.yaml goes in as it is, and collections come out as JSON', async () => {
  await using cli = await startCli()
  const text = 'loras: {castle: {hf_repo: ada/castle, lora_weights: castle.safetensors}}'
  await writeFile(join(cli.path, 'loras.yaml'), text)
  const exported = { loras: { castle: {} }, lora_collections: { Buildings: { loras: ['castle'] } } }
  cli.server.on('GET /api/collections', listed)
  cli.server.on('GET /api/collections/export', { body: exported })
  cli.server.on('POST /api/collections/import', {
    body: {
      collections: [{ name: 'LoRAs', outcome: 'created', entryCount: 1 }],
      remarks: [{ path: 'loras.castle', message: 'Its base images are files' }],
    },
  })

  const imported = await cli.easel('collections', 'import', 'loras.yaml', '--dry-run')
  const sent = JSON.parse(String(cli.server.requests.at(-1)?.body)) as unknown
  const out = await cli.easel('collections', 'export', 'Buildings')
  const gone = await cli.easel('collections', 'import', 'nowhere.yaml')

  expect(imported).toMatchObject({ code: 0, stdout: 'LoRAs  created, 1 LoRA\n' })
  expect(imported.stderr).toContain('loras.castle: Its base images are files')
  expect(sent).toEqual({ text, dryRun: true })
  expect(JSON.parse(out.stdout)).toEqual(exported)
  expect(gone.code).toBe(2)
})
