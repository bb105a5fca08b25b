import { expect, test } from 'vitest'
import { inTurn, withEnded, withOpen } from './job-pages.ts'
import type { JobView } from '@easel/client'
import type { JobPages } from './job-pages.ts'

const aJob = (id: string, more: Partial<JobView> = {}) =>
  ({ id, status: 'succeeded', createdAt: `2026-11-20T10:00:0${id}.000Z`, ...more }) as JobView

const pagesOf = (...pages: JobView[][]): JobPages => ({
  pages: pages.map((items, index) => ({ items, nextCursor: index < pages.length - 1 ? 'more' : null })),
  pageParams: [],
})

const idsOf = (pages: JobPages | undefined) => pages?.pages.map(({ items }) => items.map(({ id }) => id))

test('a job that ended is put where it was submitted, and once', () => {
  const pages = pagesOf([aJob('9'), aJob('7')], [aJob('5'), aJob('3')])

  const added = withEnded(pages, aJob('6'))

  expect(idsOf(added)).toEqual([
    ['9', '7'],
    ['6', '5', '3'],
  ])
  expect(idsOf(withEnded(added, aJob('6')))).toEqual(idsOf(added))
})

test('a job older than all that was read waits for its page', () => {
  const pages = pagesOf([aJob('9'), aJob('7')])
  pages.pages[0]!.nextCursor = 'more'

  expect(idsOf(withEnded(pages, aJob('6')))).toEqual([['9', '7']])
})

test('an open job that ended leaves, and one that is heard of keeps its place', () => {
  const pages = pagesOf([aJob('1', { status: 'running' }), aJob('2', { status: 'queued', position: 4 })])

  expect(idsOf(withOpen(pages, aJob('1')))).toEqual([['2']])
  expect(withOpen(pages, aJob('2', { status: 'queued' }))?.pages[0]?.items[1]).toMatchObject({ position: 4 })
})

test('what runs is first, then the queue in its order', () => {
  const waiting = [aJob('1', { status: 'queued', position: 2 }), aJob('2', { status: 'queued', position: 1 })]
  const jobs = [...waiting, aJob('3', { status: 'queued' }), aJob('4', { status: 'running' })]

  expect(inTurn(jobs).map(({ id }) => id)).toEqual(['4', '2', '1', '3'])
})
