import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startComfySim } from '../src/index.ts'
import { readPngText } from '../src/png.ts'
import { TestClient } from './support/client.ts'

const seed = '18446744073709551615'
const textToImage = (text: string, steps = 4) => ({
  1: { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'sd15.safetensors' } },
  2: { class_type: 'CLIPTextEncode', inputs: { clip: ['1', 1], text } },
  3: { class_type: 'CLIPTextEncode', inputs: { clip: ['1', 1], text: '' } },
  4: { class_type: 'EmptyLatentImage', inputs: { width: 128, height: 64, batch_size: 1 } },
  5: {
    class_type: 'KSampler',
    inputs: {
      model: ['1', 0],
      positive: ['2', 0],
      negative: ['3', 0],
      latent_image: ['4', 0],
      seed: 'SEED',
      steps,
      cfg: 7,
      sampler_name: 'euler',
      scheduler: 'normal',
      denoise: 1,
    },
  },
  6: { class_type: 'VAEDecode', inputs: { samples: ['5', 0], vae: ['1', 2] } },
  7: { class_type: 'SaveImage', inputs: { images: ['6', 0], filename_prefix: 'made/castle' } },
})

test('a sampler paints a picture whose metadata holds the exact seed and says that it is simulated', async () => {
  await using sim = await startComfySim({ timeScale: 0 })
  await using client = await TestClient.connect(sim)
  const prompt = JSON.stringify(textToImage('a castle')).replace('"SEED"', seed)
  const body = `{"client_id": "test", "prompt": ${prompt}, "extra_data": {"extra_pnginfo": {"workflow": {"id": "w"}}}}`

  const answer = await fetch(`${sim.url}/prompt`, { method: 'POST', body })
  const { prompt_id: id } = (await answer.json()) as { prompt_id: string }
  await client.ended(id)

  const text = readPngText(await readFile(join(sim.baseDirectory, 'output', 'made', 'castle_00001_.png')))
  expect(text.get('prompt')).toContain(`"seed": ${seed}`)
  expect(text.get('workflow')).toBe('{"id": "w"}')
  expect(text.get('Software')).toContain('simulator')
})

test('it says that it is a simulator wherever it presents itself', async () => {
  const lines: string[] = []
  await using sim = await startComfySim({ log: (line) => lines.push(line) })

  const stats = await (await fetch(`${sim.url}/system_stats`)).text()
  const page = await (await fetch(sim.url)).text()

  expect(stats).toContain('simulator')
  expect(page).toContain('simulator')
  expect(lines[0]).toContain('simulator')
})

test('a model that is still in memory is not loaded again', async () => {
  await using sim = await startComfySim({ modelLoadMs: { 'sd15.safetensors': 120 }, stepMs: 0 })
  await using client = await TestClient.connect(sim)
  const run = async (text: string) => {
    const id = await client.submit(JSON.parse(JSON.stringify(textToImage(text)).replace('"SEED"', '1')))
    await client.ended(id)
  }

  await run('one')
  await client.post('/free', { free_memory: true })
  await run('two')

  const [first, second] = sim.stats.prompts.map(({ startedAt, endedAt }) => endedAt! - startedAt!)
  expect(first).toBeGreaterThanOrEqual(115)
  expect(second).toBeLessThan(100)
})

test('models have sizes and step times of their own, and the statistics say what had to be loaded', async () => {
  const gib = 1024 ** 3
  await using sim = await startComfySim({
    models: { checkpoints: ['small.safetensors', 'large.safetensors'] },
    modelBytes: { 'small.safetensors': 2 * gib, 'large.safetensors': 7 * gib },
    modelLoadMs: 0,
    vramBytes: 8 * gib,
    stepMs: { 'large.safetensors': 60, 'small.safetensors': 0 },
  })
  await using client = await TestClient.connect(sim)
  const run = async (model: string, text: string) => {
    const prompt = JSON.stringify(textToImage(text)).replace('"SEED"', '1').replace('sd15.safetensors', model)
    await client.ended(await client.submit(JSON.parse(prompt)))
    await client.post('/free', { free_memory: true })
  }

  await run('small.safetensors', 'one')
  await run('small.safetensors', 'two')
  await run('large.safetensors', 'three')
  await run('small.safetensors', 'four')

  const { prompts } = sim.stats
  expect(prompts.map(({ loaded }) => loaded)).toEqual([
    ['small.safetensors'],
    [],
    ['large.safetensors'],
    ['small.safetensors'],
  ])
  expect(prompts[2]!.endedAt! - prompts[2]!.startedAt!).toBeGreaterThanOrEqual(4 * 55)
  expect(prompts.map(({ simulatedMs }) => simulatedMs)).toEqual([0, 0, 4 * 60, 0])
})

test('the statistics say when each prompt came, started and ended', async () => {
  await using sim = await startComfySim({ timeScale: 0 })
  await using client = await TestClient.connect(sim)

  const before = performance.now()
  const id = await client.submit({
    1: { class_type: 'EmptyImage', inputs: { width: 8, height: 8, batch_size: 1, color: 0 } },
    2: { class_type: 'PreviewImage', inputs: { images: ['1', 0] } },
  })
  await client.ended(id)

  const [seen] = sim.stats.prompts
  expect(seen).toMatchObject({ id, clientId: 'test', status: 'success' })
  expect(seen!.arrivedAt).toBeGreaterThanOrEqual(before)
  expect(seen!.endedAt).toBeGreaterThanOrEqual(seen!.startedAt!)
})

test('a folder of its own is gone after closing, a given one stays', async () => {
  const own = await startComfySim()
  await own.close()
  expect(existsSync(own.baseDirectory)).toBe(false)
})

test('names that are properties of every object are ordinary names', async () => {
  await using sim = await startComfySim({ timeScale: 0 })
  const body =
    '{"prompt": {"__proto__": {"class_type": "constructor", "inputs": {}}}, "extra_data": {"__proto__": {}}}'

  const answer = await fetch(`${sim.url}/prompt`, { method: 'POST', body })

  expect(answer.status).toBe(400)
  expect(await answer.json()).toMatchObject({ error: { type: 'missing_node_type' } })
})

test('object_info offers the configured models and only nodes that can run', async () => {
  await using sim = await startComfySim({ models: { checkpoints: ['mine.safetensors'] } })

  const info = (await (await fetch(`${sim.url}/object_info`)).json()) as Record<
    string,
    { input: { required: Record<string, unknown[]> } }
  >

  expect(Object.keys(info).length).toBeGreaterThan(60)
  expect(info.CheckpointLoaderSimple!.input.required.ckpt_name![0]).toEqual(['mine.safetensors'])
  expect(info).not.toHaveProperty('TestSleep')
})
