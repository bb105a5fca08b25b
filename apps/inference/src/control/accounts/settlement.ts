import type { Job } from '../jobs/job.ts'
import { isTerminal } from '../jobs/job.ts'
import { periodsOf } from './periods.ts'
import type { Period } from './periods.ts'

export type AccountKey = { scope: 'space' | 'user'; subject: string }

/** What is added to a row of usage; less than nothing takes away. */
export type UsageChange = AccountKey &
  Period & {
    gpuSeconds: number
    costMicros: number
    reservedSeconds: number
    reservedMicros: number
    jobs: number
  }

export const accountsOf = ({ spaceId, createdBy }: Pick<Job, 'spaceId' | 'createdBy'>): AccountKey[] => [
  { scope: 'space', subject: spaceId },
  { scope: 'user', subject: createdBy },
]

/**
 * What the end of jobs does to the usage of their spaces and users: what was held back is free again, what is
 * charged is used. It counts in the day and month in which a job was submitted, where its reservation is.
 */
export function settlementOf(before: readonly Job[], after: ReadonlyMap<string, Job>): UsageChange[] {
  const changes = new Map<string, UsageChange>()
  for (const job of before) {
    const ended = after.get(job.id)
    if (isTerminal(job.status) || !ended || !isTerminal(ended.status)) continue
    for (const key of keysOf(ended)) {
      const name = `${key.scope} ${key.subject} ${key.period} ${key.startsOn}`
      const sum = changes.get(name) ?? { ...key, ...nothing }
      changes.set(name, {
        ...sum,
        gpuSeconds: sum.gpuSeconds + ended.chargedSeconds,
        costMicros: sum.costMicros + ended.chargedMicros,
        reservedSeconds: sum.reservedSeconds - ended.reservedSeconds,
        reservedMicros: sum.reservedMicros - ended.reservedMicros,
        jobs: sum.jobs + 1,
      })
    }
  }
  return [...changes.values()]
}

function keysOf(job: Pick<Job, 'spaceId' | 'createdBy' | 'createdAt'>): (AccountKey & Period)[] {
  const periods = periodsOf(job.createdAt)
  return accountsOf(job).flatMap((account) => periods.map((period) => ({ ...account, ...period })))
}

const nothing = { gpuSeconds: 0, costMicros: 0, reservedSeconds: 0, reservedMicros: 0, jobs: 0 }
