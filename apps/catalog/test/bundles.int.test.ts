import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createClient } from '@easel/bus'
import { bundles, catalog, needs } from '@easel/contracts'
import type { PutBundle } from '@easel/contracts'
import { sha256Of } from '@easel/stand-ins'
import { waitFor } from '@easel/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { safetensors } from './support/model-files.ts'
import { openModels } from './support/open-models.ts'
import type { ModelsHouse } from './support/open-models.ts'
import { anActor } from './support/start-catalog.ts'

let house: ModelsHouse
const admin = anActor({ role: 'admin' })
const member = anActor()
const bytes = safetensors({}, 'of a bundle')

beforeAll(async () => {
  house = await openModels()
  const { directory } = house.house
  await mkdir(join(directory, 'vae'), { recursive: true })
  await writeFile(join(directory, 'vae/renamed.safetensors'), bytes)
  await house.start()
  const files = createClient(house.house.bus, catalog)
  await waitFor(
    async () => (await files.listFiles({}, { actor: member })).items.some(({ sha256 }) => sha256),
    { timeoutMs: 20_000, describe: 'the library to be read' },
  )
})
afterAll(() => house[Symbol.asyncDispose]())

const client = () => createClient(house.house.bus, bundles)
const timeoutMs = 20_000

function aBundle(changes: Partial<PutBundle> = {}): PutBundle {
  return {
    id: 'ours',
    name: 'Ours',
    files: [
      {
        folder: 'vae',
        filename: 'ours.safetensors',
        urls: ['https://example.com/ours.safetensors'],
        bytes: bytes.length,
        sha256: sha256Of(bytes),
      },
    ],
    ...changes,
  }
}

test('what came with Easel is listed, searched and paged', async () => {
  const wan = await client().listBundles({ q: 'wan image' }, { actor: member })
  const first = await client().listBundles({ limit: 5 }, { actor: member })
  const second = await client().listBundles({ limit: 5, cursor: first.nextCursor! }, { actor: member })

  expect(wan.items.map(({ id }) => id)).toContain('wan22-i2v-14b')
  expect(wan.items.every(({ builtin }) => builtin)).toBe(true)
  const names = [...first.items, ...second.items].map(({ name }) => name.toLowerCase())
  expect(names).toEqual(names.toSorted())
  expect(new Set(names).size).toBe(10)
})

test('an admin adds a bundle, and it is there at once, on every replica', async () => {
  await using _other = await house.start()

  const put = await client().putBundle(aBundle(), { actor: admin })
  const seen = await Promise.all(
    Array.from({ length: 6 }, () => client().getBundle({ id: 'ours' }, { actor: member, timeoutMs })),
  )

  expect(put).toMatchObject({ id: 'ours', builtin: false, bytes: bytes.length })
  expect(seen.every(({ name }) => name === 'Ours')).toBe(true)
})

test('a file of a bundle may come from any address, and is to be had by itself, an optional one too', async () => {
  const files = ['one', 'two'].map((name) => ({
    folder: 'loras' as const,
    filename: `house_${name}.safetensors`,
    urls: [`https://models.example/${name}.safetensors`],
    optional: name === 'two',
  }))
  await client().putBundle({ id: 'house', name: 'House', files }, { actor: admin })
  const asked = createClient(house.house.bus, needs)
  const options = { actor: member, timeoutMs }
  const loader = { class_type: 'LoraLoaderModelOnly', inputs: { lora_name: 'house_two.safetensors' } }

  const [need] = (await asked.check({ workflow: { '1': loader } }, options)).files
  const wish = need!.sources[0]!.wish
  const unknown = { ...wish, path: 'loras/three' }

  expect(need).toMatchObject({ state: 'available', sources: [{ foundBy: 'bundle' }] })
  expect((await asked.resolve({ wishes: [wish] }, options)).files).toMatchObject([
    { folder: 'loras', filename: 'house_two.safetensors', urls: ['https://models.example/two.safetensors'] },
  ])
  await expect(asked.resolve({ wishes: [unknown] }, options)).rejects.toMatchObject({
    reason: 'BUNDLE_NOT_FOUND',
  })
})

test('a bundle is present by its hash, whatever the file is called', async () => {
  await client().putBundle(aBundle({ id: 'by-hash' }), { actor: admin })

  const status = await client().getStatus({ id: 'by-hash' }, { actor: member, timeoutMs })

  expect(status).toMatchObject({ state: 'present', progress: 1, bytesPresent: bytes.length })
  expect(status.files).toMatchObject([{ state: 'present', path: 'vae/renamed.safetensors' }])
})

test('a file of the right name with another hash is not what the bundle needs', async () => {
  const [file] = aBundle().files
  const files = [{ ...file!, filename: 'renamed.safetensors', sha256: 'd'.repeat(64) }]
  await client().putBundle(aBundle({ id: 'wrong', files }), { actor: admin })

  const status = await client().getStatus({ id: 'wrong' }, { actor: member, timeoutMs })

  expect(status).toMatchObject({ state: 'missing', files: [{ state: 'wrong', progress: 0 }] })
})

test('a built-in bundle can be replaced, and comes back when that is deleted', async () => {
  const before = await client().getBundle({ id: 'sd15' }, { actor: member, timeoutMs })
  await client().putBundle(aBundle({ id: 'sd15', name: 'Mine' }), { actor: admin })
  const replaced = await client().getBundle({ id: 'sd15' }, { actor: member, timeoutMs })

  await client().deleteBundle({ id: 'sd15' }, { actor: admin })

  expect(replaced).toMatchObject({ name: 'Mine', builtin: true })
  expect((await client().getBundle({ id: 'sd15' }, { actor: member, timeoutMs })).name).toBe(before.name)
})

test('only admins change bundles', async () => {
  const calls = [
    client().putBundle(aBundle(), { actor: member }),
    client().deleteBundle({ id: 'ours' }, { actor: member }),
    client().importManifests({ manifests: [{ name: 'x', text: '{}' }] }, { actor: member }),
  ]

  await Promise.all(calls.map((call) => expect(call).rejects.toMatchObject({ code: 'forbidden' })))
  await expect(client().listBundles({})).rejects.toMatchObject({ code: 'unauthenticated' })
})

test('what is not there is not found, and what leaves its folder is refused', async () => {
  const [file] = aBundle().files
  const put = (filename: string) =>
    client().putBundle(aBundle({ files: [{ ...file!, filename }] }), { actor: admin })

  const unknown = [
    client().getBundle({ id: 'none' }, { actor: member }),
    client().getStatus({ id: 'none' }, { actor: member }),
    client().deleteBundle({ id: 'none' }, { actor: admin }),
  ]
  const notFound = { code: 'not_found', extra: { reason: 'BUNDLE_NOT_FOUND' } }
  await Promise.all(unknown.map((call) => expect(call).rejects.toMatchObject(notFound)))
  for (const name of [
    '../x.safetensors',
    '/x.safetensors',
    'a//b.safetensors',
    'a\\b.safetensors',
    'x\0.safetensors',
  ]) {
    await expect(put(name)).rejects.toMatchObject({ code: 'invalid' })
  }
})

test('manifests of WanGP become bundles; what is wrong with the others is said', async () => {
  const url = (name: string) => `https://huggingface.co/Someone/Things/resolve/main/${name}`
  const manifest = (name: string, model: object) => ({
    name,
    text: JSON.stringify({ model: { name, ...model } }),
  })
  const manifests = [
    manifest('good', { URLs: [url('a_bf16.safetensors'), url('a_quanto_bf16_int8.safetensors')] }),
    manifest('round', { URLs: 'trip' }),
    manifest('trip', { URLs: 'round' }),
  ]

  const dry = await client().importManifests({ manifests, dryRun: true }, { actor: admin })
  const missing = client().getBundle({ id: 'wangp-good' }, { actor: member })
  await expect(missing).rejects.toMatchObject({ code: 'not_found' })
  const done = await client().importManifests({ manifests }, { actor: admin })

  expect(dry.bundles.map(({ id, files }) => [id, files.length])).toEqual([['wangp-good', 2]])
  expect(done.refused).toEqual([
    { name: 'round', problem: 'Its URLs go in a circle: round → trip → round' },
    { name: 'trip', problem: 'Its URLs go in a circle: trip → round → trip' },
  ])
  expect(await client().getBundle({ id: 'wangp-good' }, { actor: member, timeoutMs })).toMatchObject({
    files: [{ choice: 'model' }, { choice: 'model' }],
  })
})
