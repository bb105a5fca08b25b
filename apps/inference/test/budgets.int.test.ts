import { publishFact } from '@easel/bus'
import { attemptEnded } from '@easel/contracts'
import { createMetrics } from '@easel/observability'
import { newId } from '@easel/protocol'
import { waitFor } from '@easel/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AccountKeeper } from '../src/control/accounts/account-keeper.ts'
import { ControlStore } from '../src/control/control.store.ts'
import { ControlMetrics } from '../src/control/metrics.ts'
import { admin, expectLedgerToAddUp, ledgerOf, limit, ofSpace, ofUser, usageOf } from './support/accounts.ts'
import { aGraph, anActor, startTestControl } from './support/start-control.ts'
import { anEnd } from './support/test-worker.ts'
import type { AttemptEnded, JobView } from '@easel/contracts'
import type { Actor } from '@easel/protocol'
import type { TestControl } from './support/start-control.ts'
import type { TestWorker } from './support/test-worker.ts'

let control: TestControl
/** What a test's job will probably take: the prior, for none of its kind has run in the pool. */
let estimate: number
beforeAll(async () => {
  control = await startTestControl({ replicas: 2 })
  estimate = (await submit(anActor())).estimate?.gpuSeconds ?? 0
  expect(estimate).toBeGreaterThan(0)
})
afterAll(() => control[Symbol.asyncDispose]())

const submit = (actor: Actor, input: { idempotencyKey?: string; pool?: string } = {}): Promise<JobView> =>
  control.submit({ pool: 'nobody', ...input }, { actor, timeoutMs: 20_000 })

const usage = (gpuSeconds: number, costMicros = 0) => ({ usage: { gpuSeconds, costMicros } })

/** A job at a worker, begun. */
async function running(actor: Actor, changes: { die?: boolean } = {}) {
  const pool = `p-${newId().slice(-8)}`
  const worker = await control.startWorker({ pool, automatic: false, listens: !changes.die })
  const job = await submit(actor, { pool })
  const held = await worker.waitForWork(job.id)
  await worker.begin(held)
  await control.waitForStatus(job.id, 'running')
  return { worker, job, held }
}

async function endOf(
  { worker, job, held }: { worker: TestWorker; job: JobView; held: Parameters<TestWorker['end']>[0] },
  result: Partial<AttemptEnded>,
): Promise<JobView> {
  await worker.end(held, result)
  return control.waitForStatus(job.id, 'succeeded', 'failed', 'canceled')
}

test('of 50 submits at once against a budget for 10, on two replicas, 10 are accepted', async () => {
  const actor = anActor()
  await limit(control, ofSpace(actor), { gpuSecondsPerDay: estimate * 10 })

  const results = await Promise.allSettled(Array.from({ length: 50 }, () => submit(actor)))

  const refused = results.filter(({ status }) => status === 'rejected')
  expect(refused).toHaveLength(40)
  for (const result of refused) {
    expect(result).toMatchObject({ reason: { code: 'exhausted', extra: { reason: 'QUOTA_EXCEEDED' } } })
  }
  expect(await usageOf(control, ofSpace(actor))).toMatchObject({ gpuSeconds: 0, jobs: 0 })
  expect((await usageOf(control, ofSpace(actor))).reservedGpuSeconds).toBeCloseTo(estimate * 10, 6)
  await expectLedgerToAddUp(control)
})

test('the refusal says which limit, what of it is used, and when it frees', async () => {
  const actor = anActor()
  await limit(control, ofUser(actor), {
    gpuSecondsPerMonth: estimate * 1.5,
    gpuSecondsPerDay: estimate * 1.2,
  })
  await submit(actor)

  const refused = submit(actor)

  // The month's, for the day's end would not help.
  await expect(refused).rejects.toMatchObject({
    code: 'exhausted',
    message: expect.stringMatching(/^The user .* may use .* GPU-seconds a month\. .* A new month begins at/),
    extra: {
      reason: 'QUOTA_EXCEEDED',
      retryAfterMs: expect.any(Number),
      details: {
        limit: 'gpuSecondsPerMonth',
        scope: 'user',
        id: actor.userId,
        used: 0,
        reserved: estimate,
        asked: estimate,
        alone: false,
        freesAt: expect.stringMatching(/-01T00:00:00.000Z$/),
      },
    },
  })
})

test('a job that is larger than the whole budget is told so', async () => {
  const actor = anActor()
  await limit(control, ofUser(actor), { gpuSecondsPerDay: estimate / 2 })

  await expect(submit(actor)).rejects.toMatchObject({
    message: expect.stringContaining('This job alone'),
    extra: { details: { alone: true } },
  })
  expect(await usageOf(control, ofUser(actor))).toMatchObject({ reservedGpuSeconds: 0 })
})

test('a success is charged what it took, and the rest is free again', async () => {
  const actor = anActor()
  await limit(control, ofSpace(actor), { gpuSecondsPerDay: estimate + 1_000 })
  const run = await running(actor)
  expect(await usageOf(control, ofSpace(actor))).toMatchObject({ reservedGpuSeconds: estimate })

  await endOf(run, usage(3.5, 700))

  const expected = { gpuSeconds: 3.5, costMicros: 700, reservedGpuSeconds: 0, jobs: 1 }
  expect(await usageOf(control, ofSpace(actor))).toMatchObject(expected)
  expect(await usageOf(control, ofUser(actor))).toMatchObject(expected)
  await expectLedgerToAddUp(control)
})

test('usage is counted without any limit, and nothing is held back', async () => {
  const actor = anActor()
  const run = await running(actor)
  expect(await usageOf(control, ofSpace(actor))).toMatchObject({ reservedGpuSeconds: 0 })

  await endOf(run, usage(2))

  expect(await usageOf(control, ofUser(actor))).toMatchObject({ gpuSeconds: 2, jobs: 1 })
})

test('money is a budget of its own', async () => {
  const actor = anActor()
  await limit(control, ofUser(actor), { costMicrosPerDay: 1_000_000 })
  await endOf(await running(actor), usage(1, 1_000_000))
  // As of a pool whose workers cost something.
  await limit(control, ofUser(actor), { costMicrosPerDay: 999_999 })

  await expect(submit(actor)).rejects.toMatchObject({
    code: 'exhausted',
    message: expect.stringContaining('$1.00 are used'),
    extra: { reason: 'BUDGET_EXCEEDED', details: { limit: 'costMicrosPerDay', used: 1_000_000 } },
  })
})

test('a job that is canceled in the queue gives all back', async () => {
  const actor = anActor()
  await limit(control, ofUser(actor), { gpuSecondsPerDay: estimate })
  const { id } = await submit(actor)
  await expect(submit(actor)).rejects.toMatchObject({ code: 'exhausted' })

  await control.client.cancelJob({ id }, { actor })

  await submit(actor)
  expect(await usageOf(control, ofUser(actor))).toMatchObject({ gpuSeconds: 0, jobs: 1 })
  await expectLedgerToAddUp(control)
})

test('a running job that its user cancels is charged what it had used', async () => {
  const actor = anActor()
  await limit(control, ofUser(actor), { gpuSecondsPerDay: 1_000 })
  const run = await running(actor, { die: true })

  await control.client.cancelJob({ id: run.job.id }, { actor })
  await endOf(run, { result: 'canceled', outputs: [], ...usage(1.25) })

  const total = await usageOf(control, ofUser(actor))
  expect(total).toMatchObject({ gpuSeconds: 1.25, reservedGpuSeconds: 0, jobs: 1 })
})

test('a failure is charged nothing', async () => {
  const actor = anActor()
  await limit(control, ofUser(actor), { gpuSecondsPerDay: 1_000 })
  const error = { code: 'NODE_FAILED', message: 'no' }

  await endOf(await running(actor), { result: 'failed', outputs: [], error, ...usage(7) })

  const total = await usageOf(control, ofUser(actor))
  expect(total).toMatchObject({ gpuSeconds: 0, reservedGpuSeconds: 0, jobs: 1 })
  await expectLedgerToAddUp(control)
})

test('a job that expires gives all back', async () => {
  const actor = anActor()
  await limit(control, ofUser(actor), { gpuSecondsPerDay: 1_000 })

  const { id } = await control.submit({ pool: 'nobody', expiresInSeconds: 1 }, { actor })
  await control.waitForStatus(id, 'expired')

  const total = await usageOf(control, ofUser(actor))
  expect(total).toMatchObject({ gpuSeconds: 0, reservedGpuSeconds: 0, jobs: 1 })
})

test('a success that comes after the loss is charged once', async () => {
  const actor = anActor()
  await limit(control, ofUser(actor), { gpuSecondsPerDay: 1_000 })
  const { worker, job, held } = await running(actor, { die: true })
  await worker.die()
  await waitFor(async () => (await control.client.getJob({ id: job.id }, { actor })).status === 'queued', {
    timeoutMs: 15_000,
  })
  expect(await usageOf(control, ofUser(actor))).toMatchObject({ gpuSeconds: 0, reservedGpuSeconds: estimate })

  const payload = anEnd(held.work, worker.id, usage(4))
  await publishFact(control.bus, attemptEnded, { id: newId(), payload })
  await publishFact(control.bus, attemptEnded, { id: newId(), payload })
  await control.waitForStatus(job.id, 'succeeded')
  await endOf(await running(actor), usage(1))

  const total = await usageOf(control, ofUser(actor))
  expect(total).toMatchObject({ gpuSeconds: 5, reservedGpuSeconds: 0, jobs: 2 })
  await expectLedgerToAddUp(control)
})

test('a job counts in the day in which it was submitted, whenever it ends', async () => {
  const actor = anActor()
  await limit(control, ofUser(actor), { gpuSecondsPerDay: 1_000 })
  const run = await running(actor)
  await using database = ledgerOf(control)
  await database.query(`update jobs set created_at = '2026-01-31T23:59:59.900Z' where id = $1`, [run.job.id])
  await database.query(
    `update usage_totals set starts_on = case period when 'day' then date '2026-01-31' else date '2026-01-01' end
     where subject = any($1::uuid[])`,
    [[actor.userId, actor.personalSpaceId]],
  )

  await endOf(run, usage(3))

  const { rows } = await database.query(
    `select period, starts_on::text as "startsOn", gpu_seconds as used, reserved_seconds as reserved
     from usage_totals where subject = $1 order by 1`,
    [actor.userId],
  )
  expect(rows).toEqual([
    { period: 'day', startsOn: '2026-01-31', used: 3, reserved: 0 },
    { period: 'month', startsOn: '2026-01-01', used: 3, reserved: 0 },
  ])
})

test('a connection that dies between the reservation and the job takes both with it', async () => {
  const actor = anActor()
  await limit(control, ofUser(actor), { gpuSecondsPerDay: 1_000 })
  await using database = ledgerOf(control)
  // The reservation is made, and the insert waits for this lock.
  const killed = await database.transact(async (tx) => {
    await tx.query('lock table jobs in share row exclusive mode')
    const refused = submit(actor).catch((cause: unknown) => cause)
    const pid = await waitFor(async () => {
      const { rows } = await database.query<{ pid: number }>(
        `select pid from pg_stat_activity where wait_event_type = 'Lock' and query like '%insert into jobs%'`,
      )
      return rows[0]?.pid
    })
    await database.query('select pg_terminate_backend($1)', [pid])
    expect(await refused).toMatchObject({ code: 'unavailable' })
    return pid
  })

  expect(killed).toBeGreaterThan(0)
  expect(await usageOf(control, ofUser(actor))).toMatchObject({ reservedGpuSeconds: 0 })
  await submit(actor)
  await expectLedgerToAddUp(control)
})

test('a repeat with the same key holds nothing back twice, and is answered though the budget is spent', async () => {
  const actor = anActor()
  await limit(control, ofUser(actor), { gpuSecondsPerDay: estimate })
  const idempotencyKey = newId()

  const jobs = await Promise.all(Array.from({ length: 10 }, () => submit(actor, { idempotencyKey })))

  expect(new Set(jobs.map(({ id }) => id)).size).toBe(1)
  expect(await usageOf(control, ofUser(actor))).toMatchObject({ reservedGpuSeconds: estimate })
})

test('budgets of two users of one space are their own, the space’s is for both', async () => {
  const one = anActor()
  const two: Actor = { ...anActor(), spaces: { [one.personalSpaceId]: 'editor' } }
  const spaceId = one.personalSpaceId
  await limit(control, ofUser(one), { gpuSecondsPerDay: estimate })
  await limit(control, ofSpace(one), { gpuSecondsPerDay: estimate * 2 })
  const inSpace = (actor: Actor) => control.submit({ pool: 'nobody', spaceId }, { actor })

  await inSpace(one)
  await expect(inSpace(one)).rejects.toMatchObject({ extra: { details: { scope: 'user' } } })
  await inSpace(two)
  await expect(inSpace(two)).rejects.toMatchObject({ extra: { details: { scope: 'space', id: spaceId } } })
})

test('jobs that have not ended are limited, also when many come at once', async () => {
  const actor = anActor()
  await limit(control, ofUser(actor), { maxOpen: 7 })

  const results = await Promise.allSettled(Array.from({ length: 30 }, () => submit(actor)))

  const accepted = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  expect(accepted).toHaveLength(7)
  expect(results.find(({ status }) => status === 'rejected')).toMatchObject({
    reason: { extra: { reason: 'QUOTA_EXCEEDED', details: { limit: 'maxOpen', allowed: 7 } } },
  })
  await control.client.cancelJob({ id: accepted[0]?.id ?? '' }, { actor })
  await submit(actor)
  const report = await control.client.getUsage(ofUser(actor), { actor })
  expect(report).toMatchObject({ open: 7, running: 0, limits: { maxOpen: 7 } })
})

test('a retry is reserved for like a submit', async () => {
  const actor = anActor()
  await limit(control, ofUser(actor), { gpuSecondsPerDay: estimate })
  const { id } = await submit(actor)
  await control.client.cancelJob({ id }, { actor })
  await submit(actor)

  await expect(control.client.retryJob({ id }, { actor })).rejects.toMatchObject({
    extra: { reason: 'QUOTA_EXCEEDED' },
  })
})

test('reservations that do not fit the open jobs are mended', async () => {
  await using own = await startTestControl()
  const actor = anActor()
  await limit(own, ofUser(actor), { gpuSecondsPerDay: 10_000 })
  await own.submit({ pool: 'nobody', workflow: aGraph() }, { actor })
  await using database = ledgerOf(own)
  await database.query('update usage_totals set reserved_seconds = reserved_seconds + 50')

  const metrics = new ControlMetrics(createMetrics('test', { process: false }))
  const keeper = new AccountKeeper(new ControlStore(database, metrics, () => {}), own.bus.log)

  expect(await keeper.mend()).toBe(4)
  expect(await keeper.mend()).toBe(0)
  expect((await usageOf(own, ofUser(actor))).reservedGpuSeconds).toBeLessThan(50)
  await expectLedgerToAddUp(own)
})

test('admins have budgets, too', async () => {
  await limit(control, ofUser(admin), { gpuSecondsPerDay: 0 })

  await expect(submit(admin)).rejects.toMatchObject({ extra: { reason: 'QUOTA_EXCEEDED' } })
})
