import { execFileSync } from 'node:child_process'
import { rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openConfiguredBlobs } from '@easel/blobs'
import { tempDirectory, waitFor } from '@easel/testing'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { fileAt, fileWhen, rescanned, scanned } from './support/library-calls.ts'
import { loraTensors, modelFile, put, safetensors, sha256 } from './support/model-files.ts'
import { openHouse } from './support/start-catalog.ts'

const later = new Date(1_900_000_000_000)

test('a header tells family, type and precision; a list is filtered by them before its limit', async () => {
  await using house = await openHouse()
  await put(house.directory, 'loras/aaa.safetensors', modelFile(loraTensors, { dtype: 'BF16' }))
  await put(
    house.directory,
    'loras/pony_style.safetensors',
    modelFile(loraTensors, { seed: 'pony', dtype: 'BF16' }),
  )
  const wan = { 'diffusion_model.blocks.0.self_attn.q.lora_A.weight': [1, 5120] }
  await put(house.directory, 'loras/wan2.2_i2v_high_noise.safetensors', modelFile(wan))
  await put(house.directory, 'vae/old.pt', 'pickle')
  await house.start()
  await scanned(house)
  const names = async (filter: object) => (await house.client.listFiles(filter)).items.map(({ name }) => name)

  expect(await fileAt(house, 'loras/pony_style.safetensors')).toMatchObject({
    family: 'pony',
    type: 'lora',
    precision: 'bf16',
  })
  expect(await fileAt(house, 'loras/wan2.2_i2v_high_noise.safetensors')).toMatchObject({
    family: 'wan22-i2v',
    noise: 'high',
  })
  expect(await names({ family: 'pony', limit: 1 })).toEqual(['pony_style'])
  expect(await names({ base: 'pony', limit: 1 })).toEqual(['pony_style'])
  expect(await names({ compatibleWith: 'illustrious' })).toEqual(['aaa', 'pony_style'])
  expect(await names({ type: 'locon', limit: 2 })).toEqual(['aaa', 'pony_style'])
  expect(await names({ type: 'vae' })).toEqual(['old'])
  expect(await names({ linked: true })).toEqual([])
})

test('nine counts match what is there', async () => {
  await using house = await openHouse()
  const lora = modelFile(loraTensors)
  await put(house.directory, 'loras/a.safetensors', lora)
  await put(house.directory, 'loras/copy.safetensors', lora)
  await put(house.directory, 'checkpoints/misplaced.safetensors', modelFile(loraTensors, { seed: 'm' }))
  await put(house.directory, 'checkpoints/old.ckpt', 'pickle')
  await put(house.directory, 'vae/broken.safetensors', '<html>')
  await house.start()
  await scanned(house)

  const stats = await house.client.getStats({})

  expect(stats).toMatchObject({
    files: 5,
    hashed: 3,
    unsafe: 1,
    refused: 1,
    linked: 0,
    duplicates: 1,
    duplicateBytes: lora.length,
    misplaced: 1,
    families: [
      { id: '', files: 2 },
      { id: 'sdxl', files: 3 },
    ],
    roots: [{ root: '', present: true, files: 5 }],
  })
  expect(stats.formats).toHaveLength(2)
  expect(stats.folders.map(({ folder, files }) => [folder, files])).toEqual([
    ['checkpoints', 2],
    ['loras', 2],
    ['vae', 1],
  ])
})

test('what lies beside a model goes before its header, and a change of it alone is seen without hashing', async () => {
  await using house = await openHouse()
  const bytes = safetensors({ 'modelspec.title': 'Header', 'modelspec.trigger_phrase': 'old' })
  await put(house.directory, 'loras/a.safetensors', bytes)
  const beside = { baseModel: 'Pony', trainedWords: ['castle', 'keep'], model: { name: 'Castle' } }
  await put(
    house.directory,
    'loras/a.civitai.info',
    JSON.stringify({
      ...beside,
      id: 7,
      modelId: 5,
      files: [{ primary: true, hashes: { SHA256: sha256(bytes) } }],
    }),
  )
  const notes = await put(
    house.directory,
    'loras/a.json',
    JSON.stringify({ 'preferred weight': 0.7, notes: 'by the sea' }),
  )
  await house.start()
  await scanned(house)

  expect(await fileAt(house, 'loras/a.safetensors')).toMatchObject({
    title: 'Castle',
    family: 'pony',
    triggerWords: ['castle', 'keep'],
    notes: 'by the sea',
    modelSource: 'civitai',
    modelId: '5',
    versionId: '7',
  })
  expect((await fileAt(house, 'loras/a.safetensors'))!.preferredWeight).toBeCloseTo(0.7)

  await writeFile(notes, '{ broken')
  await utimes(notes, later, later)
  const scan = await rescanned(house)
  await fileWhen(house, 'loras/a.safetensors', ({ notes: text }) => text === null)
  await rm(join(house.directory, 'loras/a.civitai.info'))
  await rescanned(house)

  expect(scan).toMatchObject({ hashed: 0, bytesHashed: 0 })
  expect(await fileAt(house, 'loras/a.safetensors')).toMatchObject({
    title: 'Header',
    triggerWords: ['old'],
    modelId: null,
  })
})

test('a sidecar about other bytes makes no link', async () => {
  await using house = await openHouse()
  await put(house.directory, 'loras/a.safetensors', safetensors())
  const other = { id: 7, modelId: 5, files: [{ primary: true, hashes: { SHA256: 'ab'.repeat(32) } }] }
  await put(house.directory, 'loras/a.civitai.info', JSON.stringify(other))
  await house.start()
  await scanned(house)

  expect(await fileAt(house, 'loras/a.safetensors')).toMatchObject({ modelId: null, versionId: null })
})

test('a picture beside a model becomes a small blob; what is no picture does not', async () => {
  await using house = await openHouse()
  await put(house.directory, 'loras/a.safetensors', safetensors({}, 'a'))
  await put(house.directory, 'loras/b.safetensors', safetensors({}, 'b'))
  const picture = sharp({ create: { width: 1200, height: 800, channels: 3, background: 'red' } })
  await put(house.directory, 'loras/a.preview.png', await picture.png().toBuffer())
  await put(house.directory, 'loras/b.preview.png', '<svg xmlns="http://www.w3.org/2000/svg"><image/></svg>')
  await house.start()
  await scanned(house)

  const { preview } = (await fileAt(house, 'loras/a.safetensors'))!
  await using blobs = await openConfiguredBlobs(house.config.blobs!)
  const bytes = await blobs.readBytes(preview!, { start: 0 })

  expect(await sharp(bytes).metadata()).toMatchObject({ format: 'webp', width: 512, height: 341 })
  expect(await fileAt(house, 'loras/b.safetensors')).toMatchObject({ preview: null, state: 'ready' })
})

test('a file and its quantized twin are one row with the sum of both; three of a kind stay apart', async () => {
  await using house = await openHouse()
  const wan = { 'blocks.0.self_attn.q.weight': [2, 5120] }
  const bf16 = modelFile(wan, { dtype: 'BF16' })
  const int8 = modelFile(wan, { dtype: 'I8' })
  await put(house.directory, 'diffusion_models/wan2.1_t2v_14B_bf16.safetensors', bf16)
  await put(house.directory, 'diffusion_models/wan2.1_t2v_14B_quanto_bf16_int8.safetensors', int8)
  for (const name of ['x_bf16', 'x_fp16', 'x_quanto_int8']) {
    await put(house.directory, `diffusion_models/${name}.safetensors`, safetensors({}, name))
  }
  await house.start()
  await scanned(house)

  const { items } = await house.client.listFiles({ variants: 'together' })

  expect(items.map(({ name }) => name)).toEqual(['wan2.1_t2v_14B_bf16', 'x_bf16', 'x_fp16', 'x_quanto_int8'])
  expect(items[0]).toMatchObject({ bytes: bf16.length, bytesTogether: bf16.length + int8.length })
  expect(items[0]!.variantIds).toHaveLength(1)
  expect((await house.client.listFiles({})).items).toHaveLength(5)
})

test('further folders are read beside the first, keep their names, and go when they are no longer set', async () => {
  await using house = await openHouse()
  await using other = await tempDirectory()
  await put(house.directory, 'loras/a.safetensors', safetensors({}, 'a'))
  await put(other.path, 'loras/a.safetensors', safetensors({}, 'other'))
  await put(other.path, 'Stable-diffusion/b.safetensors', safetensors({}, 'b'))
  const first = await house.start({
    extraRoots: [
      { name: 'a1111', directory: other.path },
      { name: 'gone', directory: join(other.path, 'unmounted') },
    ],
  })
  await waitFor(async () => (await house.client.getStats({})).hashed === 3, { timeoutMs: 60_000 })

  expect(
    (await house.client.listFiles({ root: 'a1111' })).items.map(({ path, folder }) => [path, folder]),
  ).toEqual([
    ['loras/a.safetensors', 'loras'],
    ['Stable-diffusion/b.safetensors', 'checkpoints'],
  ])
  expect((await house.client.getStats({})).roots).toMatchObject([
    { root: '', files: 1 },
    { root: 'a1111', files: 2, present: true },
    { root: 'gone', files: 0, present: false },
  ])
  await first[Symbol.asyncDispose]()
  await house.start()
  await waitFor(async () => (await house.client.getStats({})).files === 1, { timeoutMs: 60_000 })
})

test('pipes, names of every kind and broken GGUF files stop no scan', async () => {
  await using house = await openHouse()
  const odd = ['new\nline', 'right\u202Eleft', 'four 𝒃𝒚𝒕𝒆𝒔', '__proto__', `${'n'.repeat(240)}`]
  for (const name of odd) await put(house.directory, `loras/${name}.safetensors`, safetensors({}, name))
  execFileSync('mkfifo', [
    join(house.directory, 'loras/pipe.safetensors'),
    join(house.directory, 'loras/new.json'),
  ])
  await put(
    house.directory,
    'diffusion_models/broken.gguf',
    Buffer.concat([Buffer.from('GGUF'), Buffer.alloc(60, 255)]),
  )
  await house.start()
  await scanned(house)

  const { items } = await house.client.listFiles({ folder: 'loras' })
  expect(Object.fromEntries(items.map(({ name, state }) => [name, state]))).toEqual(
    Object.fromEntries(odd.map((name) => [name, 'ready'])),
  )
  expect(await fileAt(house, 'diffusion_models/broken.gguf')).toMatchObject({
    state: 'refused',
    problem: expect.stringContaining('No GGUF file') as string,
  })
})
