import { waitFor } from '@easel/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { consumeBatches } from '@easel/bus'
import { jobChanged, outputsMade } from '@easel/contracts'
import { newId } from '@easel/protocol'
import { objectInfo } from './support/object-info.ts'
import { serveGallery } from './support/serve-gallery.ts'
import { aGraph, anActor, startTestControl, user, type TestControl } from './support/start-control.ts'
import type { JobChanged, OutputsMade } from '@easel/contracts'

const actor = user
let control: TestControl
const told: { subject: string; payload: JobChanged & OutputsMade }[] = []
const owned = new AsyncDisposableStack()
const asset = { id: newId(), spaceId: user.personalSpaceId }
const foreignAsset = { id: newId(), spaceId: newId() }
const session = { id: newId(), spaceId: user.personalSpaceId }
const foreignSession = { id: newId(), spaceId: newId() }

beforeAll(async () => {
  control = owned.use(await startTestControl())
  owned.use(await serveGallery(control.bus, [asset, foreignAsset], [session, foreignSession]))
  owned.use(
    await consumeBatches(control.bus, {
      consumer: 'test',
      facts: [jobChanged, outputsMade],
      handle: async (batch) => void told.push(...(batch as unknown as typeof told)),
    }),
  )
  await control.startWorker({ objectInfo })
  const probe = await control.submit()
  await control.waitForStatus(probe.id, 'succeeded')
})
afterAll(() => owned.disposeAsync())

test('a submitted job runs on a worker, succeeds, and is accounted for', async () => {
  const job = await control.submit({ name: 'first', priority: 'interactive' })
  const done = await control.waitForStatus(job.id, 'succeeded', 'failed')

  expect(job).toMatchObject({ status: 'queued', name: 'first', priority: 'interactive' })
  expect(done).toMatchObject({ status: 'succeeded', error: null, usage: { gpuSeconds: 0.5 } })
  expect(done.outputs).toMatchObject([{ index: 0, kind: 'image' }])
  expect(done.outputs[0]?.url).toBe(`/api/assets/${done.outputs[0]?.assetId}/content`)
  expect(done.attempts).toMatchObject([{ number: 1, state: 'succeeded' }])
  const { totalMs, ...phases } = done.timings
  expect(Object.values(phases).reduce<number>((sum, ms) => sum + (ms ?? 0), 0)).toBe(totalMs)
})

test('the world is told of each step in order, and of the outputs', async () => {
  const { id } = await control.submit()
  await control.waitForStatus(id, 'succeeded')

  const facts = await waitFor(() => {
    const mine = told.filter(({ payload }) => payload.job.id === id)
    return mine.some(({ payload }) => payload.graph) && mine.length >= 3 && mine
  })
  const events = facts.map(({ payload }) => payload.event).filter((event) => event !== undefined)
  expect(events.at(0)).toBe('job.queued')
  expect(events.at(-1)).toBe('job.succeeded')
  const made = facts.find(({ payload }) => payload.graph)
  expect(made?.payload).toMatchObject({ job: { outputs: [{ index: 0 }] }, graph: aGraph() })
})

test('every fault of a graph is told at once, with its path', async () => {
  const graph = aGraph()
  graph['1'].inputs.width = 0
  graph['1'].inputs.batch_size = 99_999

  await expect(control.submit({ workflow: graph, overrides: { '9.seed': 1 } })).rejects.toMatchObject({
    code: 'invalid',
    extra: {
      reason: 'GRAPH_INVALID',
      faults: [
        { path: 'overrides.9.seed' },
        { path: 'workflow.1.inputs.width' },
        { path: 'workflow.1.inputs.batch_size' },
      ],
    },
  })
})

test('overrides are put in, and an unknown one alone is OVERRIDE_INVALID', async () => {
  const { id } = await control.submit({ overrides: { '1.color': 77 } })

  expect((await control.client.getJobGraph({ id }, { actor })).graph['1']?.inputs.color).toBe(77)
  await expect(control.submit({ overrides: { '1.colour': 1 } })).rejects.toMatchObject({
    extra: { reason: 'OVERRIDE_INVALID', faults: [{ path: 'overrides.1.colour' }] },
  })
})

test('a graph in the format of the page is refused with a hint', async () => {
  const workflow = { nodes: [], links: [], version: 0.4 }

  await expect(control.submit({ workflow })).rejects.toMatchObject({ extra: { reason: 'UI_FORMAT' } })
})

test('a seed of 64 bits comes to the worker with all its digits', async () => {
  const seed = 18_446_744_073_709_551_615n
  const worker = await control.startWorker({ pool: 'seeds', objectInfo })
  const workflow = {
    ...aGraph(),
    '3': { class_type: 'Sampler', inputs: { image: ['1', 0], seed } },
    '4': { class_type: 'SaveImage', inputs: { images: ['3', 0], filename_prefix: 'x' } },
  }

  const { id } = await control.submit({ workflow, pool: 'seeds' })
  await control.waitForStatus(id, 'succeeded')

  const [work] = worker.received
  expect(work?.graph['3']?.inputs.seed).toBe(seed)
})

test('assets come to the worker as blobs, under the eyes of who asks', async () => {
  const worker = await control.startWorker({ pool: 'assets', objectInfo })
  const workflow = {
    '1': { class_type: 'LoadImage', inputs: { image: 'example.png' } },
    '2': { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'x' } },
  }

  const job = await control.submit({ workflow, pool: 'assets', inputs: { '1.image': `asset:${asset.id}` } })
  await control.waitForStatus(job.id, 'succeeded')

  expect(worker.received[0]).toMatchObject({
    graph: { '1': { inputs: { image: `asset:${asset.id}` } } },
    inputs: [{ key: '1.image', assetId: asset.id, filename: 'cat.png' }],
  })
  expect((await control.client.getJobGraph({ id: job.id }, { actor })).inputs).toEqual({
    '1.image': `asset:${asset.id}`,
  })
  for (const id of [foreignAsset.id, newId()]) {
    await expect(control.submit({ workflow, inputs: { '1.image': `asset:${id}` } })).rejects.toMatchObject({
      extra: { reason: 'ASSET_NOT_FOUND', faults: [{ path: 'workflow.1.inputs.image' }] },
    })
  }
})

test('fifty submits at once with one key are one job', async () => {
  const key = newId()
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => control.submit({ idempotencyKey: key, pool: 'nobody' })),
  )

  expect(new Set(answers.map(({ id }) => id)).size).toBe(1)
  const { items } = await control.client.listJobs({ limit: 200 }, { actor })
  expect(items.filter(({ pool, id }) => pool === 'nobody' && id === answers[0]?.id)).toHaveLength(1)
})

test('a key is used up by its request, and is each user’s own', async () => {
  const key = newId()
  const first = await control.submit({ idempotencyKey: key, idempotencyHash: 'a', pool: 'nobody' })

  await expect(control.submit({ idempotencyKey: key, idempotencyHash: 'b' })).rejects.toMatchObject({
    code: 'invalid',
    extra: { reason: 'IDEMPOTENCY_KEY_REUSE' },
  })
  const other = await control.submit({ idempotencyKey: key, pool: 'nobody' }, { actor: anActor() })
  expect(other.id).not.toBe(first.id)
})

test('without a worker a graph is checked for its structure, and the job waits and says why', async () => {
  const workflow = { '1': { class_type: 'NobodyHasThis', inputs: {} } }

  const job = await control.submit({ workflow, pool: 'empty' })
  const why = await control.client.explainJob({ id: job.id }, { actor })

  expect(job).toMatchObject({ status: 'queued', position: 1, etaSeconds: null })
  expect(why.reasons).toMatchObject([{ code: 'NO_WORKER' }])
})

test.each([
  ['nothing to run', {}, 'workflow'],
  [
    'a NUL character',
    { workflow: { '1': { class_type: 'SaveImage', inputs: { a: 'x\0' } } } },
    'workflow.1.inputs.a',
  ],
  ['more assets than a message to a worker holds', { workflow: withAssets(257) }, 'workflow'],
  ['an input that is no asset', { workflow: aGraph(), inputs: { '1.color': 'file:x' } }, 'inputs.1.color'],
])('%s is refused', async (_what, input, path) => {
  await expect(control.client.submitJob(input, { actor })).rejects.toMatchObject({
    code: 'invalid',
    extra: { faults: expect.arrayContaining([expect.objectContaining({ path })]) },
  })
})

function withAssets(count: number) {
  const image = `asset:${asset.id}`
  const nodes = Array.from({ length: count }, (_, index) => {
    return [`${index}`, { class_type: 'LoadImage', inputs: { image } }] as const
  })
  return Object.fromEntries(nodes)
}

test('a node with the name of a prototype is refused', async () => {
  const workflow = JSON.parse('{"__proto__": {"class_type": "SaveImage", "inputs": {}}}') as Record<
    string,
    unknown
  >

  await expect(control.submit({ workflow })).rejects.toMatchObject({
    code: 'invalid',
    extra: { faults: [{ path: 'workflow.__proto__' }] },
  })
})

test('a retry is a new job with the same graph', async () => {
  const first = await control.submit({ name: 'again' })
  await expect(
    control.client.retryJob({ id: (await control.submit({ pool: 'nobody' })).id }, { actor }),
  ).rejects.toMatchObject({ code: 'conflict', extra: { reason: 'JOB_NOT_FINISHED' } })
  await control.waitForStatus(first.id, 'succeeded')

  const second = await control.client.retryJob({ id: first.id }, { actor })
  const done = await control.waitForStatus(second.id, 'succeeded')

  expect(done).toMatchObject({ retryOf: first.id, name: 'again' })
  const graphs = await Promise.all(
    [first, second].map(({ id }) => control.client.getJobGraph({ id }, { actor })),
  )
  expect(graphs[1]).toEqual(graphs[0])
})

test('a job goes into a session of its own space, and into no other', async () => {
  const inSession = await control.submit({ sessionId: session.id })
  const elsewhere = anActor()
  const both = { ...elsewhere, spaces: { ...elsewhere.spaces, ...user.spaces } }

  expect(inSession.sessionId).toBe(session.id)
  for (const [sessionId, who] of [
    [foreignSession.id, user],
    [newId(), user],
    [session.id, both],
  ] as const) {
    await expect(control.submit({ sessionId }, { actor: who })).rejects.toMatchObject({
      code: 'not_found',
      extra: { reason: 'SESSION_NOT_FOUND' },
    })
  }
})
