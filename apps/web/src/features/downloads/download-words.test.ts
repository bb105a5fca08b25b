import { expect, test } from 'vitest'
import { lineOf, priorityName } from './download-words.ts'
import type { DownloadView } from '@easel/client'

const aDownload = (download: Partial<DownloadView>): DownloadView =>
  ({
    status: 'running',
    folder: 'loras',
    filename: 'ink.safetensors',
    files: [{ reused: false }],
    bytesDone: 250_000_000,
    bytesTotal: 1_000_000_000,
    bytesPerSecond: 50_000_000,
    etaSeconds: 15,
    priority: 0,
    verification: 'pending',
    ...download,
  }) as DownloadView

test('a download that runs tells how far, how fast and how long', () => {
  expect(lineOf(aDownload({}))).toBe('250 MB of 1.0 GB · 50.0 MB/s · 15 s left · loras/ink.safetensors')
})

test('one that is done tells whether its content was checked, or was here', () => {
  const done = { status: 'completed', bytesDone: 1_000_000_000, verification: 'verified' } as const
  expect(lineOf(aDownload(done))).toBe('1.0 GB · its hash is right · loras/ink.safetensors')
  expect(lineOf(aDownload({ ...done, verification: 'unverified' }))).toContain('no hash to compare with')
  expect(lineOf(aDownload({ ...done, files: [{ reused: true }] as DownloadView['files'] }))).toContain(
    'was here already',
  )
})

test('a priority that is none of those that can be chosen has the name of the nearest', () => {
  expect([10, 4, 0, -7, -10].map(priorityName)).toEqual(['First', 'Sooner', 'As usual', 'Later', 'Last'])
})
