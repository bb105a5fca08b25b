import { createClient } from '@easel/bus'
import { worker } from '@easel/contracts'
import { newId } from '@easel/protocol'
import { expect, test } from 'vitest'
import { waitFor } from '@easel/testing'
import { pictureGraph, slowGraph } from './support/graphs.ts'
import { startBench, workerId } from './support/worker-bench.ts'

test('a running attempt is canceled within a second, and its prompt is interrupted', async () => {
  await using bench = await startBench()
  await bench.readyWorker()
  const attempt = await bench.send(slowGraph())
  await waitFor(() => bench.sim.stats.prompts[0]?.startedAt !== undefined)

  const asked = performance.now()
  await bench.cancel(attempt)
  await bench.cancel(attempt)
  const end = await bench.endOf(attempt)

  expect(performance.now() - asked).toBeLessThan(5_000)
  expect(end).toMatchObject({ result: 'canceled', retryable: false, outputs: [] })
  await waitFor(() => bench.sim.stats.prompts[0]!.endedAt !== undefined)
  expect((await bench.run(pictureGraph())).result).toBe('succeeded')
  expect(bench.ended.filter(({ jobId }) => jobId === attempt.jobId)).toHaveLength(1)
})

test('a waiting attempt is canceled without touching the one that runs', async () => {
  await using bench = await startBench()
  await bench.readyWorker()
  const running = await bench.send(slowGraph({ seconds: 4 }))
  await waitFor(() => bench.sim.stats.prompts[0]?.startedAt !== undefined)
  const waiting = await bench.send(pictureGraph())
  await waitFor(() => bench.beats.at(-1)!.attempts.length === 2)

  await bench.cancel(waiting)

  expect((await bench.endOf(waiting)).result).toBe('canceled')
  expect((await bench.endOf(running)).result).toBe('succeeded')
  expect(bench.sim.stats.prompts).toHaveLength(1)
})

test('a cancel that comes before its attempt is remembered', async () => {
  await using bench = await startBench()
  await bench.readyWorker()
  const jobId = newId()

  await createClient(bench.bus, worker, workerId).cancel({ jobId, attempt: 1 })
  await bench.send(pictureGraph(), { jobId })

  expect((await bench.endOf({ jobId })).result).toBe('canceled')
  expect(bench.sim.stats.prompts).toHaveLength(0)
})

test('an attempt that the ledger has given up is stopped, and nothing is said of it', async () => {
  await using bench = await startBench()
  await bench.readyWorker()
  const attempt = await bench.send(slowGraph())
  await waitFor(() => bench.sim.stats.prompts[0]?.startedAt !== undefined)

  bench.reply.drop = [{ jobId: attempt.jobId, attempt: 1 }]
  await waitFor(() => bench.sim.stats.prompts[0]!.endedAt !== undefined)
  bench.reply.drop = []
  await waitFor(() => bench.beats.at(-1)!.attempts.length === 0)

  expect((await bench.run(pictureGraph())).result).toBe('succeeded')
  expect(bench.ended.filter(({ jobId }) => jobId === attempt.jobId)).toHaveLength(0)
})

test('a drain lets the running one end and gives the waiting one back', async () => {
  await using bench = await startBench()
  const started = await bench.readyWorker()
  const running = await bench.send(slowGraph({ seconds: 4 }))
  await waitFor(() => bench.sim.stats.prompts[0]?.startedAt !== undefined)
  const waiting = await bench.send(pictureGraph())
  await waitFor(() => bench.beats.at(-1)!.attempts.length === 2)

  await createClient(bench.bus, worker, workerId).drain({})
  const back = await bench.endOf(waiting)
  await started.drain()

  expect(back).toMatchObject({ result: 'lost', retryable: true, error: { code: 'HANDED_BACK' } })
  expect((await bench.endOf(running)).result).toBe('succeeded')
  expect(bench.beats.at(-1)!.draining).toBe(true)
  expect(await bench.run(pictureGraph())).toMatchObject({ result: 'lost', retryable: true })
})

test('a drained worker goes on when it is told to, or hears that nobody wishes the drain any more', async () => {
  await using bench = await startBench()
  const started = await bench.readyWorker()
  const calls = createClient(bench.bus, worker, workerId)
  const isDraining = (draining: boolean) => waitFor(() => bench.beats.at(-1)!.draining === draining)

  await calls.drain({})
  await isDraining(true)
  await calls.resume({})
  await isDraining(false)
  expect((await bench.run(pictureGraph())).result).toBe('succeeded')

  // Neither call arrives: the replies to its beats say it.
  bench.reply = { drop: [], drain: true }
  await isDraining(true)
  bench.reply = { drop: [], drain: false }
  await isDraining(false)

  await started.drain()
  await calls.resume({})
  await waitFor(() => bench.beats.length)
  expect(bench.beats.at(-1)!.draining).toBe(true)
})

test('a stop hands back what does not end in the time of grace', async () => {
  await using bench = await startBench()
  const runtime = { ...bench.config().runtime, graceMs: 3_500 }
  const started = await bench.readyWorker({ runtime })
  const attempt = await bench.send(slowGraph())
  await waitFor(() => bench.sim.stats.prompts[0]?.startedAt !== undefined)

  await started[Symbol.asyncDispose]()

  expect(await bench.endOf(attempt)).toMatchObject({ result: 'lost', retryable: true })
  await waitFor(() => bench.sim.stats.prompts[0]!.endedAt !== undefined)
})
