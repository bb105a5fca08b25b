import { consumeFact } from '@easel/bus'
import { outputsMade } from '@easel/contracts'
import { factSubject } from '@easel/protocol'
import { waitFor } from '@easel/testing'
import { expect, test } from 'vitest'
import type { OutputsMade } from '@easel/contracts'
import { startTestControl } from './support/start-control.ts'

test('of two replicas one schedules, and the other takes over within five seconds', async () => {
  await using control = await startTestControl({ replicas: 0 })
  const first = await control.startReplica()
  await waitFor(() => first.leads)
  await using second = await control.startReplica()
  await control.startWorker()
  const before = await control.submit()
  await control.waitForStatus(before.id, 'succeeded')
  expect(second.leads).toBe(false)

  const stopped = performance.now()
  await first[Symbol.asyncDispose]()
  const after = await control.submit()
  await control.waitForStatus(after.id, 'succeeded')

  expect(second.leads).toBe(true)
  expect(performance.now() - stopped).toBeLessThan(20_000)
})

test('jobs survive a restart of control, wherever they were', async () => {
  await using control = await startTestControl({ replicas: 0 })
  const first = await control.startReplica()
  const worker = await control.startWorker({ automatic: false, runSlots: 2, prefetchSlots: 0 })
  const jobs = await Promise.all([control.submit(), control.submit(), control.submit()])
  const [runs, lies] = await waitFor(() => worker.held.size === 2 && [...worker.held.values()])
  if (!runs || !lies) throw new Error('Two were to be held')
  await worker.begin(runs)
  await control.waitForStatus(runs.work.jobId, 'running')

  await first[Symbol.asyncDispose]()
  await worker.end(runs)
  await using _second = await control.startReplica()
  await control.waitForStatus(runs.work.jobId, 'succeeded')
  await worker.end(lies)
  const third = jobs.find(({ id }) => id !== runs.work.jobId && id !== lies.work.jobId)
  if (!third) throw new Error('One was to wait')
  await worker.end(await worker.waitForWork(third.id))

  for (const { id } of jobs) {
    const done = await control.waitForStatus(id, 'succeeded')
    expect(done.attempts).toHaveLength(1)
  }
})

test('outputs that a stream has lost are told again when control starts', async () => {
  await using control = await startTestControl({ replicas: 0 })
  const first = await control.startReplica()
  await control.startWorker()
  const { id } = await control.submit()
  await control.waitForStatus(id, 'succeeded')
  const { bus } = control
  const last = { last_by_subj: bus.subject(factSubject(outputsMade)) }
  await waitFor(() => bus.manager.streams.getMessage(bus.stream('FACTS'), last))
  await first[Symbol.asyncDispose]()
  // As after a power cut: acknowledged, and gone.
  await bus.manager.streams.purge(bus.stream('FACTS'))

  const told: OutputsMade[] = []
  await using _gallery = await consumeFact(control.bus, {
    consumer: 'gallery',
    fact: outputsMade,
    handle: async ({ payload }) => void told.push(payload),
  })
  await using _second = await control.startReplica()

  await waitFor(() => told.length > 0)
  expect(told).toMatchObject([{ job: { id, outputs: [{ index: 0 }] } }])
})

test('two replicas bind a flood of jobs once each', async () => {
  await using control = await startTestControl({ replicas: 2 })
  await control.startWorker({ runSlots: 8 })
  await control.startWorker({ runSlots: 8 })

  const jobs = await Promise.all(Array.from({ length: 200 }, () => control.submit()))
  const done = await Promise.all(jobs.map(({ id }) => control.waitForStatus(id, 'succeeded')))

  expect(done.every(({ attempts }) => attempts.length === 1)).toBe(true)
})
