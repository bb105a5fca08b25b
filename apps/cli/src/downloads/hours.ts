import { parseSize } from '../run/values.ts'
import { usageError } from '../exit-codes.ts'
import type { DownloadSettings } from '@easel/client'

export type Hours = NonNullable<DownloadSettings['schedule']>[number]

const dayNames = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']

/** `5MiB`, `800KiB` or a number of bytes → bytes a second; `none` is no cap. */
export function readRate(text: string): number | null {
  if (text === 'none') return null
  const [, kilo] = /^(\d+(?:\.\d+)?)\s*ki?b?(?:\/s)?$/i.exec(text) ?? []
  if (kilo !== undefined) return Math.round(Number(kilo) * 1_024)
  return parseSize('A rate')(text.replace(/\/s$/, ''))
}

/** `mon-fri 08:00-18:00 5MiB`, `sat,sun 00:00-23:59 none`, `daily 22:00-06:00 none` */
export function readHours(text: string): Hours {
  const [, days = '', from, to, rate] =
    /^(\S+)\s+([0-2]\d:[0-5]\d)-([0-2]\d:[0-5]\d)\s+(\S+)$/.exec(text.trim()) ?? []
  if (from === undefined || to === undefined || rate === undefined) {
    throw usageError(`${text}: write hours as in "mon-fri 08:00-18:00 5MiB"`)
  }
  return { days: readDays(days), from, to, maxBytesPerSecond: readRate(rate) }
}

export function writeHours({ days, from, to }: Hours): string {
  return `${days.map((day) => dayNames[day - 1]).join(',')} ${from}-${to}`
}

function readDays(text: string): number[] {
  if (text === 'daily') return [1, 2, 3, 4, 5, 6, 7]
  const days = text.split(',').flatMap((part) => {
    const [first = '', last = first] = part.split('-')
    const [from, to] = [dayOf(first), dayOf(last)]
    // Over the weekend: sat-mon.
    const count = ((to - from + 7) % 7) + 1
    return Array.from({ length: count }, (_, index) => ((from - 1 + index) % 7) + 1)
  })
  return [...new Set(days)].toSorted((a, b) => a - b)
}

function dayOf(name: string): number {
  const index = dayNames.indexOf(name.toLowerCase())
  if (index < 0) throw usageError(`${name} is no day: mon, tue, wed, thu, fri, sat, sun or daily`)
  return index + 1
}
