import { openDatabase } from '@easel/database'
import { waitFor } from '@easel/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { EstimatesRepository } from '../src/control/estimates/estimates.repository.ts'
import { objectInfo } from './support/object-info.ts'
import { aGraph, startTestControl, user as actor } from './support/start-control.ts'
import type { TestControl } from './support/start-control.ts'

let control: TestControl
beforeAll(async () => {
  control = await startTestControl()
})
afterAll(() => control[Symbol.asyncDispose]())

const gib = 2 ** 30
const sampler = (model: string, seed = 1) => ({
  '1': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: model } },
  '2': { class_type: 'EmptyLatentImage', inputs: { width: 1024, height: 1024, batch_size: 1 } },
  '3': { class_type: 'KSampler', inputs: { seed, steps: 10, model: ['1', 0], latent_image: ['2', 0] } },
  '4': { class_type: 'SaveImage', inputs: { images: ['3', 0], filename_prefix: 'x' } },
})
const outOfMemory = {
  result: 'failed' as const,
  retryable: true,
  outputs: [],
  error: { code: 'OUT_OF_MEMORY', message: 'CUDA out of memory' },
}

test('what a run took is what the next one is expected to take, and cost', async () => {
  const worker = await control.startWorker({
    pool: 'learn',
    automatic: false,
    facts: { costMicrosPerHour: 3_600_000 },
  })
  const first = await control.submit({ pool: 'learn', workflow: sampler('learned.safetensors') })
  const held = await worker.waitForWork(first.id)
  await worker.begin(held)
  await worker.end(held, {
    timings: { modelLoadMs: 3_000, executeMs: 8_000 },
    usage: { gpuSeconds: 11, costMicros: 11_000 },
    warm: false,
    loads: [{ model: 'learned.safetensors', ms: 3_000 }],
  })
  const done = await control.waitForStatus(first.id, 'succeeded')

  const next = await waitFor(async () => {
    const job = await control.submit({ pool: 'learn', workflow: sampler('learned.safetensors', 2) })
    return job.estimate?.costMicros ? job : undefined
  })
  const work = await worker.waitForWork(next.id)

  expect(first.estimate?.gpuSeconds).not.toBe(8)
  expect(first.models).toEqual(['learned.safetensors'])
  expect(done.attempts).toMatchObject([{ gpuSeconds: 11, warm: false }])
  expect(next.estimate).toEqual({ gpuSeconds: 8, costMicros: 8_000 })
  expect(work.work.models).toEqual(['learned.safetensors'])
  expect(work.work.timeoutSeconds).toBe(600)
})

test('a graph that has never run may take as long as any', async () => {
  const worker = await control.startWorker({ pool: 'unknown', automatic: false })
  const { id } = await control.submit({ pool: 'unknown', workflow: sampler('never-seen.safetensors') })

  expect((await worker.waitForWork(id)).work.timeoutSeconds).toBe(6 * 3_600)
})

test('a job that runs out of memory is tried again, then only on a larger worker', async () => {
  const small = await control.startWorker({ pool: 'memory', automatic: false, facts: { vramTotal: 8 * gib } })
  const { id } = await control.submit({ pool: 'memory' })
  await small.end(await small.waitForWork(id), outOfMemory)
  const again = await waitFor(() => [...small.held.values()].find(({ work }) => work.attempt === 2))
  const large = await control.startWorker({
    pool: 'memory',
    automatic: false,
    facts: { vramTotal: 24 * gib },
  })
  await small.end(again, outOfMemory)

  const third = await large.waitForWork(id)
  await large.end(third)
  const done = await control.waitForStatus(id, 'succeeded')

  expect(done.attempts).toMatchObject([
    { worker: small.id, state: 'failed' },
    { worker: small.id, state: 'failed' },
    { worker: large.id, state: 'succeeded' },
  ])
})

test('without a larger worker it fails, says what it needs, and is no poison', async () => {
  const worker = await control.startWorker({
    pool: 'too-small',
    automatic: false,
    facts: { vramTotal: 8 * gib },
  })
  const { id } = await control.submit({ pool: 'too-small' })
  for (const attempt of [1, 2]) {
    const held = await waitFor(() => [...worker.held.values()].find(({ work }) => work.attempt === attempt))
    await worker.end(held, outOfMemory)
  }

  const failed = await control.waitForStatus(id, 'failed')

  expect(failed.error).toMatchObject({ code: 'OUT_OF_MEMORY' })
  expect(failed.error?.message).toContain('more than 8 GB')
})

test('a job that asks for more than any worker has waits, and says which worker lacks what', async () => {
  const worker = await control.startWorker({
    pool: 'demands',
    automatic: false,
    objectInfo,
    facts: { vramTotal: 8 * gib, labels: ['eu'], environment: 'a'.repeat(64) },
  })
  const reasonOf = async (demands: object) => {
    const { id } = await control.submit({ pool: 'demands', ...demands })
    return waitFor(async () => {
      const { reasons, position } = await control.client.explainJob({ id }, { actor })
      const [reason] = reasons.filter(({ code }) => code !== 'NODES_UNKNOWN' && code !== 'OTHERS_FIRST')
      return reason && { ...reason, position }
    })
  }

  const vram = await reasonOf({ minVramBytes: 24 * gib })
  expect(vram).toMatchObject({ code: 'VRAM_TOO_SMALL', workers: [worker.id], position: null })
  expect(vram.message).toContain('24 GB')
  expect(await reasonOf({ labels: ['eu', 'h100'] })).toMatchObject({
    code: 'LABEL_MISSING',
    message: expect.stringContaining('h100'),
    workers: [worker.id],
  })
  expect(await reasonOf({ environment: 'b'.repeat(64) })).toMatchObject({ code: 'OTHER_ENVIRONMENT' })
})

test('places follow the fair order, and the time to wait falls as it passes', async () => {
  const worker = await control.startWorker({ pool: 'eta', automatic: false, prefetchSlots: 0 })
  const graph = sampler('eta.safetensors')
  const first = await control.submit({ pool: 'eta', workflow: graph })
  const held = await worker.waitForWork(first.id)
  await worker.begin(held)
  await worker.end(held, { timings: { executeMs: 100_000 }, usage: { gpuSeconds: 100, costMicros: 0 } })
  await control.waitForStatus(first.id, 'succeeded')
  const mine = [1, 2, 3].map((seed) =>
    control.submit({ pool: 'eta', workflow: sampler('eta.safetensors', seed) }),
  )
  const [running] = await Promise.all(mine)
  await waitFor(() => worker.held.size === 1)

  const queued = await waitFor(async () => {
    const all = await Promise.all(
      (await Promise.all(mine)).map(({ id }) => control.client.getJob({ id }, { actor })),
    )
    const byEta = all.toSorted((a, b) => (a.etaSeconds ?? 0) - (b.etaSeconds ?? 0))
    return new Set(byEta.map(({ etaSeconds }) => etaSeconds ?? 0)).size === 3 && byEta
  })
  const why = await control.client.explainJob({ id: queued.at(-1)?.id ?? '' }, { actor })

  expect(running?.estimate?.gpuSeconds).toBe(100)
  expect(queued.map(({ etaSeconds }) => Math.round((etaSeconds ?? 0) / 10) * 10)).toEqual([100, 200, 300])
  expect(why.reasons.map(({ code }) => code)).toEqual(['OTHERS_FIRST', 'ALL_BUSY'])
})

test('what is learned is a running mean, whoever adds to it', async () => {
  await using database = openDatabase({ url: control.databaseUrl, schema: 'inference' })
  const repository = new EstimatesRepository(database)
  const key = 'exact:mean'

  await repository.addRuns([{ key, runs: 1, seconds: 10 }])
  await Promise.all([
    repository.addRuns([{ key, runs: 1, seconds: 20 }]),
    repository.addRuns([{ key, runs: 1, seconds: 30 }]),
  ])
  const few = (await repository.listRuns(undefined, 1_000)).find((row) => row.key === key)
  for (let run = 0; run < 10; run++) await repository.addRuns([{ key, runs: 2, seconds: 50 }])
  const many = (await repository.listRuns(60, 1_000)).find((row) => row.key === key)

  expect(few?.runs).toBe(3)
  expect(few?.seconds).toBeCloseTo(20)
  expect(many?.seconds).toBeGreaterThan(45)
  expect(many?.seconds).toBeLessThan(50)
})

test('a job that is said to be plain is estimated as such', async () => {
  const plain = await control.submit({ pool: 'nobody', workflow: aGraph() })
  const large = await control.submit({ pool: 'nobody', workflow: sampler('flux1.safetensors') })

  expect(plain.estimate?.gpuSeconds).toBeLessThan(1)
  expect(large.estimate?.gpuSeconds).toBeGreaterThan(1)
  expect(large).toMatchObject({ rank: 0, labels: [], models: ['flux1.safetensors'] })
})
