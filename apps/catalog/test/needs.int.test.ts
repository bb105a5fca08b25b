import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createClient } from '@easel/bus'
import { bundles, catalog, needs } from '@easel/contracts'
import type { ModelWish, NeedView } from '@easel/contracts'
import { sha256Of } from '@easel/stand-ins'
import { waitFor } from '@easel/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { safetensors } from './support/model-files.ts'
import { openModels } from './support/open-models.ts'
import type { ModelsHouse } from './support/open-models.ts'
import { anActor } from './support/start-catalog.ts'

let house: ModelsHouse
const actor = anActor()
const styleBytes = safetensors({}, 'a style')

beforeAll(async () => {
  house = await openModels()
  const { directory, bus } = house.house
  await mkdir(join(directory, 'loras/sub'), { recursive: true })
  await writeFile(join(directory, 'loras/sub/my_style_v2.safetensors'), styleBytes)
  await house.start()
  const files = createClient(bus, catalog)
  await waitFor(async () => (await files.listFiles({}, { actor })).items.some(({ sha256 }) => sha256), {
    timeoutMs: 20_000,
    describe: 'the library to be read',
  })
})
afterAll(() => house[Symbol.asyncDispose]())

const client = () => createClient(house.house.bus, needs)
const resolve = (...wishes: ModelWish[]) => client().resolve({ wishes }, { actor, timeoutMs: 20_000 })
const check = (workflow: Record<string, unknown>, offline = false) =>
  client().check({ workflow, offline }, { actor, timeoutMs: 20_000 })

async function needOf(
  name: string,
  { loader = 'LoraLoaderModelOnly.lora_name', offline = false } = {},
): Promise<NeedView> {
  const [classType = '', input = ''] = loader.split('.')
  const { files } = await check({ '1': { class_type: classType, inputs: { [input]: name } } }, offline)
  expect(files).toHaveLength(1)
  return files[0]!
}

test('nobody is told anything without having signed in', async () => {
  await expect(client().resolve({ wishes: [{ source: 'civitai', modelId: '1' }] })).rejects.toMatchObject({
    code: 'unauthenticated',
  })
  await expect(client().check({ workflow: {} })).rejects.toMatchObject({ code: 'unauthenticated' })
})

test('a version of CivitAI is its primary file, where its type belongs', async () => {
  const { plain } = house.standIns.civitai.world.special
  const [version] = plain.modelVersions
  const [file] = version!.files

  const { files, bytes } = await resolve({ source: 'civitai', versionId: String(version!.id) })

  expect(files).toEqual([
    expect.objectContaining({
      urls: [expect.stringContaining(`${house.standIns.civitai.url}/api/download/models/${version!.id}`)],
      token: 'civitai',
      folder: 'loras',
      filename: file!.name,
      sha256: file!.hashes.SHA256!.toLowerCase(),
      gate: 'open',
      modelId: String(plain.id),
      versionId: String(version!.id),
      libraryPath: null,
    }),
  ])
  expect(bytes).toBeGreaterThanOrEqual(0)
})

test('a model of CivitAI is its newest version; a file of it, that file', async () => {
  const { manyVersions, manyFiles } = house.standIns.civitai.world.special
  const vae = manyFiles.modelVersions[0]!.files.find(({ type }) => type === 'VAE')!

  const { files } = await resolve(
    { source: 'civitai', modelId: String(manyVersions.id) },
    { source: 'civitai', versionId: String(manyFiles.modelVersions[0]!.id), fileId: String(vae.id) },
  )

  expect(files).toMatchObject([
    { folder: 'checkpoints', versionId: String(manyVersions.modelVersions[0]!.id) },
    { folder: 'vae', filename: vae.name },
  ])
})

test('a hash is the file that has it, also when only the library knows it', async () => {
  const { plain } = house.standIns.civitai.world.special
  const { hashes, name } = plain.modelVersions[0]!.files[0]!

  const { files } = await resolve(
    { source: 'hash', hash: hashes.SHA256! },
    { source: 'hash', hash: sha256Of(styleBytes).toUpperCase() },
  )

  expect(files).toMatchObject([
    { filename: name, sha256: hashes.SHA256!.toLowerCase() },
    {
      urls: [],
      folder: 'loras',
      filename: 'sub/my_style_v2.safetensors',
      libraryPath: 'loras/sub/my_style_v2.safetensors',
    },
  ])
  await expect(resolve({ source: 'hash', hash: 'f'.repeat(64) })).rejects.toMatchObject({
    code: 'not_found',
    extra: { reason: 'MODEL_NOT_FOUND' },
  })
})

test('Hugging Face gives a file, those that match, and a whole repository', async () => {
  house.standIns.huggingface.world.add({
    id: 'bench/repackaged',
    files: {
      'split_files/vae/bench_vae.safetensors': 900,
      'split_files/diffusion_models/bench.safetensors': 900,
      'README.md': '# x',
    },
  })
  const repo = 'bench/repackaged'

  const one = await resolve({ source: 'huggingface', repo, path: 'split_files/vae/bench_vae.safetensors' })
  const some = await resolve({ source: 'huggingface', repo, patterns: ['*.safetensors'] })
  const all = await resolve({ source: 'huggingface', repo })

  expect(one.files).toMatchObject([
    {
      folder: 'vae',
      filename: 'bench_vae.safetensors',
      token: 'huggingface',
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      bytes: expect.any(Number),
    },
  ])
  expect(one.files[0]!.urls[0]).toContain(`${house.standIns.huggingface.url}/bench/repackaged/resolve/`)
  expect(some.files.map(({ folder, filename }) => `${folder}/${filename}`).sort()).toEqual([
    'diffusion_models/bench.safetensors',
    'vae/bench_vae.safetensors',
  ])
  expect(all.files.map(({ folder, filename }) => `${folder}/${filename}`)).toContain(
    'other/repackaged/README.md',
  )
  expect(all.files).toHaveLength(3)
})

test('a reference is what it points to, and a wish may say where its file is to lie', async () => {
  const { plain } = house.standIns.civitai.world.special
  const reference = `${house.standIns.civitai.url}/models/${plain.id}/some-name`

  const { files } = await resolve({
    source: 'reference',
    reference,
    folder: 'loras',
    filename: 'SDXL/mine.safetensors',
  })

  expect(files).toMatchObject([
    { folder: 'loras', filename: 'SDXL/mine.safetensors', modelId: String(plain.id) },
  ])
  for (const filename of ['../mine.safetensors', '/etc/x.safetensors', 'a/../../b.bin']) {
    await expect(resolve({ source: 'reference', reference, filename })).rejects.toMatchObject({
      extra: { reason: 'REFERENCE_INVALID' },
    })
  }
  await expect(resolve({ source: 'reference', reference: 'https://example.com/x' })).rejects.toMatchObject({
    code: 'invalid',
    extra: { reason: 'REFERENCE_INVALID' },
  })
})

test('what is gated says where to ask, and what was taken down is not to be had', async () => {
  const { archived, takenDown } = house.standIns.civitai.world.special
  const gated = await resolve({ source: 'huggingface', repo: 'gated-gallery/ask-first', patterns: ['*'] })

  expect(gated.files[0]).toMatchObject({
    gate: 'approval',
    approvalUrl: expect.stringContaining('gated-gallery/ask-first'),
  })
  for (const { id } of [archived, takenDown]) {
    await expect(resolve({ source: 'civitai', modelId: String(id) })).rejects.toMatchObject({
      code: 'not_found',
    })
  }
})

test('a bundle is its files in the precision that is asked for, with size and hash from their source', async () => {
  const { world } = house.standIns.huggingface
  world.add({
    id: 'Comfy-Org/z_image_turbo',
    files: {
      'split_files/diffusion_models/z_image_turbo_bf16.safetensors': 1_200,
      'split_files/text_encoders/qwen_3_4b.safetensors': 700,
      'split_files/vae/ae.safetensors': 300,
    },
  })

  const { files, bytes } = await resolve({ source: 'bundle', bundleId: 'z-image-turbo' })

  expect(files.map(({ folder, filename }) => `${folder}/${filename}`)).toEqual([
    'diffusion_models/z_image_turbo_bf16.safetensors',
    'text_encoders/qwen_3_4b.safetensors',
    'vae/ae.safetensors',
  ])
  expect(files.slice(0, 2).every(({ sha256 }) => sha256)).toBe(true)
  expect(bytes).toBeGreaterThan(1_500)
  expect(files[0]!.urls[0]).toContain(house.standIns.huggingface.url)
  await expect(resolve({ source: 'bundle', bundleId: 'no-such' })).rejects.toMatchObject({
    extra: { reason: 'BUNDLE_NOT_FOUND' },
  })
  await expect(resolve({ source: 'bundle', bundleId: 'flux1-dev', variant: 'q4' })).rejects.toMatchObject({
    code: 'not_found',
  })
})

test('a source that is down is unavailable, not wrong', async () => {
  using _down = house.standIns.fault({ kind: 'offline', server: 'huggingface' })

  await expect(
    resolve({ source: 'huggingface', repo: 'nobody/asked-before', path: 'x.bin' }),
  ).rejects.toMatchObject({
    extra: { reason: 'SOURCE_UNAVAILABLE' },
  })
})

test('a file of the library is present, also in a subfolder or in other letters', async () => {
  expect(await needOf('sub/my_style_v2.safetensors')).toMatchObject({
    state: 'present',
    path: 'loras/sub/my_style_v2.safetensors',
    sha256: sha256Of(styleBytes),
    problem: null,
  })
  expect(await needOf('MY_style_v2.safetensors')).toMatchObject({
    state: 'present',
    problem: 'It is here as loras/sub/my_style_v2.safetensors: choose it by that name',
  })
})

test('a missing file is told beside similar ones, and is unknown when nobody has it', async () => {
  expect(await needOf('my_style_v3.safetensors')).toMatchObject({
    state: 'unknown',
    similar: ['sub/my_style_v2.safetensors'],
    sources: [],
    problem: 'Nobody knows where to get it',
  })
})

test('a bundle knows where a file is, and its source how large', async () => {
  const need = await needOf('z_image_turbo_bf16.safetensors', { loader: 'UNETLoader.unet_name' })

  expect(need).toMatchObject({
    state: 'available',
    folder: 'diffusion_models',
    bytes: expect.any(Number),
    sources: [
      {
        foundBy: 'bundle',
        wish: {
          source: 'huggingface',
          repo: 'Comfy-Org/z_image_turbo',
          folder: 'diffusion_models',
          filename: 'z_image_turbo_bf16.safetensors',
        },
      },
    ],
  })
  expect((await resolve(need.sources[0]!.wish)).files).toMatchObject([
    { folder: 'diffusion_models', sha256: need.sha256 },
  ])
})

test('a file is found by its name at the sources, with its licence', async () => {
  const { plain } = house.standIns.civitai.world.special
  const { name } = plain.modelVersions[0]!.files[0]!

  const need = await needOf(name)

  expect(need.state).toMatch(/available|ambiguous/)
  expect(need.sources[0]).toMatchObject({
    foundBy: 'name',
    wish: { source: 'civitai', folder: 'loras', filename: name },
    licence: { terms: expect.any(Array) },
  })
})

test('what the workflow says of its file is believed before any name', async () => {
  const repo = 'gated-gallery/click-through'
  const gatedFile = house.standIns.huggingface.world.repos
    .find(({ id }) => id === repo)!
    .commits[0]!.files.find(({ path }) => path.endsWith('.safetensors'))!
  const url = `https://huggingface.co/${repo}/resolve/main/${gatedFile.path}`
  const models = [
    { name: 'told.safetensors', url, directory: 'vae', hash: 'c'.repeat(64), hash_type: 'SHA256' },
  ]
  const workflow = {
    nodes: [{ id: 1, type: 'VAELoader', widgets_values: ['told.safetensors'], properties: { models } }],
    links: [],
  }

  const { files, complete, fetchable } = await check(workflow)

  expect(files).toMatchObject([
    {
      state: 'gated',
      folder: 'vae',
      sources: [{ foundBy: 'workflow' }],
      problem: expect.stringContaining(`${repo} by whoever`),
    },
  ])
  expect([complete, fetchable]).toEqual([false, false])
})

test('what is open goes before what is gated', async () => {
  const { repos } = house.standIns.huggingface.world
  const addressIn = (repo: string) => {
    const { files } = repos.find(({ id }) => id === repo)!.commits[0]!
    const { path } = files.find((file) => file.path.endsWith('.safetensors'))!
    return `https://huggingface.co/${repo}/resolve/main/${path}`
  }
  const mirror = addressIn('Comfy-Org/z_image_turbo')
  const file = {
    folder: 'vae' as const,
    filename: 'twice.safetensors',
    urls: [mirror],
    token: 'huggingface' as const,
  }
  await createClient(house.house.bus, bundles).putBundle(
    { id: 'twice', name: 'Twice', files: [file] },
    { actor: anActor({ role: 'admin' }) },
  )
  const models = [
    { name: 'twice.safetensors', url: addressIn('gated-gallery/click-through'), directory: 'vae' },
  ]
  const node = { id: 1, type: 'VAELoader', widgets_values: ['twice.safetensors'], properties: { models } }

  const { files, fetchable } = await check({ nodes: [node], links: [] })

  expect(files).toMatchObject([
    {
      state: 'available',
      sources: [{ foundBy: 'bundle' }, { foundBy: 'workflow', file: { gate: 'terms' } }],
    },
  ])
  expect(fetchable).toBe(true)
})

test('an address elsewhere is told, but not fetched on a workflow’s word', async () => {
  const models = [{ name: 'evil.safetensors', url: 'https://evil.example/x.safetensors', directory: 'vae' }]
  const workflow = {
    nodes: [{ id: 1, type: 'VAELoader', widgets_values: ['evil.safetensors'], properties: { models } }],
    links: [],
  }

  const { files } = await check(workflow, true)

  expect(files).toMatchObject([
    { state: 'unknown', sources: [], problem: expect.stringContaining('evil.example') },
  ])
})

test('with the sources away everything local is still told, in no time', async () => {
  house.standIns.clearRequests()
  const graph = Object.fromEntries(
    Array.from({ length: 60 }, (_, index) => [
      String(index),
      { class_type: 'VAELoader', inputs: { vae_name: `${index}-none.safetensors` } },
    ]),
  )
  await check(graph, true)
  const started = performance.now()

  const { files } = await check(graph, true)

  expect(performance.now() - started).toBeLessThan(1_000)
  expect(files).toHaveLength(60)
  expect(house.standIns.requests).toEqual([])
})

test('a source that hangs does not keep the check from answering', async () => {
  using _slow = house.standIns.fault({ kind: 'hang', server: 'civitai' })
  const started = performance.now()

  const need = await needOf('nobody-has-this-one.safetensors')

  expect(need.state).toBe('unknown')
  expect(performance.now() - started).toBeLessThan(9_000)
})

test('what is no workflow is refused', async () => {
  await expect(check({ hello: 'world' })).rejects.toMatchObject({
    code: 'invalid',
    extra: { reason: 'WORKFLOW_INVALID' },
  })
})
