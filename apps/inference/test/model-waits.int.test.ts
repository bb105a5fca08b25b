import { publishFact } from '@easel/bus'
import { libraryFileChanged } from '@easel/contracts'
import { AppError, newId } from '@easel/protocol'
import { waitFor } from '@easel/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ledgerOf } from './support/accounts.ts'
import { aLibraryFile, anAvailable, serveModels } from './support/serve-models.ts'
import type { Database } from '@easel/database'
import type { ServedModels } from './support/serve-models.ts'
import { startTestControl, user } from './support/start-control.ts'
import type { TestControl } from './support/start-control.ts'
import type { TestWorker } from './support/test-worker.ts'

const actor = user
const owned = new AsyncDisposableStack()
let control: TestControl
let models: ServedModels
let worker: TestWorker
let database: Database

beforeAll(async () => {
  control = owned.use(await startTestControl())
  models = owned.use(await serveModels(control.bus))
  database = owned.use(ledgerOf(control))
  worker = await control.startWorker({ objectInfo: infoWith(['here.safetensors']) })
  const probe = await submit('here.safetensors')
  await control.waitForStatus(probe.id, 'succeeded')
})
afterAll(() => owned.disposeAsync())

function infoWith(files: readonly string[]) {
  return {
    CheckpointLoaderSimple: {
      input: { required: { ckpt_name: [files, {}] } },
      output: ['MODEL'],
      output_node: false,
    },
    KeepModel: { input: { required: { model: ['MODEL'] } }, output: [], output_node: true },
  }
}

const graphOf = (name: string) => ({
  '1': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: name } },
  '2': { class_type: 'KeepModel', inputs: { model: ['1', 0] } },
})

type Submit = Parameters<TestControl['submit']>[0]

function submit(name: string, input: Submit = {}) {
  return control.submit({ workflow: graphOf(name), ...input })
}

const explain = async (id: string) => (await control.client.explainJob({ id }, { actor })).reasons

function waitForReason(id: string, code: string) {
  return waitFor(async () => (await explain(id)).find((reason) => reason.code === code), {
    timeoutMs: 15_000,
    describe: `reason ${code}`,
  })
}

function set(id: string, changes: object) {
  const download = models.downloads.get(id)!
  const files = download.files!.map((file) => ({ ...file, ...changes }))
  models.downloads.set(id, { ...download, ...changes, files })
}

async function stateOf(jobId: string): Promise<string | undefined> {
  const { rows } = await database.query<{ state: string }>(
    'select state from model_waits where job_id = $1',
    [jobId],
  )
  return rows[0]?.state
}

const askedFor = (name: string) =>
  models.asked.filter(({ files }) => files?.some(({ path }) => path === name))

const downloadFor = (name: string) =>
  waitFor(() => models.asked.find(({ files }) => files?.some(({ path }) => path === name))?.id, {
    timeoutMs: 15_000,
    describe: `download of ${name}`,
  })

test('a job whose model nobody has is refused, and told how it would not be', async () => {
  const refused = submit('absent.safetensors')

  await expect(refused).rejects.toMatchObject({
    code: 'invalid',
    extra: { reason: 'GRAPH_INVALID', details: { missingModels: ['absent.safetensors'] } },
  })
  await expect(refused).rejects.toThrow(/No worker has absent\.safetensors.*missingModels: "fetch"/)
})

test('whatever else is wrong with its graph refuses it all the same', async () => {
  const workflow = { ...graphOf('absent.safetensors'), '2': { class_type: 'KeepModel', inputs: {} } }

  await expect(control.submit({ workflow, missingModels: 'fetch' })).rejects.toMatchObject({
    code: 'invalid',
    extra: { faults: [{ path: 'workflow.2.inputs.model' }] },
  })
})

test('a job that names an absent model fetches it and runs', async () => {
  const name = 'wanted.safetensors'
  models.needs.set(name, anAvailable(name))

  const job = await submit(name, { missingModels: 'fetch' })
  const id = await downloadFor(name)
  set(id, { bytesDone: 43 })
  const waiting = await waitFor(async () => {
    const view = await control.client.getJob({ id: job.id }, { actor })
    return (view.progress?.value ?? 0) > 0.4 && view
  })

  expect(waiting).toMatchObject({ status: 'queued', phase: 'downloading-models', progress: { value: 0.43 } })
  expect((await control.client.listJobs({ status: ['queued'] }, { actor })).items).toMatchObject([
    { id: job.id, phase: 'downloading-models' },
  ])
  expect(await explain(job.id)).toContainEqual({
    code: 'MODEL_DOWNLOADING',
    message: `${name} is downloading: 43 %`,
  })

  const told = worker.refreshed
  const file = { sha256: 'a'.repeat(64), bytesDone: 100, verification: 'verified' }
  set(id, { status: 'completed', ...file })
  await waitFor(() => worker.refreshed > told, { timeoutMs: 15_000 })
  await worker.define(control.blobs, infoWith(['here.safetensors', name]))
  const done = await control.waitForStatus(job.id, 'succeeded', 'failed')

  expect(done).toMatchObject({ status: 'succeeded' })
  expect(models.asked.filter(({ files }) => files?.some(({ path }) => path === name))).toMatchObject([
    { source: 'files', spaceId: actor.personalSpaceId },
  ])
  expect(worker.received.find(({ jobId }) => jobId === job.id)?.modelFiles).toEqual([
    { folder: 'checkpoints', name, sha256: 'a'.repeat(64), bytes: 100 },
  ])
})

test('a download that fails fails the job, with why', async () => {
  const name = 'broken.safetensors'
  models.needs.set(name, anAvailable(name))

  const job = await submit(name, { missingModels: 'fetch' })
  set(await downloadFor(name), {
    status: 'failed',
    error: { code: 'HASH_MISMATCH', message: 'Its hash is wrong' },
  })

  expect(await control.waitForStatus(job.id, 'failed')).toMatchObject({
    error: { code: 'MODEL_UNAVAILABLE', message: `${name} could not be fetched: Its hash is wrong` },
  })
})

test('who may not download has no job fetch models by trying it again', async () => {
  const name = 'tried-again.safetensors'
  models.needs.set(name, anAvailable(name))
  const first = await submit(name, { missingModels: 'fetch' })
  set(await downloadFor(name), { status: 'failed' })
  await control.waitForStatus(first.id, 'failed')
  const asked = askedFor(name).length

  const again = await control.client.retryJob({ id: first.id }, { actor })
  const looked = await waitFor(async () => {
    const state = await stateOf(again.id)
    return state !== 'looking' && state
  })
  expect(looked).toBe('stuck')
  expect(askedFor(name)).toHaveLength(asked)
  await control.client.cancelJob({ id: again.id }, { actor })

  const may = { ...actor, scopes: [...actor.scopes, 'models:write' as const] }
  const third = await control.client.retryJob({ id: first.id }, { actor: may })
  await waitFor(() => askedFor(name).length > asked, { timeoutMs: 15_000 })
  await control.client.cancelJob({ id: third.id }, { actor })
})

test('a canceled job takes its wish back', async () => {
  const name = 'unwanted.safetensors'
  models.needs.set(name, anAvailable(name))
  const job = await submit(name, { missingModels: 'fetch' })
  const id = await downloadFor(name)
  await waitForReason(job.id, 'MODEL_DOWNLOADING')

  await control.client.cancelJob({ id: job.id }, { actor })

  await waitFor(() => models.canceled.includes(id), { timeoutMs: 15_000 })
  expect(await control.waitForStatus(job.id, 'canceled')).not.toHaveProperty('phase')
})

test('a job waits while nobody knows its model, and says so', async () => {
  const job = await submit('obscure.safetensors', { missingModels: 'fetch' })

  expect(await waitForReason(job.id, 'MODEL_UNKNOWN')).toMatchObject({
    message: 'obscure.safetensors: Nobody knows where to get it',
  })
  expect(await control.client.getJob({ id: job.id }, { actor })).toMatchObject({ status: 'queued' })
  await control.client.cancelJob({ id: job.id }, { actor })
})

test('a job waits while its model is gated, and says where to accept the terms', async () => {
  const name = 'gated.safetensors'
  const problem = 'Its terms must be accepted at https://huggingface.co/a/b'
  models.needs.set(name, { ...anAvailable(name, 'terms'), problem })
  models.refusal = new AppError('forbidden', 'This model is gated', { reason: 'MODEL_GATED' })

  const job = await submit(name, { missingModels: 'fetch' })
  const reason = await waitForReason(job.id, 'MODEL_GATED')
  models.refusal = undefined

  expect(reason.message).toBe(`${name} is gated: ${problem}`)
  expect(await control.client.getJob({ id: job.id }, { actor })).toMatchObject({ status: 'queued' })
  await control.client.cancelJob({ id: job.id }, { actor })
})

test('a job that only waits asks for no download, and runs when somebody has brought the model', async () => {
  const name = 'awaited.safetensors'
  models.needs.set(name, anAvailable(name))

  const job = await submit(name, { missingModels: 'wait' })
  await waitForReason(job.id, 'MODEL_MISSING')
  await worker.define(control.blobs, infoWith(['here.safetensors', name]))

  expect(await control.waitForStatus(job.id, 'succeeded')).toMatchObject({ status: 'succeeded' })
  expect(models.asked.some(({ files }) => files?.some(({ path }) => path === name))).toBe(false)
})

test('a job that waits for its model can expire', async () => {
  const job = await submit('late.safetensors', { missingModels: 'wait', expiresInSeconds: 1 })

  expect(await control.waitForStatus(job.id, 'expired')).toMatchObject({ status: 'expired' })
})

test('a worker that fetches from the hub is given a job whose models are known there', async () => {
  const name = 'in-the-hub.safetensors'
  const pool = `cached-${newId().slice(-6)}`
  const held = { state: 'present' as const, path: `checkpoints/${name}`, sha256: 'b'.repeat(64), bytes: 7 }
  models.needs.set(name, held)
  const facts = { fetchesModels: true }
  const cached = await control.startWorker({ pool, objectInfo: infoWith(['other.safetensors']), facts })

  const job = await waitFor(() => submit(name, { pool }).catch(() => undefined), { timeoutMs: 15_000 })

  await control.waitForStatus(job.id, 'succeeded')
  expect(cached.received[0]?.modelFiles).toEqual([
    { folder: 'checkpoints', name, sha256: held.sha256, bytes: held.bytes },
  ])
})

test('a model that goes before its job runs is fetched again', async () => {
  const name = 'deleted.safetensors'
  models.needs.set(name, anAvailable(name))
  const job = await submit(name, { missingModels: 'fetch', minVramBytes: 900e9 })
  set(await downloadFor(name), { status: 'completed', sha256: 'a'.repeat(64), bytesDone: 100 })
  await waitForReason(job.id, 'MODEL_COMES')

  await publishFact(control.bus, libraryFileChanged, {
    id: newId(),
    payload: { event: 'library.file-removed', file: aLibraryFile(`checkpoints/${name}`) },
  })
  await waitFor(() => askedFor(name).length === 2, { timeoutMs: 15_000 })

  expect(new Set(askedFor(name).map(({ id }) => id)).size).toBe(2)
  await control.client.cancelJob({ id: job.id }, { actor })
})

test('a model that goes after it was there is looked for again while its job is queued', async () => {
  const name = 'gone-later.safetensors'
  models.needs.set(name, anAvailable(name))
  await worker.define(control.blobs, infoWith(['here.safetensors', name]))
  const job = await submit(name, { missingModels: 'fetch', minVramBytes: 900e9 })
  await waitFor(async () => (await stateOf(job.id)) === 'done', { timeoutMs: 15_000 })

  const before = askedFor(name).length
  await worker.define(control.blobs, infoWith(['here.safetensors']))
  await database.query(`update model_waits set updated_at = now() - interval '1 hour' where job_id = $1`, [
    job.id,
  ])

  await waitFor(() => askedFor(name).length > before, { timeoutMs: 15_000 })
  expect(await control.client.getJob({ id: job.id }, { actor })).toMatchObject({ status: 'queued' })
  await control.client.cancelJob({ id: job.id }, { actor })
})

test('nothing is fetched because the worker that has it is away for a while', async () => {
  const name = 'only-at-the-worker.safetensors'
  models.needs.set(name, anAvailable(name))
  const pool = `own-${newId().slice(-6)}`
  const own = await control.startWorker({ pool, objectInfo: infoWith([name]) })
  await waitFor(() => submit(name, { pool, minVramBytes: 900e9 }).catch(() => undefined), {
    timeoutMs: 15_000,
  })
  const job = await submit(name, { pool, missingModels: 'fetch', minVramBytes: 900e9 })
  await database.query(
    `insert into model_waits (job_id, state, updated_at) values ($1, 'done', now() - interval '1 hour')
     on conflict (job_id) do update set state = 'done', updated_at = excluded.updated_at`,
    [job.id],
  )
  await database.query(`update jobs set missing_models = 'fetch' where id = $1`, [job.id])

  own.ready = false

  await waitFor(
    async () => {
      const { rows } = await database.query<{ later: boolean }>(
        `update model_waits set updated_at = case when state = 'done' then now() - interval '1 hour' else updated_at end
         where job_id = $1 returning state = 'looking' and next_at > now() + interval '2 s' as later`,
        [job.id],
      )
      return rows[0]?.later
    },
    { timeoutMs: 15_000 },
  )
  expect(askedFor(name)).toEqual([])
  await control.client.cancelJob({ id: job.id }, { actor })
})

test('a job whose download somebody holds says so', async () => {
  const name = 'held.safetensors'
  models.needs.set(name, anAvailable(name))
  const job = await submit(name, { missingModels: 'fetch' })
  set(await downloadFor(name), { status: 'paused', bytesDone: 43 })

  await waitFor(async () => (await explain(job.id)).some(({ message }) => /43 % \(paused/.test(message)), {
    timeoutMs: 15_000,
  })

  expect(await explain(job.id)).toContainEqual({
    code: 'MODEL_DOWNLOADING',
    message: `${name} is downloading: 43 % (paused: somebody has to resume it)`,
  })
  await control.client.cancelJob({ id: job.id }, { actor })
})

test('a control that dies leaves the wait to the next one, which asks for no second download', async () => {
  await using house = await startTestControl({ replicas: 0 })
  await using others = await serveModels(house.bus)
  const name = 'long.safetensors'
  others.needs.set(name, anAvailable(name))
  const first = await house.startReplica()
  const long = await house.startWorker({ objectInfo: infoWith(['here.safetensors']) })
  const ready = () => house.submit({ workflow: graphOf('here.safetensors') }).catch(() => undefined)
  await waitFor(ready, { timeoutMs: 15_000 })
  const job = await house.submit({ workflow: graphOf(name), missingModels: 'fetch' })
  await waitFor(() => others.asked.length > 0, { timeoutMs: 15_000 })

  await first[Symbol.asyncDispose]()
  await using _second = await house.startReplica()
  const [[id, download] = []] = [...others.downloads]
  others.downloads.set(id!, { ...download!, status: 'completed', bytesDone: 100 })
  await waitFor(() => long.refreshed > 0, { timeoutMs: 20_000 })
  await long.define(house.blobs, infoWith(['here.safetensors', name]))

  expect(await house.waitForStatus(job.id, 'succeeded', 'failed')).toMatchObject({ status: 'succeeded' })
  expect(others.asked).toHaveLength(1)
})
