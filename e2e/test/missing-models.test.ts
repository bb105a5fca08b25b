import { startStandIns } from '@easel/stand-ins'
import type { StandIns } from '@easel/stand-ins'
import { waitFor } from '@easel/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Api } from '../support/api.ts'
import { samplerGraph } from '../support/graphs.ts'
import { startServices } from '../support/services.ts'
import { bootstrapKey } from '../support/standalone.ts'
import type { Json } from '../support/api.ts'
import type { Services } from '../support/services.ts'

/* Jobs that name models nobody has: a catalogue, a downloader, workers and sources that work together. */

const repo = 'Comfy-Org/stable-diffusion-v1-5-archive'
const sd15 = 'v1-5-pruned-emaonly-fp16.safetensors'
const sdxl = 'sd_xl_base_1.0.safetensors'
const mebibyte = 2 ** 20

let standIns: StandIns
let services: Services
let api: Api
const owned = new AsyncDisposableStack()

beforeAll(async () => {
  standIns = owned.use(await startStandIns())
  const { world } = standIns.huggingface
  world.add({ id: repo, files: { [sd15]: 24 * mebibyte } })
  world.add({ id: 'stabilityai/stable-diffusion-xl-base-1.0', files: { [sdxl]: 3 * mebibyte } })
  services = owned.use(
    await startServices({
      env: {
        EASEL_CIVITAI_URL: standIns.civitai.url,
        EASEL_HF_URL: standIns.huggingface.url,
        EASEL_ALLOW_PRIVATE_DOWNLOADS: 'true',
      },
    }),
  )
  api = new Api(services.url, bootstrapKey)
  await api.finished(await api.submit(samplerGraph(1, 2)), 60_000)
}, 180_000)
afterAll(() => owned.disposeAsync())

function graphWith(checkpoint: string, seed = 1): Json {
  const graph = samplerGraph(seed, 2)
  graph['4'].inputs.ckpt_name = checkpoint
  return graph
}

async function jobOf(id: string): Promise<Json> {
  return (await api.get(`/api/jobs/${id}`)).body
}

const reasonsOf = async (id: string) => (await api.get(`/api/jobs/${id}/explain`)).body.reasons as Json[]

const waitForReason = (id: string, code: string) =>
  waitFor(async () => (await reasonsOf(id)).find((reason) => reason.code === code), {
    timeoutMs: 30_000,
    describe: `reason ${code} of ${id}`,
  })

async function downloadsOf(name: string): Promise<Json[]> {
  const { body } = await api.get('/api/downloads?limit=100')
  const details = await Promise.all((body.items as Json[]).map(({ id }) => api.get(`/api/downloads/${id}`)))
  return details
    .map((detail) => detail.body)
    .filter(({ files }) => (files as Json[]).some(({ filename }) => filename === name))
}

test('a job whose model nobody has is refused, and told what would fetch it', async () => {
  const { status, body } = await api.send('POST', '/api/jobs', { workflow: graphWith(sd15) })

  expect(status).toBe(422)
  expect(body.detail).toContain(`No worker has ${sd15}`)
  expect(body.detail).toContain('missingModels: "fetch"')
})

test(
  'a job that names an absent model fetches it and runs, though the downloader is killed on the way',
  { timeout: 180_000 },
  async () => {
    // Of each connection, of which there may be many.
    const slow = standIns.fault({ kind: 'drip', server: 'delivery', bytesPerSecond: mebibyte / 4 })
    const id = await api.submit(graphWith(sd15), { missingModels: 'fetch' })

    const waiting = await waitFor(
      async () => {
        const job = await jobOf(id)
        return Number(job.progress?.value ?? 0) > 0.1 && job
      },
      { timeoutMs: 60_000, describe: 'a tenth of the model to be here' },
    )
    const [reason] = await reasonsOf(id)
    await services.killAndRestart('downloader')
    slow[Symbol.dispose]()
    const done = await api.finished(id, 120_000)

    expect(waiting).toMatchObject({ status: 'queued', phase: 'downloading-models' })
    expect(reason).toMatchObject({
      code: 'MODEL_DOWNLOADING',
      message: expect.stringMatching(/ is downloading: \d+ %$/),
    })
    expect(done).toMatchObject({ status: 'succeeded' })
    expect(done.outputs).toHaveLength(1)
    expect(await downloadsOf(sd15)).toMatchObject([{ status: 'completed', verification: 'verified' }])
  },
)

test('two jobs that want the same absent model share one transfer', { timeout: 120_000 }, async () => {
  using _slow = standIns.fault({ kind: 'drip', server: 'delivery', bytesPerSecond: mebibyte })

  const ids = await Promise.all(
    [1, 2].map((seed) => api.submit(graphWith(sdxl, seed), { missingModels: 'fetch' })),
  )
  const jobs = await Promise.all(ids.map((id) => api.finished(id, 60_000)))

  expect(jobs.map(({ status }) => status)).toEqual(['succeeded', 'succeeded'])
  const downloads = await downloadsOf(sdxl)
  const transfers = downloads.flatMap(({ files }) =>
    (files as Json[]).map(({ transferId }) => transferId as string),
  )
  expect(downloads).toHaveLength(2)
  expect(new Set(transfers).size).toBe(1)
})

test('what a workflow needs is told before it is run', async () => {
  const { status, body } = await api.send('POST', '/api/models/needs', { workflow: graphWith(sd15) })

  expect(status).toBe(200)
  expect(body).toMatchObject({
    complete: true,
    files: [{ name: sd15, folder: 'checkpoints', state: 'present' }],
  })
})

test('a job waits while its model is gated, and says where to ask', { timeout: 60_000 }, async () => {
  const name = 'click_through.safetensors'
  const url = `https://huggingface.co/gated-gallery/click-through/resolve/main/${name}`
  const extra = { workflow: { models: [{ name, url, directory: 'checkpoints' }] } }
  const id = await api.submit(graphWith(name), { missingModels: 'fetch', extra })

  const reason = await waitForReason(id, 'MODEL_GATED')

  expect(reason.message).toContain('gated-gallery/click-through')
  expect(await jobOf(id)).toMatchObject({ status: 'queued' })
  await api.send('POST', `/api/jobs/${id}/cancel`)
})

test('a job waits while nobody knows its model, and says so', { timeout: 60_000 }, async () => {
  const id = await api.submit(graphWith('nobody-has-this-7.safetensors'), { missingModels: 'fetch' })

  const reason = await waitForReason(id, 'MODEL_UNKNOWN')

  expect(reason.message).toMatch(/nobody knows where to get it/i)
  await api.send('POST', `/api/jobs/${id}/cancel`)
  expect(await api.finished(id)).toMatchObject({ status: 'canceled' })
})

test('wrong bytes fail the job and tell why', { timeout: 120_000 }, async () => {
  const name = 'flux1-schnell-fp8.safetensors'
  standIns.huggingface.world.add({ id: 'Comfy-Org/flux1-schnell', files: { [name]: mebibyte } })
  using _wrong = standIns.fault({ kind: 'wrong-bytes', server: 'delivery' })

  const id = await api.submit(graphWith(name), { missingModels: 'fetch' })
  const done = await api.finished(id, 90_000)

  expect(done).toMatchObject({ status: 'failed', error: { code: 'MODEL_UNAVAILABLE' } })
  expect(done.error.message).toContain(name)
})
