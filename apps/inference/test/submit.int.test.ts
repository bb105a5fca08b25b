import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestControl, type TestControl } from './support/start-control.ts'

let control: TestControl
beforeAll(async () => {
  control = await startTestControl()
})
afterAll(() => control[Symbol.asyncDispose]())

test('a submitted job runs on a worker and succeeds', async () => {
  await control.startWorker()

  const job = await control.submit()
  const done = await control.waitForStatus(job.id, 'succeeded', 'failed')

  expect(job.status).toBe('queued')
  expect(done).toMatchObject({ status: 'succeeded', error: null, usage: { gpuSeconds: 0.5 } })
  expect(done.outputs).toMatchObject([{ index: 0, kind: 'image' }])
  expect(done.attempts).toMatchObject([{ number: 1, state: 'succeeded' }])
})
