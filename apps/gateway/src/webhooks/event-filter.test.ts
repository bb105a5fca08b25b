import { expect, test } from 'vitest'
import { eventTypes, isPattern, jobEnds, matches } from './event-filter.ts'

test('a type matches itself and nothing else', () => {
  expect(eventTypes.filter((type) => matches('job.failed', type))).toEqual(['job.failed'])
})

test('a group matches all of its types', () => {
  expect(eventTypes.filter((type) => matches('asset.*', type))).toEqual([
    'asset.created',
    'asset.updated',
    'asset.deleted',
  ])
})

test('a star matches everything', () => {
  expect(eventTypes.every((type) => matches('*', type))).toBe(true)
})

test.each([
  'job.',
  'job',
  'jobs.*',
  '.*',
  '**',
  'job.*.x',
  '*.failed',
  'JOB.FAILED',
  'job.suceeded',
  '',
  'job*',
])('refuses %j: it matches nothing there is', (pattern) => {
  expect(isPattern(pattern)).toBe(false)
})

test('the ends of jobs are known types', () => {
  expect(jobEnds.every(isPattern)).toBe(true)
})
