import { expect, test } from 'vitest'
import { batchesOf } from './batches.ts'
import type { JobView } from '@easel/client'

const aJob = (id: string, second: number, more: Partial<JobView> = {}): JobView =>
  ({
    id,
    name: 'Harbour',
    createdAt: new Date(second * 1_000).toISOString(),
    ...more,
  }) as JobView

const idsOf = (jobs: JobView[]) =>
  batchesOf(jobs).map(({ id, jobs: own }) => [id, ...own.map((job) => job.id)])

test('jobs that were sent together are one batch, in the order they were sent', () => {
  expect(idsOf([aJob('d', 60), aJob('c', 12), aJob('b', 11), aJob('a', 10)])).toEqual([
    ['d', 'd'],
    ['a', 'a', 'b', 'c'],
  ])
})

test('another workflow and a retry stand alone', () => {
  expect(idsOf([aJob('c', 12, { retryOf: 'x' }), aJob('b', 11), aJob('a', 10, { name: 'Fox' })])).toEqual([
    ['c', 'c'],
    ['b', 'b'],
    ['a', 'a'],
  ])
})
