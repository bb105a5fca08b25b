import { expect, test } from 'vitest'
import { withTimeLeft } from './time-left.ts'
import type { JobView } from '@easel/client'

const aJob = (more: Partial<JobView>): JobView =>
  ({ status: 'running', startedAt: new Date(0).toISOString(), etaSeconds: 5, ...more }) as JobView

test('a job that is a quarter done after ten seconds takes thirty more', () => {
  expect(withTimeLeft(aJob({ progress: { value: 0.25 } }), 10_000).etaSeconds).toBe(30)
})

test.each([
  ['has hardly begun', { progress: { value: 0.01 } }],
  ['tells no progress', {}],
  [
    'began in the future of this clock',
    { progress: { value: 0.5 }, startedAt: new Date(60_000).toISOString() },
  ],
  ['waits', { status: 'queued' as const, startedAt: null, progress: { value: 0.5 } }],
])('of a job that %s the guess of the server stays', (_what, more) => {
  expect(withTimeLeft(aJob(more), 10_000).etaSeconds).toBe(5)
})
