import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitFor } from '@easel/testing'
import { startTestControl, user, type TestControl } from './support/start-control.ts'

const actor = user
let control: TestControl
beforeAll(async () => {
  control = await startTestControl()
})
afterAll(() => control[Symbol.asyncDispose]())

test('a job that waits is canceled at once, and a second cancel changes nothing', async () => {
  const { id } = await control.submit({ pool: 'nobody' })

  const canceled = await control.client.cancelJob({ id }, { actor })
  const again = await control.client.cancelJob({ id }, { actor })

  expect(canceled).toMatchObject({ status: 'canceled', attempts: [] })
  expect(again.finishedAt).toBe(canceled.finishedAt)
})

test('a job in an inbox is canceled at once, and leaves the inbox', async () => {
  const worker = await control.startWorker({ pool: 'inbox', automatic: false })
  const { id } = await control.submit({ pool: 'inbox' })
  await worker.waitForWork(id)

  const canceled = await control.client.cancelJob({ id }, { actor })

  expect(canceled).toMatchObject({ status: 'canceled', attempts: [{ state: 'canceled' }] })
  await waitFor(() => worker.held.size === 0)
})

test('a running job is canceling until its worker has stopped it', async () => {
  const worker = await control.startWorker({ pool: 'running', automatic: false })
  const { id } = await control.submit({ pool: 'running' })
  await worker.begin(await worker.waitForWork(id))
  await control.waitForStatus(id, 'running')

  const answer = await control.client.cancelJob({ id }, { actor })
  const ended = await control.waitForStatus(id, 'canceled')

  expect(answer.status).toBe('canceling')
  expect(ended).toMatchObject({ outputs: [], attempts: [{ state: 'canceled' }] })
  expect(worker.canceled).toContainEqual({ jobId: id, attempt: 1 })
})

test('a result that comes after the cancel was answered no longer counts', async () => {
  const worker = await control.startWorker({ pool: 'race', automatic: false, listens: false })
  const { id } = await control.submit({ pool: 'race' })
  const held = await worker.waitForWork(id)
  await worker.begin(held)
  await control.waitForStatus(id, 'running')

  await control.client.cancelJob({ id }, { actor })
  await worker.end(held)
  const ended = await control.waitForStatus(id, 'canceled', 'succeeded')

  expect(ended).toMatchObject({ status: 'canceled', outputs: [] })
})

test('a cancel after the end changes nothing', async () => {
  await control.startWorker({ pool: 'late' })
  const { id } = await control.submit({ pool: 'late' })
  const done = await control.waitForStatus(id, 'succeeded')

  const answer = await control.client.cancelJob({ id }, { actor })

  expect(answer).toMatchObject({ status: 'succeeded', finishedAt: done.finishedAt })
})

test('cancels that race with the end have one winner', async () => {
  const worker = await control.startWorker({ pool: 'many', automatic: false, runSlots: 20 })
  const jobs = await Promise.all(Array.from({ length: 20 }, () => control.submit({ pool: 'many' })))
  const held = await Promise.all(jobs.map(({ id }) => worker.waitForWork(id)))
  await Promise.all(held.map((each) => worker.begin(each)))
  await Promise.all(jobs.map(({ id }) => control.waitForStatus(id, 'running')))

  await Promise.all([
    ...held.map((each) => worker.end(each)),
    ...jobs.map(({ id }) => control.client.cancelJob({ id }, { actor })),
  ])
  const ended = await Promise.all(jobs.map(({ id }) => control.waitForStatus(id, 'succeeded', 'canceled')))

  for (const job of ended) {
    expect(job.outputs).toHaveLength(job.status === 'succeeded' ? 1 : 0)
    expect(job.attempts).toHaveLength(1)
    expect(job.attempts[0]?.state).toBe(job.status)
  }
})

test('a job that has not started in time expires', async () => {
  const { id } = await control.submit({ pool: 'nobody', expiresInSeconds: 1 })

  const expired = await control.waitForStatus(id, 'expired')

  expect(expired).toMatchObject({ error: null, outputs: [] })
})
