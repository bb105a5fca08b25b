import { usagePeriods } from '@easel/contracts'
import type { UsagePeriod } from '@easel/contracts'

/** One day or month of UTC. */
export type Period = {
  period: UsagePeriod
  /** Its first day, `2026-11-20`. */
  startsOn: string
}

/** The day and the month that a moment is in. */
export const periodsOf = (at: Date): Period[] => usagePeriods.map((period) => periodOf(period, at))

export function periodOf(period: UsagePeriod, at: Date): Period {
  const day = at.toISOString().slice(0, 10)
  return { period, startsOn: period === 'day' ? day : `${day.slice(0, 7)}-01` }
}

/** When the next one begins. */
export function endOf({ period, startsOn }: Period): Date {
  return shifted({ period, startsOn }, 1)
}

/** The first day of the earliest of so many periods, this one included. */
export function firstOf(last: Period, count: number): string {
  return shifted(last, 1 - count)
    .toISOString()
    .slice(0, 10)
}

function shifted({ period, startsOn }: Period, by: number): Date {
  const start = new Date(`${startsOn}T00:00:00Z`)
  if (period === 'day') start.setUTCDate(start.getUTCDate() + by)
  else start.setUTCMonth(start.getUTCMonth() + by)
  return start
}
