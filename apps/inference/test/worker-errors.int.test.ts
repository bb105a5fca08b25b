import { expect, test } from 'vitest'
import { waitFor } from '@easel/testing'
import { newId } from '@easel/protocol'
import type { GraphJson } from '@easel/contracts'
import { AttemptFacts } from '../src/worker/attempt-facts.ts'
import { pictureGraph, samplerGraph, slowGraph } from './support/graphs.ts'
import { startBench } from './support/worker-bench.ts'

test('a graph that ComfyUI refuses fails with the path of each fault', async () => {
  await using bench = await startBench()
  await bench.readyWorker()
  const graph = pictureGraph()
  graph['1']!.inputs.width = 'wide'

  const end = await bench.run(graph)

  expect(end).toMatchObject({
    result: 'failed',
    retryable: false,
    outputs: [],
    error: { code: 'GRAPH_INVALID', nodeErrors: [{ path: 'workflow.1.inputs.width' }] },
  })
})

test('a class that ComfyUI does not have is named', async () => {
  await using bench = await startBench()
  await bench.readyWorker()

  const end = await bench.run({ ...pictureGraph(), '9': { class_type: 'NoSuchNode', inputs: {} } })

  expect(end.error).toMatchObject({ code: 'GRAPH_INVALID' })
  expect(end.error!.nodeErrors![0]!.message).toContain('NoSuchNode')
})

test('outputs that ComfyUI leaves out are warned of, the others come', async () => {
  await using bench = await startBench()
  await bench.readyWorker()
  const graph: GraphJson = {
    ...pictureGraph(),
    '7': { class_type: 'SaveImage', inputs: { filename_prefix: 'test/nothing' } },
  }

  const end = await bench.run(graph)

  expect(end).toMatchObject({ result: 'succeeded', outputs: [{ node: '4' }] })
  expect(end.warnings[0]).toMatchObject({ path: 'workflow.7' })
  expect(end.warnings[0]!.message).toContain('images')
})

test('a node that raises fails the job with its words', async () => {
  await using bench = await startBench()
  await bench.readyWorker()
  const graph = slowGraph()
  graph['2'] = { class_type: 'TestSyncError', inputs: { value: ['1', 0] } }

  const end = await bench.run(graph)

  expect(end).toMatchObject({
    result: 'failed',
    retryable: false,
    error: { code: 'NODE_FAILED', node: '2', nodeClass: 'TestSyncError' },
  })
  expect(end.error!.message).toContain('Intentional sync execution error')
  expect(end.error!.traceback!.length).toBeGreaterThan(0)
})

test('an out of memory may be tried again, after ComfyUI was told to free its own', async () => {
  await using bench = await startBench({ timeScale: 0 })
  await bench.readyWorker()
  await bench.run(samplerGraph())
  const { vramFree, vramTotal } = await waitFor(() =>
    bench.beats.find((beat) => beat.vramFree! < beat.vramTotal!),
  )
  bench.sim.inject({ kind: 'oom', classType: 'EmptyImage' })

  const end = await bench.run(pictureGraph())

  expect(vramFree).toBeLessThan(vramTotal!)
  expect(end).toMatchObject({
    result: 'failed',
    retryable: true,
    error: { code: 'OUT_OF_MEMORY', node: '1' },
  })
  await waitFor(() => bench.beats.at(-1)!.vramFree === vramTotal, { describe: 'free memory' })
})

test('a run that gives nothing fails', async () => {
  await using bench = await startBench()
  await bench.readyWorker()
  const graph = slowGraph()
  graph['2'] = {
    class_type: 'TestExecutionBlocker',
    inputs: { input: ['1', 0], block: true, verbose: false },
  }

  const end = await bench.run(graph)

  expect(end).toMatchObject({ result: 'failed', retryable: false, error: { code: 'NO_OUTPUT' } })
})

test('what takes longer than it may is stopped', async () => {
  await using bench = await startBench()
  await bench.readyWorker()

  const end = await bench.run(slowGraph(), { timeoutSeconds: 0.5 })

  expect(end).toMatchObject({ result: 'failed', retryable: false, error: { code: 'TIMEOUT' } })
  expect((await bench.run(pictureGraph())).result).toBe('succeeded')
})

test('a ComfyUI that cannot be interrupted gets no more work until it has come back', async () => {
  await using bench = await startBench()
  await bench.readyWorker()
  bench.sim.inject({ kind: 'hang', classType: 'EmptyImage' })

  const end = await bench.run(pictureGraph(), { timeoutSeconds: 0.5 })
  await waitFor(() => bench.beats.at(-1)!.ready === false, { describe: 'a beat that is not ready' })
  await bench.sim.restart()

  expect(end.error).toMatchObject({ code: 'TIMEOUT' })
  expect((await bench.run(pictureGraph({ color: 3 }))).result).toBe('succeeded')
  await waitFor(() => bench.beats.at(-1)!.ready)
})

test('an end that is too large for a message is told as a failure', async () => {
  await using bench = await startBench()
  const jobId = newId()
  const warnings = [{ path: 'workflow', message: 'x'.repeat(9 * 2 ** 20) }]
  const usage = { gpuSeconds: 1, costMicros: 0 }

  const told = await new AttemptFacts(bench.bus, 'w1').ended({
    jobId,
    attempt: 1,
    result: 'succeeded',
    outputs: [],
    warnings,
    timings: {},
    usage,
    retryable: false,
  })

  expect(told).toBe(true)
  expect(await bench.endOf({ jobId })).toMatchObject({
    result: 'failed',
    error: { code: 'RESULT_TOO_LARGE' },
    usage,
  })
})
