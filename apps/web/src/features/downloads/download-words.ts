import { bytes, duration } from '../../lib/format.ts'
import { isGiven } from '../../lib/given.ts'
import type { DownloadView } from '@easel/client'

type Tone = 'neutral' | 'good' | 'busy' | 'warn' | 'bad'

export const states: Record<DownloadView['status'], { name: string; tone: Tone }> = {
  queued: { name: 'Waiting', tone: 'neutral' },
  running: { name: 'Fetching', tone: 'busy' },
  verifying: { name: 'Checking', tone: 'busy' },
  paused: { name: 'Paused', tone: 'warn' },
  completed: { name: 'Done', tone: 'good' },
  failed: { name: 'Failed', tone: 'bad' },
  canceled: { name: 'Canceled', tone: 'neutral' },
}

export const priorities = [
  { value: 10, name: 'First' },
  { value: 5, name: 'Sooner' },
  { value: 0, name: 'As usual' },
  { value: -5, name: 'Later' },
  { value: -10, name: 'Last' },
] as const

/** The nearest of those that can be chosen. */
export function priorityName(priority: number): string {
  const nearest = priorities.toSorted(
    (one, other) => Math.abs(one.value - priority) - Math.abs(other.value - priority),
  )
  return nearest[0]!.name
}

export const isUnderWay = ({ status }: Pick<DownloadView, 'status'>): boolean =>
  ['queued', 'running', 'verifying', 'paused'].includes(status)

/** `1.2 GB of 6.9 GB · 42 MB/s · 2 min left`. */
export function lineOf(download: DownloadView): string {
  const { status, bytesDone, bytesTotal, bytesPerSecond, etaSeconds, files } = download
  const size = !isGiven(bytesTotal)
    ? bytesDone > 0 && bytes(bytesDone)
    : bytesDone === bytesTotal || status === 'canceled'
      ? bytes(bytesTotal)
      : `${bytes(bytesDone)} of ${bytes(bytesTotal)}`
  return [
    size,
    status === 'running' && bytesPerSecond ? `${bytes(bytesPerSecond)}/s` : undefined,
    status === 'running' && isGiven(etaSeconds) ? `${duration(etaSeconds)} left` : undefined,
    status === 'completed' && checkedWords(download),
    isUnderWay(download) && download.priority !== 0 && priorityName(download.priority).toLowerCase(),
    files?.length === 1 && download.filename ? `${download.folder}/${download.filename}` : download.folder,
  ]
    .filter(Boolean)
    .join(' · ')
}

function checkedWords({ verification, files }: DownloadView): string {
  if (files?.length && files.every(({ reused }) => reused)) return 'was here already'
  return verification === 'verified' ? 'its hash is right' : 'no hash to compare with'
}
