import { expect, test } from 'vitest'
import { assign, freeByPool } from './assign.ts'
import { exclude } from './filter.ts'
import { score } from './score.ts'
import type { Candidate, Place } from './snapshot.ts'

function aPlace(changes: Partial<Place> = {}): Place {
  return {
    id: 'w1',
    incarnation: 'i1',
    pool: 'default',
    ready: true,
    draining: false,
    lost: false,
    runSlots: 1,
    prefetchSlots: 1,
    definitions: 'hash',
    silentMs: 500,
    open: 0,
    ...changes,
  }
}

function aCandidate(changes: Partial<Candidate> = {}): Candidate {
  return {
    id: 'job-1',
    seq: '1',
    priority: 1,
    pool: 'default',
    classes: ['SaveImage'],
    avoid: [],
    ...changes,
  }
}

const known = new Map([['hash', new Set(['SaveImage', 'EmptyImage'])]])

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

test('a slot that runs at once is worth more than one that only fetches', () => {
  expect(score(aCandidate(), aPlace({ open: 0 }))).toBeGreaterThan(score(aCandidate(), aPlace({ open: 1 })))
})

test('a worker that the job failed on comes last, but before none', () => {
  const jobs = [aCandidate({ avoid: ['w1'] }), aCandidate({ id: 'job-2', avoid: ['w1'] })]
  const places = [aPlace(), aPlace({ id: 'w2', prefetchSlots: 0 })]

  const { assignments } = assign(jobs, places, known)

  expect(assignments.map(({ workerId }) => workerId)).toEqual(['w2', 'w1'])
})

test('jobs are given out in their order, over the emptiest workers, until the slots are taken', () => {
  const jobs = ['a', 'b', 'c', 'd', 'e'].map((id) => aCandidate({ id }))
  const places = [aPlace({ id: 'w1', incarnation: 'i1' }), aPlace({ id: 'w2', incarnation: 'i2' })]

  const { assignments } = assign(jobs, places, known)

  expect(assignments).toEqual([
    { jobId: 'a', workerId: 'w1', incarnation: 'i1' },
    { jobId: 'b', workerId: 'w2', incarnation: 'i2' },
    { jobId: 'c', workerId: 'w1', incarnation: 'i1' },
    { jobId: 'd', workerId: 'w2', incarnation: 'i2' },
  ])
})

test('a job that nobody can take does not hold up those behind it', () => {
  const jobs = [aCandidate({ id: 'a', classes: ['Unknown'] }), aCandidate({ id: 'b' })]

  expect(assign(jobs, [aPlace()], known).assignments).toMatchObject([{ jobId: 'b' }])
})

test('what was given is counted, and the snapshot itself stays as it was', () => {
  const places = [aPlace()]

  const next = assign([aCandidate()], places, known)

  expect(places[0]?.open).toBe(0)
  expect(next.places[0]?.open).toBe(1)
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
