import { openSnapshots } from '@easel/bus'
import { expect, test } from 'vitest'
import { waitFor } from '@easel/testing'
import { pictureGraph, samplerGraph, slowGraph } from './support/graphs.ts'
import { startBench } from './support/worker-bench.ts'

test('progress only rises, and tells of loading and sampling', async () => {
  await using bench = await startBench({ stepMs: 60, modelLoadMs: 400 })
  await bench.readyWorker()

  const end = await bench.run(samplerGraph())

  const states = bench.live.filter(({ channel }) => channel === 'job-progress').map(({ data }) => data)
  const values = states.map(({ value }) => value as number)
  expect(values).toEqual(values.toSorted((a, b) => a - b))
  expect(values.at(-1)).toBeGreaterThan(0.5)
  // Whether it is also told while it saves depends on how long that takes.
  const phases = [...new Set(states.map(({ phase }) => phase))].filter((phase) => phase !== 'saving')
  expect(phases).toEqual(['loading-model', 'generating'])
  expect(states.find(({ steps }) => steps === 12)).toMatchObject({ node: '3', nodeClass: 'KSampler' })
  expect(states.every(({ jobId, attempt }) => jobId === end.jobId && attempt === 1)).toBe(true)
  expect(end.timings.modelLoadMs).toBeGreaterThan(300)
  expect(end.timings.executeMs).toBeGreaterThan(600)
  expect(end.usage.gpuSeconds).toBeGreaterThan(1)
})

test('previews come as frames, few and small', async () => {
  await using bench = await startBench({ stepMs: 60, modelLoadMs: 0 })
  await bench.readyWorker()

  await bench.run(samplerGraph({ steps: 20 }))

  const previews = bench.live.filter(({ channel }) => channel === 'job-preview')
  expect(previews.length).toBeGreaterThanOrEqual(2)
  expect(previews.length).toBeLessThanOrEqual(7)
  expect(previews[0]!.data).toMatchObject({ mime: 'image/jpeg', node: '3' })
  expect([...previews[0]!.bytes!.subarray(0, 2)]).toEqual([0xff, 0xd8])
})

test('who comes late finds a snapshot, until the job is over', async () => {
  await using bench = await startBench()
  await bench.readyWorker()
  const snapshots = await openSnapshots(bench.bus, 'JOBS')

  const attempt = await bench.send(slowGraph({ seconds: 1.5 }))
  const snapshot = await waitFor(() => snapshots.get(attempt.jobId))
  await bench.endOf(attempt)

  expect(snapshot).toMatchObject({ jobId: attempt.jobId, attempt: 1, phase: 'generating', node: '2' })
  await waitFor(async () => (await snapshots.get(attempt.jobId)) === undefined)
})

test('the start of an attempt is told once', async () => {
  await using bench = await startBench()
  await bench.readyWorker()

  const { jobId } = await bench.run(pictureGraph())

  await waitFor(() => bench.started.length > 0)
  expect(bench.started).toMatchObject([{ jobId, attempt: 1, worker: 'w1' }])
})
