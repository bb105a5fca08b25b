import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSnapshots } from '@easel/bus'
import { openDatabase } from '@easel/database'
import { newId } from '@easel/protocol'
import { waitFor } from '@easel/testing'
import { objectInfo } from './support/object-info.ts'
import { serveGallery } from './support/serve-gallery.ts'
import { aGraph, anActor, startTestControl, user, type TestControl } from './support/start-control.ts'

const actor = user
let control: TestControl
beforeAll(async () => {
  control = await startTestControl()
})
afterAll(() => control[Symbol.asyncDispose]())

test('pages of jobs go from new to old, and a new job between two pages moves none', async () => {
  const me = anActor()
  const ids: string[] = []
  for (let count = 0; count < 5; count++) ids.unshift((await control.submit({ pool: 'p' }, { actor: me })).id)

  const first = await control.client.listJobs({ limit: 2 }, { actor: me })
  await control.submit({ pool: 'p' }, { actor: me })
  const second = await control.client.listJobs({ limit: 2, cursor: first.nextCursor ?? '' }, { actor: me })
  const third = await control.client.listJobs({ limit: 2, cursor: second.nextCursor ?? '' }, { actor: me })

  expect([first, second, third].flatMap(({ items }) => items.map(({ id }) => id))).toEqual(ids)
  expect(third.nextCursor).toBeNull()
})

test('what waits is listed the oldest first, with its place, page by page', async () => {
  const me = anActor()
  const pool = `places-${newId()}`
  const ids: string[] = []
  for (let count = 0; count < 3; count++) ids.push((await control.submit({ pool }, { actor: me })).id)
  const ask = { status: ['queued' as const], sort: 'oldest' as const, limit: 2 }

  const first = await control.client.listJobs(ask, { actor: me })
  const second = await control.client.listJobs({ ...ask, cursor: first.nextCursor ?? '' }, { actor: me })

  const all = [...first.items, ...second.items]
  expect(all.map(({ id }) => id)).toEqual(ids)
  expect(all.map(({ position }) => position)).toEqual([1, 2, 3])
})

test('jobs are found by a part of their name, whatever its case', async () => {
  const me = anActor()
  const harbour = await control.submit({ pool: 'p', name: 'Harbour at Dawn 100%_' }, { actor: me })
  await control.submit({ pool: 'p', name: 'Foxes' }, { actor: me })
  const find = async (q: string) =>
    (await control.client.listJobs({ q }, { actor: me })).items.map(({ id }) => id)

  expect(await find('at DAWN')).toEqual([harbour.id])
  expect(await find('100%_')).toEqual([harbour.id])
  expect(await find('%')).toEqual([harbour.id])
  expect(await find('nothing like it')).toEqual([])
})

test('a cursor that is none of ours is refused', async () => {
  await expect(control.client.listJobs({ cursor: 'x' }, { actor })).rejects.toMatchObject({
    code: 'invalid',
    extra: { faults: [{ path: 'cursor' }] },
  })
})

test('jobs are listed by status, session, workflow and time', async () => {
  const me = anActor()
  const sessionId = newId()
  const session = { id: sessionId, spaceId: me.personalSpaceId }
  await using _gallery = await serveGallery(control.bus, [], [session])
  const { id: workflowId } = await control.client.createWorkflow(
    { name: 'w', graph: aGraph() },
    { actor: me },
  )
  const inSession = await control.submit({ pool: 'p', sessionId }, { actor: me })
  const ofWorkflow = await control.client.submitJob({ workflowId, pool: 'p' }, { actor: me })
  await control.client.cancelJob({ id: inSession.id }, { actor: me })
  const list = async (filter: object) =>
    (await control.client.listJobs(filter, { actor: me })).items.map(({ id }) => id)

  expect(await list({ sessionId })).toEqual([inSession.id])
  expect(await list({ workflowId })).toEqual([ofWorkflow.id])
  expect(await list({ status: ['canceled'] })).toEqual([inSession.id])
  expect(await list({ status: ['queued', 'canceled'] })).toHaveLength(2)
  expect(await list({ since: '2100-01-01T00:00:00Z' })).toEqual([])
  expect(await list({ since: '2020-02-29' })).toHaveLength(2)
  expect(ofWorkflow).toMatchObject({ workflowId, workflowVersion: 1 })
})

test('places are counted in the order of classes, then of arrival', async () => {
  const bulk = await control.submit({ pool: 'places', priority: 'bulk' })
  const normal = await control.submit({ pool: 'places' })
  const urgent = await control.submit({ pool: 'places', priority: 'interactive' })

  const positionOf = async (id: string) => (await control.client.getJob({ id }, { actor })).position
  const positions = await waitFor(
    async () => {
      const found = await Promise.all([bulk, normal, urgent].map(({ id }) => positionOf(id)))
      return new Set(found).size === 3 && found
    },
    { describe: 'places that were counted together' },
  )

  expect(positions).toEqual([3, 2, 1])
})

test('jobs are served in the order of classes, then of arrival', async () => {
  const bulk = await control.submit({ pool: 'order', priority: 'bulk' })
  const first = await control.submit({ pool: 'order' })
  const second = await control.submit({ pool: 'order' })
  const urgent = await control.submit({ pool: 'order', priority: 'interactive' })
  const worker = await control.startWorker({ pool: 'order', prefetchSlots: 0 })

  await control.waitForStatus(bulk.id, 'succeeded')

  const order = worker.received.map(({ jobId }) => jobId)
  expect(order).toEqual([urgent.id, first.id, second.id, bulk.id])
})

test('a running job shows how far it is', async () => {
  const worker = await control.startWorker({ pool: 'progress', automatic: false })
  const { id } = await control.submit({ pool: 'progress' })
  const held = await worker.waitForWork(id)
  await worker.begin(held)
  await control.waitForStatus(id, 'running')
  const snapshots = await openSnapshots(control.bus, 'JOBS')

  await snapshots.put(id, {
    jobId: id,
    attempt: 1,
    phase: 'generating',
    value: 0.5,
    node: '2',
    step: 5,
    steps: 10,
  })
  const shown = await control.client.getJob({ id }, { actor })

  expect(shown).toMatchObject({
    phase: 'generating',
    progress: { value: 0.5, node: '2', step: 5, steps: 10 },
  })
  await worker.end(held)
})

test('after some jobs a waiting one has an estimate', async () => {
  const worker = await control.startWorker({ pool: 'pace', automatic: false })
  const first = await control.submit({ pool: 'pace' })
  await worker.end(await worker.waitForWork(first.id))
  await control.waitForStatus(first.id, 'succeeded')
  const others = await Promise.all(Array.from({ length: 4 }, () => control.submit({ pool: 'pace' })))

  const last = await waitFor(async () => {
    const job = await control.client.getJob({ id: others.at(-1)?.id ?? '' }, { actor })
    return typeof job.etaSeconds === 'number' && job
  })

  expect(last.etaSeconds).toBeGreaterThanOrEqual(1)
})

test('workflows keep all their versions', async () => {
  const me = anActor()
  const made = await control.client.createWorkflow({ name: 'one', graph: aGraph(1) }, { actor: me })

  const changed = await control.client.updateWorkflow(
    { id: made.id, graph: aGraph(2), name: 'two' },
    { actor: me },
  )
  const old = await control.client.getWorkflow({ id: made.id, version: 1 }, { actor: me })
  const versions = await control.client.listWorkflowVersions({ id: made.id }, { actor: me })
  const found = await control.client.listWorkflows({ q: 'TW' }, { actor: me })

  expect(changed).toMatchObject({ name: 'two', version: 2, graph: aGraph(2) })
  expect(old).toMatchObject({ version: 1, graph: aGraph(1) })
  expect(versions.items.map(({ version }) => version)).toEqual([2, 1])
  expect(found.items.map(({ id }) => id)).toEqual([made.id])
  await control.client.deleteWorkflow({ id: made.id }, { actor: me })
  await expect(control.client.getWorkflow({ id: made.id }, { actor: me })).rejects.toMatchObject({
    extra: { reason: 'WORKFLOW_NOT_FOUND' },
  })
})

test('a version beyond all numbers is refused', async () => {
  const { id } = await control.client.createWorkflow({ name: 'w', graph: aGraph() }, { actor })

  await expect(control.client.getWorkflow({ id, version: 2 ** 40 }, { actor })).rejects.toMatchObject({
    code: 'invalid',
  })
})

test('two changes of a workflow at once are two versions', async () => {
  const { id } = await control.client.createWorkflow({ name: 'w', graph: aGraph() }, { actor })

  const changes = await Promise.all(
    [2, 3, 4].map((seed) => control.client.updateWorkflow({ id, graph: aGraph(seed) }, { actor })),
  )

  expect(new Set(changes.map(({ version }) => version))).toEqual(new Set([2, 3, 4]))
})

test('what can be said of a graph is said with the definitions of the workers', async () => {
  const nobody = await control.client.inspectWorkflow({ graph: aGraph() }, { actor })
  await control.startWorker({ pool: 'live', objectInfo })
  const graph = { ...aGraph(), '3': { class_type: 'Absent', inputs: { ckpt_name: 'a.safetensors' } } }

  const live = await waitFor(async () => {
    const analysis = await control.client.inspectWorkflow({ graph }, { actor })
    return analysis.live && analysis
  })
  const page = await control.client.inspectWorkflow({ graph: { nodes: [], links: [] } }, { actor })

  expect(nobody.live).toBe(false)
  expect(live).toMatchObject({
    format: 'api',
    live: true,
    missingNodes: ['Absent'],
    models: ['a.safetensors'],
  })
  expect(live.parameters.find(({ key }) => key === '1.width')).toMatchObject({
    control: 'integer',
    value: 64,
    min: 1,
    max: 16_384,
  })
  expect(page).toMatchObject({ format: 'ui', faults: [{ path: 'workflow' }] })
})

test.each(['2026-W47-5', '2026-324', '2026-02-30', '0000-01-01', '+012026-01-01', '2026-01-01T24:00:00Z'])(
  '%s is no time that a list takes',
  async (since) => {
    const refused = { code: 'invalid', message: expect.stringContaining('since') }

    await expect(control.client.listJobs({ since }, { actor })).rejects.toMatchObject(refused)
  },
)

test('node definitions that no worker has had for long are forgotten', async () => {
  await using database = openDatabase({ url: control.databaseUrl, schema: 'inference' })
  await database.query(
    `insert into node_definitions (hash, blob, created_at) values ('old', 'x', now() - interval '31 days')`,
  )
  const known = async () => (await database.query('select hash from node_definitions')).rows

  await control.startWorker({ pool: 'other', objectInfo: { ...objectInfo, Another: objectInfo.SaveImage } })

  await waitFor(async () => !JSON.stringify(await known()).includes('"old"'))
  expect((await known()).length).toBeGreaterThan(0)
})

test('pools and workers are told to members', async () => {
  await control.startWorker({ pool: 'shown', id: 'shown-1', automatic: false })
  await control.submit({ pool: 'shown-empty' })

  const pools = await control.client.listPools({}, { actor })
  const workers = await control.client.listWorkers({}, { actor })

  expect(pools.items).toContainEqual(expect.objectContaining({ name: 'shown', workers: 1, ready: 1 }))
  expect(pools.items).toContainEqual(expect.objectContaining({ name: 'shown-empty', workers: 0, queued: 1 }))
  expect(workers.items).toContainEqual(expect.objectContaining({ id: 'shown-1', state: 'ready' }))
})
