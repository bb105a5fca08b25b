import { describe, expect, test } from 'vitest'
import { advance } from './job-machine.ts'
import type { JobEvent, JobState, Step } from './job-machine.ts'
import type { Attempt, AttemptResultDetails, Job } from './job.ts'

const t0 = new Date('2026-11-20T10:00:00.000Z')
const after = (ms: number) => new Date(t0.getTime() + ms)
const at = after(5_000)

function aJob(changes: Partial<Job> = {}): Job {
  return {
    id: '01930000-0000-7000-8000-000000000001',
    seq: '1',
    kind: 'workflow',
    name: null,
    status: 'queued',
    priority: 1,
    rank: 0,
    models: [],
    loras: [],
    missingModels: null,
    modelFiles: null,
    signature: null,
    estimate: 1,
    estimateMicros: 0,
    labels: [],
    environment: null,
    minVram: null,
    pool: 'default',
    spaceId: '01930000-0000-7000-8000-000000000002',
    createdBy: '01930000-0000-7000-8000-000000000003',
    sessionId: null,
    workflowId: null,
    workflowVersion: null,
    retryOf: null,
    webhookUrl: null,
    idempotencyHash: null,
    attempt: 0,
    workerId: null,
    avoid: [],
    outputs: [],
    warnings: [],
    timings: {},
    error: null,
    gpuSeconds: 0,
    costMicros: 0,
    reservedSeconds: 0,
    reservedMicros: 0,
    chargedSeconds: 0,
    chargedMicros: 0,
    createdAt: t0,
    boundAt: null,
    startedAt: null,
    finishedAt: null,
    expiresAt: null,
    ...changes,
  }
}

function anAttempt(number: number, changes: Partial<Attempt> = {}): Attempt {
  return {
    jobId: '01930000-0000-7000-8000-000000000001',
    number,
    workerId: `w${number}`,
    incarnation: '01930000-0000-7000-8000-000000000009',
    state: 'bound',
    death: false,
    boundAt: after(1_000),
    startedAt: null,
    endedAt: null,
    gpuSeconds: 0,
    warm: null,
    error: null,
    ...changes,
  }
}

const waiting: JobState = { job: aJob(), attempts: [] }
const bound: JobState = {
  job: aJob({ attempt: 1, workerId: 'w1', boundAt: after(1_000) }),
  attempts: [anAttempt(1)],
}
const running: JobState = {
  job: aJob({
    status: 'running',
    attempt: 1,
    workerId: 'w1',
    boundAt: after(1_000),
    startedAt: after(2_000),
  }),
  attempts: [anAttempt(1, { state: 'running', startedAt: after(2_000) })],
}
const canceling: JobState = { ...running, job: { ...running.job, status: 'canceling' } }

const started = (attempt: number): JobEvent => ({
  type: 'started',
  attempt,
  worker: `w${attempt}`,
})
const cancel: JobEvent = { type: 'cancel' }
const expire: JobEvent = { type: 'expire' }
const lost = (attempt: number, death = true): JobEvent => ({
  type: 'lost',
  attempt,
  death,
  error: { code: 'WORKER_LOST', message: 'gone' },
})
function ended(attempt: number, changes: Partial<AttemptResultDetails> = {}): JobEvent {
  const end: AttemptResultDetails = {
    result: 'succeeded',
    outputs: [],
    warnings: [],
    timings: { inputsMs: 100, modelLoadMs: 200, executeMs: 1_000, saveMs: 50 },
    usage: { gpuSeconds: 1.5, costMicros: 7 },
    error: null,
    retryable: false,
    ...changes,
  }
  return { type: 'ended', attempt, worker: `w${attempt}`, end }
}
const failed = (attempt: number, code: string, retryable = false) =>
  ended(attempt, { result: 'failed', error: { code, message: 'no' }, retryable })
const died = (attempt: number) =>
  ended(attempt, { result: 'lost', error: { code: 'COMFYUI_LOST', message: 'gone' }, retryable: true })

function happen(state: JobState, ...events: JobEvent[]): Step {
  return events.reduce<Step>((now, event) => advance(now, event, at), state)
}

/** As the scheduler binds: the next attempt, on a worker of the same number. */
function rebound({ job, attempts }: JobState): JobState {
  const number = job.attempt + 1
  return {
    job: { ...job, attempt: number, workerId: `w${number}`, boundAt: after(3_000) },
    attempts: [...attempts, anAttempt(number)],
  }
}

const terminal = happen(running, ended(1))

const statesBefore = { waiting, bound, running, canceling, terminal }
const events = {
  started: started(1),
  succeeded: ended(1),
  failed: failed(1, 'NODE_FAILED'),
  canceled: ended(1, { result: 'canceled' }),
  died: died(1),
  lost: lost(1),
  cancel,
}

/** What becomes of each state by each event: `-` is "nothing changes". */
const table: Record<keyof typeof statesBefore, Record<keyof typeof events, string>> = {
  waiting: {
    started: '-',
    succeeded: '-',
    failed: '-',
    canceled: '-',
    died: '-',
    lost: '-',
    cancel: 'canceled',
  },
  bound: {
    started: 'running',
    succeeded: 'succeeded',
    failed: 'failed',
    canceled: 'canceled',
    died: 'queued',
    lost: 'queued',
    cancel: 'canceled',
  },
  running: {
    started: '-',
    succeeded: 'succeeded',
    failed: 'failed',
    canceled: 'canceled',
    died: 'queued',
    lost: 'queued',
    cancel: 'canceling',
  },
  canceling: {
    started: '-',
    succeeded: 'canceled',
    failed: 'canceled',
    canceled: 'canceled',
    died: 'canceled',
    lost: 'canceled',
    cancel: '-',
  },
  terminal: { started: '-', succeeded: '-', failed: '-', canceled: '-', died: '-', lost: '-', cancel: '-' },
}

describe('each state and each event', () => {
  const rows = Object.entries(table).flatMap(([state, row]) =>
    Object.entries(row).map(([event, expected]) => [state, event, expected] as const),
  )

  test.each(rows)('%s, then %s: %s', (stateName, eventName, expected) => {
    const before = statesBefore[stateName as keyof typeof statesBefore]
    const event = events[eventName as keyof typeof events]

    const once = advance(before, event, at)
    const twice = advance(once, event, at)

    if (expected === '-') expect([once.job, once.event]).toEqual([before.job, undefined])
    else expect([once.job.status, once.event]).toEqual([expected, `job.${expected}`])
    expect(twice.job, 'a second delivery changes nothing').toEqual(once.job)
    expect(twice.event).toBeUndefined()
  })
})

test('what a worker says of the attempt of another one changes nothing', () => {
  const events: JobEvent[] = [started(1), ended(1), failed(1, 'NODE_FAILED'), died(1)]

  for (const event of events) {
    expect(advance(running, { ...event, worker: 'w2' } as JobEvent, at)).toEqual(running)
    expect(advance(bound, { ...event, worker: 'w2' } as JobEvent, at)).toEqual(bound)
  }
})

test('a job is accounted for to the millisecond', () => {
  const { job } = happen(running, ended(1))

  expect(job).toMatchObject({ gpuSeconds: 1.5, costMicros: 7, finishedAt: at, workerId: null })
  expect(job.timings).toEqual({
    queuedMs: 1_000,
    bindMs: 2_650,
    inputsMs: 100,
    modelLoadMs: 200,
    executeMs: 1_000,
    saveMs: 50,
    totalMs: 5_000,
  })
})

test('an end that overtakes its start settles the job, and the late start changes nothing', () => {
  const { job, event, attempts } = happen(bound, ended(1), started(1))

  expect(job.status).toBe('succeeded')
  expect(event).toBeUndefined()
  expect(attempts).toMatchObject([{ state: 'succeeded' }])
})

test('a lost job waits at its old place, and other workers come first', () => {
  const { job, attempts } = happen(running, lost(1))

  expect(job).toMatchObject({ status: 'queued', seq: '1', workerId: null, startedAt: null, avoid: ['w1'] })
  expect(attempts).toMatchObject([{ state: 'lost', death: true, error: { code: 'WORKER_LOST' } }])
})

test('a zombie that succeeds first wins, and the newer attempt is stopped', () => {
  const second = rebound(happen(running, lost(1)))

  const step = happen(second, ended(1))

  expect(step.job.status).toBe('succeeded')
  expect(step.attempts).toMatchObject([
    { number: 1, state: 'succeeded', death: false },
    { number: 2, state: 'canceled' },
  ])
  expect(step.stop).toMatchObject({ number: 2 })
})

test('a zombie that comes second changes nothing', () => {
  const second = happen(rebound(happen(running, lost(1))), started(2), ended(2))

  const late = happen(second, ended(1))

  expect(late.job).toEqual(second.job)
  expect(late.attempts).toEqual(second.attempts)
})

test('a failure of a lost attempt does not end the job that runs again', () => {
  const second = rebound(happen(running, lost(1)))

  expect(happen(second, failed(1, 'NODE_FAILED')).job).toEqual(second.job)
  expect(happen(second, died(1)).job).toEqual(second.job)
})

test('a worker that begins what it no longer holds is told to stop', () => {
  const second = rebound(happen(bound, lost(1)))

  const step = happen(second, started(1))

  expect(step.job).toEqual(second.job)
  expect(step.stop).toMatchObject({ number: 1, workerId: 'w1' })
})

test('a job that kills two workers is poison', () => {
  const second = happen(rebound(happen(running, lost(1))), started(2))

  const step = happen(second, died(2))

  expect(step).toMatchObject({ event: 'job.failed', job: { status: 'failed', error: { code: 'POISON' } } })
  expect(step.attempts).toMatchObject([{ death: true }, { death: true }])
})

test('a worker that dies with a job in its inbox says nothing against the job', () => {
  let state: JobState = waiting
  for (const number of [1, 2, 3]) state = happen(rebound(state), lost(number))

  expect(state.job.status).toBe('queued')
  expect(state.attempts.every(({ death }) => !death)).toBe(true)
})

test('three attempts that started and were lost without a death are enough', () => {
  let state: JobState = waiting
  for (const number of [1, 2, 3]) state = happen(rebound(state), started(number), lost(number, false))

  expect(state.job).toMatchObject({ status: 'failed', error: { code: 'POISON' } })
})

test('a worker that hands work back in good order costs the job nothing', () => {
  const back = (attempt: number) =>
    ended(attempt, { result: 'lost', error: { code: 'HANDED_BACK', message: '' }, retryable: true })
  let state: JobState = waiting
  for (const number of [1, 2, 3, 4]) state = happen(rebound(state), started(number), back(number))

  expect(state.job.status).toBe('queued')
})

test('a job that never gets anywhere ends after ten attempts', () => {
  let state: JobState = waiting
  for (let number = 1; number <= 10; number++) state = happen(rebound(state), lost(number))

  expect(state.job).toMatchObject({ status: 'failed', error: { code: 'POISON' } })
})

test('out of memory is tried once more, and then told', () => {
  const once = happen(running, failed(1, 'OUT_OF_MEMORY', true))
  const twice = happen(rebound(once), started(2), failed(2, 'OUT_OF_MEMORY', true))

  expect(once.job.status).toBe('queued')
  expect(twice.job).toMatchObject({ status: 'failed', error: { code: 'OUT_OF_MEMORY' } })
})

test('an error of the user is never tried again', () => {
  const { job, attempts } = happen(running, failed(1, 'NODE_FAILED'))

  expect(job).toMatchObject({ status: 'failed', error: { code: 'NODE_FAILED' } })
  expect(attempts).toHaveLength(1)
})

test('a job canceled in a worker’s inbox is canceled at once, and the worker is told', () => {
  const step = happen(bound, cancel)

  expect(step).toMatchObject({ job: { status: 'canceled' }, stop: { number: 1 } })
  expect(step.attempts).toMatchObject([{ state: 'canceled' }])
})

test('once canceling was answered, a success no longer counts', () => {
  const { job } = happen(running, cancel, ended(1))

  expect(job).toMatchObject({ status: 'canceled', outputs: [], gpuSeconds: 1.5 })
})

test('a job expires while it waits, also in an inbox, but not once it runs', () => {
  const due = { expiresAt: after(4_000) }
  const withDue = (state: JobState): JobState => ({ ...state, job: { ...state.job, ...due } })

  expect(happen(withDue(waiting), expire).job.status).toBe('expired')
  expect(happen(withDue(bound), expire)).toMatchObject({ job: { status: 'expired' }, stop: { number: 1 } })
  expect(happen(withDue(running), expire).event).toBeUndefined()
  expect(happen(waiting, expire).event).toBeUndefined()
})
