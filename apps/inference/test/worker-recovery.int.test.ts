import { createClient } from '@easel/bus'
import { Secret } from '@easel/config'
import { worker } from '@easel/contracts'
import { parseJson } from '@easel/protocol'
import { expect, test } from 'vitest'
import { tcpProxy, throughProxy, waitFor } from '@easel/testing'
import { pictureGraph, slowGraph } from './support/graphs.ts'
import { bytesOf, startBench, workerId } from './support/worker-bench.ts'

test('a beat tells what the worker is and which nodes it has', async () => {
  await using bench = await startBench()
  await bench.readyWorker({ labels: ['fast'] })
  const beat = bench.beats.at(-1)!

  const info = await createClient(bench.bus, worker, workerId).getObjectInfo({})

  expect(beat).toMatchObject({
    id: workerId,
    ready: true,
    simulator: true,
    draining: false,
    runSlots: 1,
    prefetchSlots: 1,
    comfyVersion: '0.33.0',
    labels: ['fast'],
    objectInfoHash: info.hash,
  })
  const nodes = parseJson((await bytesOf(bench.blobs, info.blob)).toString()) as object
  expect(Object.keys(nodes)).toEqual(expect.arrayContaining(['SaveImage', 'TestSleep']))
})

test('a ComfyUI that dies in a run makes the attempt lost, and work goes on when it is back', async () => {
  await using bench = await startBench()
  await bench.readyWorker()
  const attempt = await bench.send(slowGraph())
  await waitFor(() => bench.sim.stats.prompts[0]?.startedAt !== undefined)

  const died = performance.now()
  await bench.sim.crash()
  const end = await bench.endOf(attempt)
  const tookMs = performance.now() - died
  await waitFor(() => !bench.beats.at(-1)!.ready)
  await bench.sim.restart()
  const next = await bench.run(pictureGraph())

  expect(end).toMatchObject({ result: 'lost', retryable: true, error: { code: 'COMFYUI_LOST' } })
  expect(tookMs).toBeLessThan(15_000)
  expect(next.result).toBe('succeeded')
})

test('a ComfyUI that restarts at once and forgets the prompt makes the attempt lost', async () => {
  await using bench = await startBench()
  await bench.readyWorker()
  const attempt = await bench.send(slowGraph())
  await waitFor(() => bench.sim.stats.prompts[0]?.startedAt !== undefined)

  await bench.sim.restart()

  expect(await bench.endOf(attempt)).toMatchObject({ result: 'lost', error: { code: 'COMFYUI_LOST' } })
})

test('a worker waits for its ComfyUI and needs no restart', async () => {
  await using bench = await startBench()
  await bench.sim.crash()
  await bench.startWorker()
  await waitFor(() => bench.beats.length > 0)
  const attempt = await bench.send(pictureGraph())

  expect(bench.beats.at(-1)).toMatchObject({ ready: false, objectInfoHash: null })
  await bench.sim.restart()

  expect((await bench.endOf(attempt)).result).toBe('succeeded')
})

test('a silent socket delays the end by little', async () => {
  await using bench = await startBench()
  await bench.readyWorker()
  bench.sim.inject({ kind: 'silent-socket' })

  const end = await bench.run(slowGraph({ seconds: 0.3 }))

  expect(end.result).toBe('succeeded')
  expect(end.outputs).toHaveLength(1)
})

test('a ComfyUI that takes connections and says nothing is given up', async () => {
  await using bench = await startBench()
  await using comfy = await tcpProxy({ target: bench.sim.url })
  const comfyUrl = new Secret(throughProxy(bench.sim.url, comfy))
  await bench.readyWorker({ comfyUrl, stallMs: 2_000 })
  const attempt = await bench.send(slowGraph())
  await waitFor(() => bench.sim.stats.prompts[0]?.startedAt !== undefined)

  comfy.set({ blackhole: 'both' })
  const end = await bench.endOf(attempt)
  await waitFor(() => !bench.beats.at(-1)!.ready)
  comfy.set({})
  comfy.reset()

  expect(end).toMatchObject({ result: 'lost', retryable: true, error: { code: 'COMFYUI_LOST' } })
  await waitFor(() => bench.beats.at(-1)!.ready)
})

test('the same attempt delivered twice runs once and ends once', async () => {
  await using bench = await startBench()
  await bench.readyWorker()
  const attempt = await bench.send(slowGraph({ seconds: 0.5 }))
  await bench.send(attempt.graph, attempt)
  await bench.endOf(attempt)
  await bench.send(attempt.graph, attempt)

  await bench.run(pictureGraph())

  expect(bench.ended.filter(({ jobId }) => jobId === attempt.jobId)).toHaveLength(1)
  expect(bench.sim.stats.prompts).toHaveLength(2)
})

test('a new process of the worker takes up the prompt that the old one left', async () => {
  await using bench = await startBench()
  await using nats = await tcpProxy({ target: bench.natsUrl })
  await using comfy = await tcpProxy({ target: bench.sim.url })
  const { nats: direct } = bench.config()
  const old = await bench.readyWorker({
    nats: { ...direct, url: new Secret(throughProxy(bench.natsUrl, nats)) },
    comfyUrl: new Secret(throughProxy(bench.sim.url, comfy)),
  })
  const attempt = await bench.send(slowGraph({ seconds: 17 }))
  await waitFor(() => bench.sim.stats.prompts[0]?.startedAt !== undefined)

  // As good as dead: nothing that it says arrives any more.
  for (const proxy of [nats, comfy]) proxy.set({ blackhole: 'both' })
  await bench.readyWorker()
  const end = await waitFor(() => bench.ended.find(({ jobId }) => jobId === attempt.jobId), {
    timeoutMs: 40_000,
  })

  expect(end).toMatchObject({ result: 'succeeded', outputs: [{ node: '3' }] })
  expect(bench.sim.stats.prompts).toHaveLength(1)
  for (const proxy of [nats, comfy]) proxy.set({})
  for (const proxy of [nats, comfy]) proxy.reset()
  await old[Symbol.asyncDispose]()
}, 60_000)

test('the next attempt of a job takes up the prompt of the one before', async () => {
  await using bench = await startBench()
  const first = await bench.readyWorker({ runtime: { ...bench.config().runtime, graceMs: 0 } })
  const attempt = await bench.send(pictureGraph())
  await bench.endOf(attempt)
  await first[Symbol.asyncDispose]()
  bench.beats.length = 0
  await bench.readyWorker()

  const end = await bench.run(attempt.graph, { ...attempt, attempt: 2 })

  expect(end).toMatchObject({ result: 'succeeded', attempt: 2 })
  expect(bench.sim.stats.prompts).toHaveLength(1)
})

test('short jobs are held ready in greater number', async () => {
  await using bench = await startBench({ timeScale: 0 })
  await bench.readyWorker()

  const attempts = await Promise.all(
    Array.from({ length: 60 }, (_, index) => bench.send(pictureGraph({ color: index }))),
  )
  const ends = await Promise.all(attempts.map((attempt) => bench.endOf(attempt)))

  expect(ends.every(({ result }) => result === 'succeeded')).toBe(true)
  await waitFor(() => bench.beats.at(-1)!.prefetchSlots > 4)
})
