import { publishFact, sendWork } from '@easel/bus'
import { attemptEnded, attemptStarted } from '@easel/contracts'
import { openDatabase } from '@easel/database'
import { waitFor } from '@easel/testing'
import { expect, test } from 'vitest'
import { startTestControl, user } from './support/start-control.ts'
import { anEnd } from './support/test-worker.ts'

const actor = user

test('a job whose worker dies runs again elsewhere within two seconds', async () => {
  await using control = await startTestControl()
  const first = await control.startWorker({ automatic: false, prefetchSlots: 0 })
  const { id } = await control.submit()
  await first.begin(await first.waitForWork(id))
  await control.waitForStatus(id, 'running')
  const second = await control.startWorker({ automatic: false })

  const died = performance.now()
  await first.die()
  const again = await second.waitForWork(id)

  // Silence alone would take six seconds.
  expect(performance.now() - died).toBeLessThan(5_500)
  expect(again.work.attempt).toBe(2)
  await second.end(again)
  const done = await control.waitForStatus(id, 'succeeded')
  expect(done.attempts).toMatchObject([
    { number: 1, state: 'lost', worker: first.id, error: { code: 'WORKER_LOST' } },
    { number: 2, state: 'succeeded', worker: second.id },
  ])
})

test('a job that kills two workers ends as poison, with its history', async () => {
  await using control = await startTestControl()
  const { id } = await control.submit()
  for (let deaths = 0; deaths < 2; deaths++) {
    const worker = await control.startWorker({ automatic: false })
    await worker.begin(await worker.waitForWork(id))
    await control.waitForStatus(id, 'running')
    await worker.die()
  }
  const ended = await control.waitForStatus(id, 'failed')

  expect(ended.error?.code).toBe('POISON')
  expect(ended.attempts).toMatchObject([{ state: 'lost' }, { state: 'lost' }])
})

test('another process under the same name takes over, and what the old one held runs again', async () => {
  await using control = await startTestControl()
  const old = await control.startWorker({ id: 'gpu-1', automatic: false })
  const { id } = await control.submit()
  await old.begin(await old.waitForWork(id))
  await control.waitForStatus(id, 'running')

  await old.die()
  const fresh = await control.startWorker({ id: 'gpu-1', automatic: false })
  const again = await fresh.waitForWork(id)

  expect(again.work.attempt).toBe(2)
  await fresh.end(again)
  await control.waitForStatus(id, 'succeeded')
})

test('a worker that hangs is given up after its silence, and its late result counts only if it is first', async () => {
  await using control = await startTestControl()
  const zombie = await control.startWorker({ automatic: false })
  const { id } = await control.submit()
  const held = await zombie.waitForWork(id)
  await zombie.begin(held)
  await control.waitForStatus(id, 'running')
  const second = await control.startWorker({ automatic: false })

  zombie.freeze()
  const again = await waitFor(() => [...second.held.values()].find(({ work }) => work.jobId === id), {
    timeoutMs: 15_000,
  })
  await second.begin(again)
  await second.end(again)
  const done = await control.waitForStatus(id, 'succeeded')
  const other = anEnd(held.work, zombie.id, { usage: { gpuSeconds: 99, costMicros: 0 } })
  await publishFact(control.bus, attemptEnded, { id: `${id}:1:end`, payload: other })
  zombie.thaw()

  await waitFor(() => zombie.dropped.length > 0, { describe: 'the zombie to be told' })
  const after = await control.client.getJob({ id }, { actor })
  expect(after).toEqual(done)
})

test('facts that come twice and in the wrong order have one effect', async () => {
  await using control = await startTestControl()
  const worker = await control.startWorker({ automatic: false })
  const { id } = await control.submit()
  const { work } = await worker.waitForWork(id)
  const startedAt = new Date().toISOString()
  const start = { jobId: id, attempt: 1, worker: worker.id, startedAt }
  const end = anEnd(work, worker.id)

  await publishFact(control.bus, attemptEnded, { id: 'end-1', payload: end })
  await publishFact(control.bus, attemptStarted, { id: 'start-1', payload: start })
  const done = await control.waitForStatus(id, 'succeeded')
  await publishFact(control.bus, attemptEnded, { id: 'end-2', payload: { ...end, result: 'failed' } })
  await publishFact(control.bus, attemptStarted, { id: 'start-2', payload: start })
  // One that is settled after these tells that they have been read.
  const next = await control.submit()
  await worker.end(await worker.waitForWork(next.id))
  await control.waitForStatus(next.id, 'succeeded')

  expect(await control.client.getJob({ id }, { actor })).toEqual(done)
})

test('a fact that cannot be told to the ledger does not hold up the others', async () => {
  await using control = await startTestControl()
  const worker = await control.startWorker({ automatic: false, runSlots: 2 })
  const [odd, plain] = await Promise.all([control.submit(), control.submit()])

  await worker.end(await worker.waitForWork(odd.id), {
    result: 'failed',
    error: { code: 'NODE_FAILED', message: 'NUL \0 and half \uD800' },
  })
  await worker.end(await worker.waitForWork(plain.id))

  await control.waitForStatus(plain.id, 'succeeded')
  const failed = await control.waitForStatus(odd.id, 'failed')
  expect(failed.error?.message).toBe('NUL \uFFFD and half \uFFFD')
})

test('a ComfyUI that died is left alone until its worker says that it is back', async () => {
  await using control = await startTestControl()
  const worker = await control.startWorker({ automatic: false })
  const { id } = await control.submit()
  const held = await worker.waitForWork(id)
  await worker.begin(held)

  worker.ready = false
  const error = { code: 'COMFYUI_LOST', message: 'gone' }
  await worker.end(held, { result: 'lost', retryable: true, error, outputs: [] })
  await waitFor(async () => {
    const { attempts } = await control.client.getJob({ id }, { actor })
    return attempts[0]?.state === 'lost'
  })
  const why = await control.client.explainJob({ id }, { actor })
  worker.ready = true
  const again = await worker.waitForWork(id)

  expect(why.reasons).toMatchObject([{ code: 'NOT_READY' }])
  expect(again.work.attempt).toBe(2)
})

test('who gives up a worker and who hears of the end of its ComfyUI do not wait for each other', async () => {
  await using control = await startTestControl()
  const worker = await control.startWorker({ id: 'gpu-1', automatic: false })
  const { id } = await control.submit()
  const held = await worker.waitForWork(id)
  await worker.begin(held)
  await control.waitForStatus(id, 'running')
  await using database = openDatabase({ url: control.databaseUrl, schema: 'inference' })
  // The beats of the worker wait for its row, too.
  const waiting = `select 1 from pg_stat_activity where datname = current_database()
    and wait_event_type = 'Lock' and query like '%workers%' and query not like '%insert into workers%'`

  await database.transact(async (giveUp) => {
    await giveUp.query(`update workers set ready = false where id = 'gpu-1'`)
    const error = { code: 'COMFYUI_LOST', message: 'It is gone' }
    await worker.end(held, { result: 'lost', retryable: true, error })
    await waitFor(async () => (await database.query(waiting)).rowCount)

    // As giving up does next; whoever waits for the worker must not hold its job.
    await giveUp.query('select 1 from jobs where id = $1 for update nowait', [id])
  })

  const again = await control.waitForStatus(id, 'queued')
  expect(again.attempts).toMatchObject([{ state: 'lost', worker: 'gpu-1' }])
})

test('a job that is bound to a worker just when that is given up runs elsewhere', async () => {
  await using control = await startTestControl()
  const gone = await control.startWorker({ automatic: false, listens: false })
  const { id } = await control.submit()
  await gone.waitForWork(id)
  await gone.die()
  // As when the scheduler commits right after who gave the worker up.
  await using database = openDatabase({ url: control.databaseUrl, schema: 'inference' })
  await database.query('update workers set lost_at = now(), ready = false where id = $1', [gone.id])

  await control.startWorker()

  const done = await control.waitForStatus(id, 'succeeded')
  expect(done.attempts).toMatchObject([{ state: 'lost', worker: gone.id }, { state: 'succeeded' }])
})

test('a message that vanished from the inbox is sent again', async () => {
  await using control = await startTestControl()
  const worker = await control.startWorker({ automatic: false })
  const { id } = await control.submit()
  const held = await worker.waitForWork(id)

  await held.item.done()
  worker.held.clear()
  const again = await worker.waitForWork(id)

  expect(again.work.attempt).toBe(1)
  await worker.end(again)
  await control.waitForStatus(id, 'succeeded')
})

test('a worker at something that the ledger does not give it is told to drop it', async () => {
  await using control = await startTestControl()
  const worker = await control.startWorker({ automatic: false })
  const { id } = await control.submit()
  const held = await worker.waitForWork(id)
  await worker.end(held)
  await control.waitForStatus(id, 'succeeded')

  await sendWork(control.bus, worker.id, { id: 'stale', payload: { ...held.work, attempt: 7 } })

  await waitFor(() => worker.dropped.length > 0)
  expect(worker.dropped).toContainEqual({ jobId: id, attempt: 7 })
})

test('a worker that drains gets nothing more until it is resumed', async () => {
  await using control = await startTestControl()
  const worker = await control.startWorker({ automatic: false })
  const admin = { ...user, role: 'admin' as const }

  await expect(control.client.drainWorker({ id: worker.id }, { actor })).rejects.toMatchObject({
    code: 'forbidden',
  })
  await control.client.drainWorker({ id: worker.id }, { actor: admin })
  const { id } = await control.submit()
  const why = await waitFor(async () => {
    const { reasons } = await control.client.explainJob({ id }, { actor })
    return reasons[0]?.code === 'DRAINING' && reasons
  })

  expect(why).toHaveLength(1)
  expect(worker.drainAsked).toBe(true)
  expect((await control.client.listWorkers({}, { actor })).items).toMatchObject([{ state: 'draining' }])

  await expect(control.client.resumeWorker({ id: worker.id }, { actor })).rejects.toMatchObject({
    code: 'forbidden',
  })
  await expect(control.client.resumeWorker({ id: 'nobody' }, { actor: admin })).rejects.toMatchObject({
    reason: 'WORKER_NOT_FOUND',
  })
  await control.client.resumeWorker({ id: worker.id }, { actor: admin })
  await worker.waitForWork(id)
  await waitFor(() => !worker.drainAsked)
})
