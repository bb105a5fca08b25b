import { waitFor } from '@easel/testing'
import { expect, test } from 'vitest'
import type { GraphJson } from '@easel/contracts'
import type { Actor } from '@easel/protocol'
import { samplerGraph } from './support/graphs.ts'
import { anActor, startTestControl } from './support/start-control.ts'
import type { TestControl } from './support/start-control.ts'

const oneByOne = { automatic: false, prefetchSlots: 0 }

test('a user with one job does not wait behind the forty of another', async () => {
  await using control = await startTestControl()
  const [heavy, light] = [anActor(), anActor()]
  await submitMany(control, heavy, { count: 40 })
  const [only] = await submitMany(control, light)
  const worker = await control.startWorker({ prefetchSlots: 0 })

  await control.waitForStatus(only ?? '', 'succeeded')

  expect(worker.received.findIndex(({ jobId }) => jobId === only)).toBeLessThan(3)
})

test('the rank orders the jobs of one user, and passes nobody else', async () => {
  await using control = await startTestControl()
  const [loud, quiet] = [anActor(), anActor()]
  const [first] = await submitMany(control, loud)
  const [second] = await submitMany(control, loud, { rank: 10 })
  const [third] = await submitMany(control, quiet)
  const worker = await control.startWorker({ prefetchSlots: 0 })

  await control.waitForStatus(first ?? '', 'succeeded')

  const order = worker.received.map(({ jobId }) => jobId)
  expect(order.indexOf(second ?? '')).toBeLessThan(order.indexOf(first ?? ''))
  expect(order.indexOf(third ?? '')).toBeLessThan(2)
})

test('what a job took is held against its user, also by the replica that takes over', async () => {
  await using control = await startTestControl({ replicas: 0 })
  const [greedy, modest] = [anActor(), anActor()]
  const first = await control.startReplica()
  const worker = await control.startWorker(oneByOne)
  const [long] = await submitMany(control, greedy)
  const held = await worker.waitForWork(long ?? '')
  await submitMany(control, greedy, { count: 5 })
  await submitMany(control, modest, { count: 5 })
  await worker.begin(held)
  await worker.end(held, { usage: { gpuSeconds: 3_600, costMicros: 0 } })
  await waitFor(() => worker.held.size > 0)

  await first[Symbol.asyncDispose]()
  await using _second = await control.startReplica()
  for (let count = 0; count < 6; count++) await endNext(worker)

  const users = worker.received.slice(1).map(({ createdBy }) => createdBy)
  // One of the greedy user's may have been bound before the long one's end was known.
  expect(users.slice(0, 6).filter((id) => id === modest.userId)).toHaveLength(5)
})

test('no more of a space run at once than it may, and others pass it', async () => {
  await using control = await startTestControl()
  const [capped, other] = [anActor(), anActor()]
  const admin = anActor('admin')
  await control.client.setLimits(
    { scope: 'space', id: capped.personalSpaceId, limits: { maxRunning: 1 } },
    { actor: admin },
  )
  const [a, b] = await submitMany(control, capped, { count: 2 })
  const [c] = await submitMany(control, other)
  const worker = await control.startWorker({ automatic: false, runSlots: 4, prefetchSlots: 0 })

  const held = await worker.waitForWork(a ?? '')
  await worker.waitForWork(c ?? '')
  expect(worker.received).toHaveLength(2)
  await worker.begin(held)
  await worker.end(held)

  await worker.waitForWork(b ?? '')
})

test('a job goes to the worker that was given its model before', async () => {
  await using control = await startTestControl()
  const workers = [
    await control.startWorker({ prefetchSlots: 0 }),
    await control.startWorker({ prefetchSlots: 0 }),
  ]
  const models = ['first.safetensors', 'second.safetensors']

  const served: { model: string; workerId: string | undefined }[] = []
  for (const model of [...models, ...models, ...models]) {
    const { id } = await control.submit({ workflow: graphWith(model) })
    const { attempts } = await control.waitForStatus(id, 'succeeded')
    served.push({ model, workerId: attempts[0]?.worker })
  }

  const byModel = Map.groupBy(served, ({ model }) => model)
  const usedBy = [...byModel.values()].map((runs) => new Set(runs.map(({ workerId }) => workerId)).size)
  expect(usedBy).toEqual([1, 1])
  expect(workers.map(({ received }) => received.length)).toEqual([3, 3])
})

async function submitMany(
  control: TestControl,
  actor: Actor,
  { count = 1, ...input }: { count?: number; rank?: number } = {},
): Promise<string[]> {
  const ids: string[] = []
  for (let i = 0; i < count; i++) {
    const { id } = await control.submit({ spaceId: actor.personalSpaceId, ...input }, { actor })
    ids.push(id)
  }
  return ids
}

async function endNext(worker: Awaited<ReturnType<TestControl['startWorker']>>): Promise<void> {
  const held = await waitFor(() => [...worker.held.values()][0])
  await worker.begin(held)
  await worker.end(held)
}

function graphWith(model: string): GraphJson {
  return JSON.parse(
    JSON.stringify(samplerGraph()).replaceAll(/"[^"]*\.safetensors"/g, JSON.stringify(model)),
  ) as GraphJson
}
