import { expect, test } from 'vitest'
import { startComfySim, type FailureKind } from '../src/index.ts'
import { eventually, TestClient } from './support/client.ts'

const graph = (color: number) => ({
  1: { class_type: 'EmptyImage', inputs: { width: 8, height: 8, batch_size: 1, color } },
  2: { class_type: 'ImageInvert', inputs: { image: ['1', 0] } },
  3: { class_type: 'PreviewImage', inputs: { images: ['2', 0] } },
})

test.for<[FailureKind, string]>([
  ['oom', 'torch.OutOfMemoryError'],
  ['error', 'RuntimeError'],
])('%s fails the prompt at the named node, and only once', async ([kind, type]) => {
  await using sim = await startComfySim({ failures: [{ kind, classType: 'ImageInvert' }] })
  await using client = await TestClient.connect(sim)

  await client.ended(await client.submit(graph(1)))
  const { data } = await client.heard('execution_error')
  await client.ended(await client.submit(graph(1)))

  expect(data).toMatchObject({ node_id: '2', node_type: 'ImageInvert', exception_type: type })
  expect(sim.stats.prompts.map(({ status }) => status)).toEqual(['error', 'success'])
})

test('a rule can name the n-th prompt', async () => {
  await using sim = await startComfySim({ failures: [{ kind: 'error', prompt: 2 }] })
  await using client = await TestClient.connect(sim)

  for (const color of [1, 2, 3]) await client.ended(await client.submit(graph(color)))

  expect(sim.stats.prompts.map(({ status }) => status)).toEqual(['success', 'error', 'success'])
})

test('a rule with a chance strikes when the draw is below it', async () => {
  const draws = [0.9, 0.05, 0.1, 0.2]
  const options = { failures: [{ kind: 'error', chance: 0.1, times: Infinity } as const] }
  await using sim = await startComfySim({ ...options, random: () => draws.shift()! })
  await using client = await TestClient.connect(sim)

  for (const color of [1, 2, 3, 4]) await client.ended(await client.submit(graph(color)))

  expect(sim.stats.prompts.map(({ status }) => status)).toEqual(['success', 'error', 'success', 'success'])
})

test('a crash cuts every connection and forgets the queue; the same port answers after the restart', async () => {
  await using sim = await startComfySim({ failures: [{ kind: 'crash', classType: 'ImageInvert' }] })
  await using client = await TestClient.connect(sim)

  const id = await client.submit(graph(1))
  await eventually(() => client.closed)
  await expect(fetch(`${sim.url}/queue`)).rejects.toThrow('fetch failed')
  await sim.restart()

  await using again = await TestClient.connect(sim)
  expect(await again.get(`/history/${id}`)).toEqual({})
  expect(await again.get('/queue')).toEqual({ queue_running: [], queue_pending: [] })
  await again.ended(await again.submit(graph(2)))
})

test('a crash can bring its own restart', async () => {
  await using sim = await startComfySim({ failures: [{ kind: 'crash', restartAfterMs: 20 }] })
  await using client = await TestClient.connect(sim)

  await client.submit(graph(1))

  await eventually(() => client.closed)
  await eventually(() => sim.stats.restarts === 1)
  expect((await fetch(`${sim.url}/queue`)).ok).toBe(true)
})

test('a hanging node outlives an interrupt and ends with a restart', async () => {
  await using sim = await startComfySim()
  sim.inject({ kind: 'hang', classType: 'ImageInvert' })
  await using client = await TestClient.connect(sim)

  const id = await client.submit(graph(1))
  await client.heard('executing', 2)
  await client.post('/interrupt', {})

  const { queue_running: running } = await client.get<{ queue_running: unknown[][] }>('/queue')
  expect(running[0]![1]).toBe(id)
  await sim.restart()
  await using again = await TestClient.connect(sim)
  expect(await again.get('/queue')).toEqual({ queue_running: [], queue_pending: [] })
})

test('a dropped socket does not stop the run', async () => {
  await using sim = await startComfySim({ failures: [{ kind: 'drop-socket', classType: 'ImageInvert' }] })
  await using client = await TestClient.connect(sim)

  const id = await client.submit(graph(1))

  await eventually(async () => Object.keys(await client.get<object>(`/history/${id}`)).length === 1)
  expect(client.closed).toBe(true)
})

test('a silent socket stays open and says nothing more', async () => {
  await using sim = await startComfySim({ failures: [{ kind: 'silent-socket', classType: 'ImageInvert' }] })
  await using client = await TestClient.connect(sim)

  const id = await client.submit(graph(1))

  await eventually(async () => Object.keys(await client.get<object>(`/history/${id}`)).length === 1)
  expect(client.closed).toBe(false)
  expect(client.messages.some(({ type }) => type === 'execution_success')).toBe(false)
})
