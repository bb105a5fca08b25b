import { AppError } from '@easel/protocol'
import type { HeldLimits } from './limits.ts'
import { endOf } from './periods.ts'
import type { Usage } from './accounts.repository.ts'
import type { AccountKey } from './settlement.ts'

export type Demand = {
  spaceId: string
  userId: string
  seconds: number
  micros: number
  space: HeldLimits
  user: HeldLimits
}

type BudgetName = 'gpuSecondsPerDay' | 'gpuSecondsPerMonth' | 'costMicrosPerDay' | 'costMicrosPerMonth'

type Overdraft = {
  limit: BudgetName
  usage: Usage
  allowed: number
  used: number
  /** By other jobs. */
  reserved: number
  asked: number
}

/** Sums of fractions are a little off. */
const tolerance = 1e-6
const openRetryMs = 10_000

/** What the usage, with the demand in it, goes beyond; of several the one that frees last. Undefined: none. */
export function overdraftOf(demand: Demand, usages: readonly Usage[]): AppError | undefined {
  const found = usages.flatMap((usage) => overdraftsIn(demand, usage))
  const worst = found.reduce<Overdraft | undefined>(
    (a, b) => (a && endOf(a.usage) >= endOf(b.usage) ? a : b),
    undefined,
  )
  return worst && toError(worst)
}

function overdraftsIn(demand: Demand, usage: Usage): Overdraft[] {
  const held = usage.scope === 'space' ? demand.space : demand.user
  const per = usage.period === 'day' ? 'Day' : 'Month'
  const { seconds, micros } = demand
  const candidates = [
    {
      limit: `gpuSecondsPer${per}`,
      used: usage.gpuSeconds,
      reserved: usage.reservedSeconds - seconds,
      asked: seconds,
    },
    {
      limit: `costMicrosPer${per}`,
      used: usage.costMicros,
      reserved: usage.reservedMicros - micros,
      asked: micros,
    },
  ] as const
  return candidates.flatMap((candidate) => {
    const allowed = held[candidate.limit]
    const { used, reserved, asked } = candidate
    if (allowed === null || used + reserved + asked <= allowed + tolerance) return []
    return [{ ...candidate, usage, allowed }]
  })
}

function toError({ limit, usage, allowed, used, reserved, asked }: Overdraft): AppError {
  const money = limit.startsWith('cost')
  const tell = money ? dollars : gpuSeconds
  const { period, scope, subject } = usage
  const endsAt = endOf(usage)
  const alone = asked > allowed + tolerance
  const rest = alone
    ? `This job alone will probably take ${tell(asked)}`
    : `${tell(used)} are used, ${tell(Math.max(0, reserved))} are held back for jobs that have not ended, and ` +
      `this one will probably take ${tell(asked)}. A new ${period} begins at ${endsAt.toISOString()}`
  return new AppError('exhausted', `${nameOf(usage)} may use ${tell(allowed)} a ${period}. ${rest}.`, {
    reason: money ? 'BUDGET_EXCEEDED' : 'QUOTA_EXCEEDED',
    retryAfterMs: Math.max(1_000, endsAt.getTime() - Date.now()),
    details: {
      limit,
      scope,
      id: subject,
      period,
      allowed,
      used,
      reserved: Math.max(0, reserved),
      asked,
      alone,
      freesAt: endsAt.toISOString(),
    },
  })
}

export function tooManyOpen(account: AccountKey, allowed: number): AppError {
  const jobs = allowed === 1 ? '1 job' : `${allowed} jobs`
  const message = `${nameOf(account)} may have ${jobs} that have not ended. It frees when one of them ends.`
  const { scope, subject: id } = account
  return new AppError('exhausted', message, {
    reason: 'QUOTA_EXCEEDED',
    retryAfterMs: openRetryMs,
    details: { limit: 'maxOpen', scope, id, allowed },
  })
}

export const nameOf = ({ scope, subject }: AccountKey): string => `The ${scope} ${subject}`

const gpuSeconds = (value: number): string => `${Math.round(value * 1_000) / 1_000} GPU-seconds`
const dollars = (micros: number): string => `$${(micros / 1_000_000).toFixed(micros < 10_000 ? 6 : 2)}`
