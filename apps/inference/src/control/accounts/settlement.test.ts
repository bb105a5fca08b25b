import { expect, test } from 'vitest'
import { draftOf } from '../jobs/job-draft.ts'
import { advance } from '../jobs/job-machine.ts'
import type { JobEvent, JobState } from '../jobs/job-machine.ts'
import type { Attempt, AttemptResultDetails, Job } from '../jobs/job.ts'
import { settlementOf } from './settlement.ts'

const at = new Date('2026-12-01T00:00:05.000Z')

const job = (changes: Partial<Job> = {}): Job => ({
  ...draftOf({
    id: 'job',
    kind: 'workflow',
    name: null,
    priority: 1,
    rank: 0,
    pool: 'default',
    spaceId: 'space',
    createdBy: 'user',
    sessionId: null,
    workflowId: null,
    workflowVersion: null,
    retryOf: null,
    webhookUrl: null,
    models: [],
    loras: [],
    missingModels: null,
    modelFiles: null,
    signature: null,
    estimate: 10,
    estimateMicros: 1_000,
    labels: [],
    environment: null,
    minVram: null,
    reservedSeconds: 10,
    reservedMicros: 1_000,
    idempotencyHash: null,
    graph: '{}',
    extra: null,
    inputs: '[]',
    classes: [],
    idempotencyKey: null,
    expiresInSeconds: null,
  }),
  createdAt: new Date('2026-11-30T23:59:59.000Z'),
  ...changes,
})

const attempt = (changes: Partial<Attempt> = {}): Attempt => ({
  jobId: 'job',
  number: 1,
  workerId: 'w',
  incarnation: 'i',
  state: 'running',
  death: false,
  boundAt: at,
  startedAt: at,
  endedAt: null,
  gpuSeconds: 0,
  warm: null,
  error: null,
  ...changes,
})

const ended = (result: AttemptResultDetails['result'], number = 1): JobEvent => ({
  type: 'ended',
  attempt: number,
  worker: 'w',
  end: {
    result,
    outputs: [],
    warnings: [],
    timings: {},
    usage: { gpuSeconds: 4, costMicros: 400 },
    error: null,
    retryable: false,
  },
})

const running: JobState = { job: job({ status: 'running', attempt: 1 }), attempts: [attempt()] }

function settled(state: JobState, ...events: JobEvent[]) {
  const end = events.reduce<JobState>((last, event) => advance(last, event, at), state)
  return settlementOf([state.job], new Map([[end.job.id, end.job]]))
}

const lost: JobEvent = { type: 'lost', attempt: 1, death: false, error: { code: 'X', message: 'x' } }

test('a success is charged what it took, in the day and month of its submit', () => {
  const used = { gpuSeconds: 4, costMicros: 400, reservedSeconds: -10, reservedMicros: -1_000, jobs: 1 }

  expect(settled(running, ended('succeeded'))).toEqual([
    { scope: 'space', subject: 'space', period: 'day', startsOn: '2026-11-30', ...used },
    { scope: 'space', subject: 'space', period: 'month', startsOn: '2026-11-01', ...used },
    { scope: 'user', subject: 'user', period: 'day', startsOn: '2026-11-30', ...used },
    { scope: 'user', subject: 'user', period: 'month', startsOn: '2026-11-01', ...used },
  ])
})

test('what its user has stopped is charged what it had used', () => {
  const [change] = settled(running, { type: 'cancel' }, ended('canceled'))

  expect(change).toMatchObject({ gpuSeconds: 4, costMicros: 400, reservedSeconds: -10, jobs: 1 })
})

test.each<[string, JobState, JobEvent[]]>([
  ['failed', running, [ended('failed')]],
  ['canceled before it began', { job: job(), attempts: [] }, [{ type: 'cancel' }]],
  ['expired', { job: job({ expiresAt: at }), attempts: [] }, [{ type: 'expire' }]],
  ['canceled and its worker lost', running, [{ type: 'cancel' }, lost]],
  [
    'poison',
    { ...running, attempts: [attempt({ number: 0, state: 'lost', death: true }), attempt()] },
    [ended('lost')],
  ],
])('a job that %s gives all back and is charged nothing', (_name, state, events) => {
  const [change] = settled(state, ...events)

  expect(change).toMatchObject({ gpuSeconds: 0, costMicros: 0, reservedSeconds: -10, reservedMicros: -1_000 })
})

test('what has not ended changes nothing, and a lost attempt is nobody’s to pay', () => {
  expect(settled(running, lost)).toEqual([])

  const [change] = settled(running, lost, ended('succeeded'))
  expect(change).toMatchObject({ gpuSeconds: 4, jobs: 1 })
})

test('an end counts once, whatever comes after it', () => {
  const [change] = settled(running, ended('succeeded'), ended('succeeded'), { type: 'cancel' })
  expect(change).toMatchObject({ gpuSeconds: 4, reservedSeconds: -10, jobs: 1 })

  const done = { ...running, job: { ...running.job, status: 'succeeded' as const } }
  expect(settled(done, ended('succeeded'))).toEqual([])
})

test('jobs of one space and day become one change', () => {
  const jobs = ['a', 'b', 'c'].map((id) => job({ id, status: 'running' }))
  const after = jobs.map((each): Job => ({ ...each, status: 'succeeded', chargedSeconds: 0.5 }))

  const changes = settlementOf(jobs, new Map(after.map((each) => [each.id, each])))

  expect(changes).toHaveLength(4)
  expect(changes[0]).toMatchObject({ gpuSeconds: 1.5, reservedSeconds: -30, jobs: 3 })
})
