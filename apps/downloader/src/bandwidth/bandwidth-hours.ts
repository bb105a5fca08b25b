import type { BandwidthHours } from '@easel/contracts'

export type CapRules = {
  maxBytesPerSecond: number | null
  schedule: readonly BandwidthHours[]
  /** Null: the server's own. */
  timeZone: string | null
}

type Local = { day: number; minute: number }

const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const minutesOf = (text: string) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3))

/** The cap at a moment: of the first hours that it falls into, else the general one. `null` is none. */
export function capAt({ maxBytesPerSecond, schedule, timeZone }: CapRules, moment: Date): number | null {
  if (schedule.length === 0) return maxBytesPerSecond
  const local = localTime(moment, timeZone)
  const hours = schedule.find((each) => holds(each, local))
  return hours ? (hours.maxBytesPerSecond ?? null) : maxBytesPerSecond
}

export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch (cause) {
    if (cause instanceof RangeError) return false
    throw cause
  }
}

/** As the clocks on the wall say: when they are put back, an hour of the night counts twice; put forward, not at all. */
function localTime(moment: Date, timeZone: string | null): Local {
  const format = new Intl.DateTimeFormat('en-GB', {
    ...(timeZone !== null && { timeZone }),
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  const parts = Object.fromEntries(format.formatToParts(moment).map(({ type, value }) => [type, value]))
  return { day: days.indexOf(parts.weekday!) + 1, minute: Number(parts.hour) * 60 + Number(parts.minute) }
}

/** Hours over midnight belong to the day that they begin on; from and to the same minute is a whole day. */
function holds({ days: wanted, from, to }: BandwidthHours, { day, minute }: Local): boolean {
  const [begin, end] = [minutesOf(from), minutesOf(to)]
  const dayBefore = day === 1 ? 7 : day - 1
  if (begin < end) return wanted.includes(day) && minute >= begin && minute < end
  return (wanted.includes(day) && minute >= begin) || (wanted.includes(dayBefore) && minute < end)
}
