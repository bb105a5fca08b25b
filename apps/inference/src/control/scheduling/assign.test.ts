import { expect, test } from 'vitest'
import { aCandidate, aPlace, aSeat, known } from '../../../test/support/scheduling-samples.ts'
import { assign, freeByPool } from './assign.ts'
import { exclude } from './filter.ts'
import type { Candidate } from './snapshot.ts'
import type { Seat } from './warm/seat.ts'

const loadMs = 10_000
const rules = { known, loads: { loadMs: () => loadMs }, window: 10, quantum: 20 }

/** Which worker gets which job. */
function given(jobs: readonly Candidate[], seats: readonly Seat[], changes: Partial<typeof rules> = {}) {
  return assign(jobs, seats, { ...rules, ...changes }).picks.map(({ job, seat }) => [job.id, seat.id])
}

const aJob = (id: string, model?: string, changes: Partial<Candidate> = {}): Candidate =>
  aCandidate({ id, models: model === undefined ? [] : [model], ...changes })

test('a worker that fits is not excluded', () => {
  expect(exclude(aCandidate(), aPlace(), known)).toBeUndefined()
})

test.each([
  ['OTHER_POOL', { pool: 'big' }],
  ['LOST', { lost: true }],
  ['SILENT', { silentMs: 5_000 }],
  ['DRAINING', { draining: true }],
  ['NOT_READY', { ready: false }],
  ['NODES_UNKNOWN', { definitions: 'other' }],
  ['ALL_BUSY', { open: 2 }],
] as const)('%s excludes a worker', (reason, changes) => {
  expect(exclude(aCandidate(), aPlace(changes), known)).toBe(reason)
})

test('a worker without a node class of the job is excluded', () => {
  expect(exclude(aCandidate({ classes: ['Unknown'] }), aPlace(), known)).toBe('NODE_CLASS_MISSING')
})

test('a worker that tells no definitions takes any job', () => {
  expect(exclude(aCandidate({ classes: ['Unknown'] }), aPlace({ definitions: null }), known)).toBeUndefined()
})

test('jobs are given out in their order, over the emptiest workers, until the slots are taken', () => {
  const jobs = ['a', 'b', 'c', 'd', 'e'].map((id) => aJob(id))
  const seats = [aSeat({ id: 'w1' }), aSeat({ id: 'w2' })]

  expect(given(jobs, seats)).toEqual([
    ['a', 'w1'],
    ['b', 'w2'],
    ['c', 'w1'],
    ['d', 'w2'],
  ])
})

test('a job that nobody can take does not hold up those behind it', () => {
  expect(given([aJob('a', undefined, { classes: ['Unknown'] }), aJob('b')], [aSeat()])).toEqual([['b', 'w1']])
})

test('a worker that the job failed on comes last, but before none', () => {
  const jobs = [aJob('a', undefined, { avoid: ['w1'] }), aJob('b', undefined, { avoid: ['w1'] })]
  const seats = [aSeat(), aSeat({ id: 'w2', prefetchSlots: 0 })]

  expect(given(jobs, seats)).toEqual([
    ['a', 'w2'],
    ['b', 'w1'],
  ])
})

test('the snapshot stays as it was', () => {
  const seats = [aSeat()]

  assign([aJob('a', 'm')], seats, rules)

  expect(seats).toEqual([aSeat()])
})

test('a job goes to the worker that holds its models', () => {
  const seats = [aSeat({ id: 'w1', holds: ['x'] }), aSeat({ id: 'w2', holds: ['m'] })]

  expect(given([aJob('a', 'm')], seats)).toEqual([['a', 'w2']])
})

test('within its quantum a worker takes a job of the window that needs no loading before the head', () => {
  const busy = aSeat({ holds: ['m'], open: 1, servedMs: 39 * loadMs })

  expect(given([aJob('head', 'x'), aJob('b', 'm')], [busy])).toEqual([['b', 'w1']])
})

test('after its quantum a worker serves the head', () => {
  const busy = aSeat({ holds: ['m'], open: 1, servedMs: 40 * loadMs })

  expect(given([aJob('head', 'x'), aJob('b', 'm')], [busy])).toEqual([['head', 'w1']])
})

test('a job beyond the window is not taken before its turn', () => {
  const busy = aSeat({ holds: ['m'], open: 1 })
  const others = Array.from({ length: 10 }, (_, i) => aJob(`o${i}`, 'x'))

  expect(given([...others, aJob('b', 'm')], [busy])).toEqual([['o0', 'w1']])
})

test('of the jobs that need no loading, one with the LoRAs that are in place comes first', () => {
  const busy = aSeat({ holds: ['m'], loras: ['ink'], open: 1 })
  const jobs = [aJob('plain', 'm'), aJob('ink', 'm', { loras: ['ink'] })]

  expect(given(jobs, [busy])).toEqual([['ink', 'w1']])
})

test('the LoRAs that are in place keep others waiting for a while only', () => {
  const busy = aSeat({ holds: ['m'], loras: ['ink'], open: 1, servedMs: 20_000 })
  const jobs = [aJob('plain', 'm'), aJob('ink', 'm', { loras: ['ink'] })]

  expect(given(jobs, [busy])).toEqual([['plain', 'w1']])
})

test('a worker that holds the model but may not run the job is not waited for', () => {
  const holder = aSeat({ id: 'holds', holds: ['m'], open: 1 })
  const other = aSeat({ id: 'other', holds: ['x'], labels: ['big'], open: 1 })

  expect(given([aJob('a', 'm', { labels: ['big'], estimate: 1 })], [holder, other])).toEqual([['a', 'other']])
})

test('no second copy is loaded while those who hold the model come to the job sooner', () => {
  const holder = aSeat({ id: 'holds', holds: ['m'], open: 2, waitMs: 1_000 })
  const other = aSeat({ id: 'other', holds: ['x'], open: 1, waitMs: 500 })

  expect(given([aJob('a', 'm', { estimate: 1 })], [holder, other])).toEqual([])
})

test('a second copy is loaded when the backlog of the model is worth it', () => {
  const holder = aSeat({ id: 'holds', holds: ['m'], open: 2, waitMs: 1_000 })
  const other = aSeat({ id: 'other', holds: ['x'], open: 1, waitMs: 500 })
  const jobs = Array.from({ length: 5 }, (_, i) => aJob(`j${i}`, 'm'))

  expect(given(jobs, [holder, other])).toEqual([['j0', 'other']])
})

test('a job waits behind the one that its warm worker runs when that takes less than a load elsewhere', () => {
  const holder = aSeat({ id: 'holds', holds: ['m'], open: 1, waitMs: 2_000 })
  const idle = aSeat({ id: 'idle', holds: ['x'] })

  expect(given([aJob('a', 'm')], [holder, idle])).toEqual([['a', 'holds']])
})

test('an idle worker loads what a worker that is busy for long holds', () => {
  const holder = aSeat({ id: 'holds', holds: ['m'], open: 1, waitMs: 60_000 })
  const idle = aSeat({ id: 'idle', holds: ['x'] })

  expect(given([aJob('a', 'm')], [holder, idle])).toEqual([['a', 'idle']])
})

test('no run slot stays empty while there is a job that it may run', () => {
  const seats = ['x', 'y', 'z'].map((model, i) => aSeat({ id: model, holds: [model], servedMs: i * 1e9 }))
  const jobs = ['a', 'b', 'c', 'd'].map((id) => aJob(id, 'm'))

  const { picks } = assign(jobs, seats, rules)

  expect(new Set(picks.map(({ seat }) => seat.id))).toEqual(new Set(['x', 'y', 'z']))
})

test('a job without models goes to a worker that nobody waits for with its models', () => {
  const seats = [aSeat({ id: 'wanted', holds: ['m'], servedMs: 1e9 }), aSeat({ id: 'free', holds: ['x'] })]

  const picks = given([aJob('plain'), aJob('warm', 'm')], seats)

  expect(picks).toContainEqual(['plain', 'free'])
  expect(picks).toContainEqual(['warm', 'wanted'])
})

test('what nobody waits for is given up first', () => {
  const seats = [aSeat({ id: 'wanted', holds: ['m'], open: 0 }), aSeat({ id: 'unwanted', holds: ['x'] })]
  const jobs = [aJob('new', 'n'), ...['a', 'b', 'c'].map((id) => aJob(id, 'm'))]

  expect(given(jobs, seats)).toContainEqual(['new', 'unwanted'])
})

test('free slots are summed by pool, of workers that take work', () => {
  const places = [
    aPlace(),
    aPlace({ open: 1 }),
    aPlace({ pool: 'big', runSlots: 4 }),
    aPlace({ draining: true }),
    aPlace({ open: 2 }),
  ]

  expect([...freeByPool(places)]).toEqual([
    ['default', 3],
    ['big', 5],
  ])
})
