import { expect, test } from 'vitest'
import { recentOf } from './recent.ts'
import type { JobView, SessionView } from '@easel/client'

const timeOf = (day: number) => `2026-11-${String(day).padStart(2, '0')}T10:00:00.000Z`

const aSession = (id: string, day: number, name?: string): SessionView =>
  ({ id, updatedAt: timeOf(day), draft: name === undefined ? null : { name, graph: {} } }) as SessionView

const aJob = (id: string, day: number, name: string | null): JobView =>
  ({ id, createdAt: timeOf(day), name, outputs: [] }) as unknown as JobView

test('each workflow is there once, the newest first, a session before a job', () => {
  const recent = recentOf(
    [aSession('s1', 3, 'Harbour'), aSession('s2', 5, 'Fox'), aSession('s3', 9), aSession('s4', 4, 'Harbour')],
    [aJob('j1', 9, 'Fox'), aJob('j2', 8, 'Poster'), aJob('j3', 7, null), aJob('j4', 6, 'Poster')],
  )

  expect(recent.map(({ id }) => id)).toEqual(['j2', 's2', 's4'])
})
