import { startComfySim } from '@easel/comfy-sim'
import { readMetadata } from '@easel/comfyui'
import { newId } from '@easel/protocol'
import { tcpProxy, waitFor } from '@easel/testing'
import { Secret } from '@easel/config'
import { expect, test } from 'vitest'
import { startWorker } from '../src/app.ts'
import { inputGraph, pictureGraph, samplerGraph, slowGraph } from './support/graphs.ts'
import { serveGallery } from './support/serve-gallery.ts'
import { log, startTestControl, user, type TestControl } from './support/start-control.ts'
import type { ComfySimOptions } from '@easel/comfy-sim'
import type { GraphJson, JobView } from '@easel/contracts'

const actor = user

/** Control, one worker and one simulated ComfyUI. */
async function startAll(options: ComfySimOptions = {}) {
  await using stack = new AsyncDisposableStack()
  const control = stack.use(await startTestControl())
  const sim = stack.use(await startComfySim({ nodePacks: ['testing'], timeScale: 0.1, ...options }))
  const worker = stack.use(await startWorker(control.workerConfig(sim.url, { id: 'gpu-1' }), { log }))
  await waitForReady(control)
  const owned = stack.move()
  return { control, sim, worker, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

async function waitForReady(control: TestControl, id = 'gpu-1'): Promise<void> {
  await waitFor(
    async () => {
      const { items } = await control.client.listWorkers({}, { actor })
      const { live } = await control.client.inspectWorkflow({ graph: pictureGraph() }, { actor })
      return live && items.some((worker) => worker.id === id && worker.state === 'ready')
    },
    { timeoutMs: 15_000 },
  )
}

async function bytesOf(control: TestControl, job: JobView, index = 0): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of await control.blobs.read(job.outputs[index]?.hash ?? ''))
    parts.push(part as Buffer)
  return Buffer.concat(parts)
}

test('a workflow becomes a picture, with its graph inside', async () => {
  await using all = await startAll()
  const { control } = all

  const { id } = await control.submit({ workflow: pictureGraph({ color: 255 }) })
  const job = await control.waitForStatus(id, 'succeeded', 'failed')

  expect(job).toMatchObject({ status: 'succeeded', error: null, outputs: [{ mime: 'image/png', width: 64 }] })
  const bytes = await bytesOf(control, job)
  expect(bytes.length).toBe(job.outputs[0]?.bytes)
  expect(JSON.stringify(await readMetadata(bytes))).toContain('EmptyImage')
  const { totalMs, ...phases } = job.timings
  expect(Object.values(phases).reduce<number>((sum, ms) => sum + (ms ?? 0), 0)).toBe(totalMs)
})

test('a sampler shows progress while it runs, and is accounted for', async () => {
  await using all = await startAll({ timeScale: 1, stepMs: 60 })
  const { control } = all

  const { id } = await control.submit({ workflow: samplerGraph({ steps: 15 }) })
  const shown = await waitFor(async () => {
    const job = await control.client.getJob({ id }, { actor })
    return job.status === 'running' && (job.progress?.value ?? 0) > 0 && job
  })
  const job = await control.waitForStatus(id, 'succeeded', 'failed')

  expect(shown.phase).toBe('generating')
  expect(job.status).toBe('succeeded')
  expect(job.timings.executeMs).toBeGreaterThan(500)
  expect(job.usage.gpuSeconds).toBeGreaterThan(0.5)
})

test('an asset goes in as a picture', async () => {
  await using all = await startAll()
  const { control } = all
  const first = await control.submit({ workflow: pictureGraph({ size: 48 }) })
  const { outputs } = await control.waitForStatus(first.id, 'succeeded')
  const asset = { id: newId(), spaceId: user.personalSpaceId, blob: outputs[0]?.hash }
  await using _gallery = await serveGallery(control.bus, [asset])

  const { id } = await control.submit({
    workflow: inputGraph(),
    inputs: { '1.image': `asset:${asset.id}` },
  })
  const job = await control.waitForStatus(id, 'succeeded', 'failed')

  expect(job.error).toBeNull()
  expect(job.outputs).toMatchObject([{ width: 48, height: 48 }])
  expect(job.outputs[0]?.hash).not.toBe(asset.blob)
})

test('of a graph that is partly wrong the rest runs, and the job says what was left out', async () => {
  await using all = await startAll()
  const { control } = all
  const workflow: GraphJson = {
    ...pictureGraph(),
    '7': { class_type: 'EmptyImage', inputs: { width: 0, height: 64, batch_size: 1, color: 1 } },
    '8': { class_type: 'SaveImage', inputs: { images: ['7', 0], filename_prefix: 'x' } },
  }

  const { id } = await control.submit({ workflow })
  const job = await control.waitForStatus(id, 'succeeded', 'failed')

  expect(job.status).toBe('succeeded')
  expect(job.outputs).toHaveLength(1)
  expect(job.warnings.map(({ path }) => path)).toContain('workflow.8')
})

test('a running job is canceled within a second, and the next one runs', async () => {
  await using all = await startAll({ timeScale: 1 })
  const { control } = all
  const { id } = await control.submit({ workflow: slowGraph({ seconds: 30 }) })
  await control.waitForStatus(id, 'running')

  const began = performance.now()
  await control.client.cancelJob({ id }, { actor })
  await control.waitForStatus(id, 'canceled')
  const took = performance.now() - began
  const next = await control.submit({ workflow: pictureGraph() })
  const job = await control.waitForStatus(next.id, 'succeeded', 'failed')

  expect(took).toBeLessThan(7_500)
  expect(job.status).toBe('succeeded')
})

test('a worker cut off from the bus loses its job to another one', async () => {
  await using control = await startTestControl()
  await using sim = await startComfySim({ nodePacks: ['testing'] })
  await using other = await startComfySim({ nodePacks: ['testing'] })
  const config = control.workerConfig(sim.url, { id: 'gpu-1' })
  await using proxy = await tcpProxy({ target: config.nats.url.reveal() })
  const url = new URL(config.nats.url.reveal())
  url.port = String(proxy.port)
  url.hostname = proxy.host
  const nats = { ...config.nats, url: new Secret(url.href) }
  await using _cutOff = await startWorker(
    { ...config, nats, runtime: { ...config.runtime, graceMs: 4_000 } },
    { log },
  )
  await waitForReady(control)
  const { id } = await control.submit({ workflow: slowGraph({ seconds: 2 }) })
  await control.waitForStatus(id, 'running')
  await using _second = await startWorker(control.workerConfig(other.url, { id: 'gpu-2' }), { log })
  await waitForReady(control, 'gpu-2')

  proxy.set({ refuse: true })
  proxy.reset()
  const job = await control.waitForStatus(id, 'succeeded', 'failed')
  proxy.set({})

  expect(job.status).toBe('succeeded')
  expect(job.outputs).toHaveLength(1)
})

test('a hundred jobs all end, each once', async () => {
  await using all = await startAll({ timeScale: 0 })
  const { control } = all

  const jobs = await Promise.all(
    Array.from({ length: 100 }, (_, color) => control.submit({ workflow: pictureGraph({ color }) })),
  )
  const done = await Promise.all(jobs.map(({ id }) => control.waitForStatus(id, 'succeeded', 'failed')))

  expect(done.every(({ status, attempts }) => status === 'succeeded' && attempts.length === 1)).toBe(true)
  expect(new Set(done.map(({ outputs }) => outputs[0]?.hash)).size).toBe(100)
})
