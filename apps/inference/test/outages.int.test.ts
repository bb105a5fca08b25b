import { waitFor } from '@easel/testing'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { startTestControl, user } from './support/start-control.ts'

const actor = user
/** Longer than a worker may be silent. */
const outageMs = 7_000

test('while the database is away calls fail clearly, and afterwards every job ends once', async () => {
  await using control = await startTestControl()
  const worker = await control.startWorker({ automatic: false, runSlots: 4 })
  const jobs = await Promise.all(Array.from({ length: 4 }, () => control.submit()))
  const held = await Promise.all(jobs.map(({ id }) => worker.waitForWork(id)))
  await Promise.all(held.map((each) => worker.begin(each)))
  await Promise.all(jobs.map(({ id }) => control.waitForStatus(id, 'running')))

  control.lines.database.set({ refuse: true })
  control.lines.database.reset()
  await expect(control.submit({}, { actor, timeoutMs: 4_000 })).rejects.toMatchObject({
    code: 'unavailable',
  })
  await Promise.all(held.map((each) => worker.end(each)))
  await delay(outageMs)
  control.lines.database.set({})
  const done = await Promise.all(jobs.map(({ id }) => control.waitForStatus(id, 'succeeded')))

  expect(done.every(({ attempts }) => attempts.length === 1)).toBe(true)
  const next = await control.submit()
  await worker.end(await worker.waitForWork(next.id))
  await control.waitForStatus(next.id, 'succeeded')
})

test('when control has been cut off from the bus it takes no worker for lost', async () => {
  await using control = await startTestControl()
  const worker = await control.startWorker({ automatic: false, prefetchSlots: 0 })
  const { id } = await control.submit()
  const held = await worker.waitForWork(id)
  await worker.begin(held)
  await control.waitForStatus(id, 'running')

  control.lines.nats.set({ refuse: true })
  control.lines.nats.reset()
  await delay(outageMs)
  control.lines.nats.set({})
  const shown = await waitFor(
    () => control.client.getJob({ id }, { actor, timeoutMs: 1_000 }).catch(() => undefined),
    { timeoutMs: 15_000 },
  )

  expect(shown).toMatchObject({ status: 'running', attempts: [{ state: 'running' }] })
  await worker.end(held)
  const done = await control.waitForStatus(id, 'succeeded')
  expect(done.attempts).toHaveLength(1)
})
