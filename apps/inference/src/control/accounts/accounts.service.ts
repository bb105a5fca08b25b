import { AppError, canRead, notFound } from '@easel/protocol'
import { usagePeriods } from '@easel/contracts'
import type {
  AccountId,
  GetUsage,
  Limits,
  LimitsView,
  SetLimits,
  UsageReport,
  UsageTotal,
} from '@easel/contracts'
import type { Actor } from '@easel/protocol'
import type { AccountsRepository, Usage } from './accounts.repository.ts'
import type { LimitsKey, LimitsRepository, SetOfLimits } from './limits.repository.ts'
import { noLimits } from './limits.ts'
import type { HeldLimits, LimitsBook, LimitsCache } from './limits.ts'
import { endOf, firstOf, periodOf } from './periods.ts'
import type { Period } from './periods.ts'
import type { AccountKey } from './settlement.ts'

/** What spaces and users may use, and what they have used. */
export class AccountsService {
  constructor(
    private readonly accounts: AccountsRepository,
    private readonly repository: LimitsRepository,
    private readonly limits: LimitsCache,
  ) {}

  async getLimits(actor: Actor, input: AccountId): Promise<LimitsView> {
    const key = readableKey(actor, input)
    return toView(key, await this.limits.current())
  }

  async setLimits(actor: Actor, input: SetLimits): Promise<LimitsView> {
    if (actor.role !== 'admin') throw new AppError('forbidden', 'Only for admins', { reason: 'ADMIN_ONLY' })
    const key = keyOf(input)
    await this.repository.set(key, toSet(input.limits), actor.userId)
    this.limits.announce()
    return toView(key, await this.limits.current())
  }

  async getUsage(actor: Actor, input: GetUsage): Promise<UsageReport> {
    const key = readableKey(actor, input)
    if (!isAccount(key)) {
      throw new AppError('invalid', 'Usage is of a space or a user', { reason: 'INVALID_INPUT' })
    }
    const now = new Date()
    const present = (input.period ? [input.period] : usagePeriods).map((period) => periodOf(period, now))
    const from = present.map((last) => ({ ...last, startsOn: firstOf(last, input.last ?? 1) }))
    const [book, rows, jobs] = await Promise.all([
      this.limits.current(),
      this.accounts.list(key, from),
      this.accounts.countJobs(key),
    ])
    const held = book.of(key)
    return {
      scope: key.scope,
      id: key.subject,
      totals: present.flatMap((period) => totalsOf(period, { rows, held })),
      ...jobs,
      limits: held,
    }
  }
}

/** The present period is there with nothing used, too. */
function totalsOf(
  present: Period,
  { rows, held }: { rows: readonly Usage[]; held: HeldLimits },
): UsageTotal[] {
  const own = rows.filter(({ period }) => period === present.period)
  const has = own.some(({ startsOn }) => startsOn === present.startsOn)
  return [...(has ? [] : [{ ...present, ...unused }]), ...own].map((row) => toTotal(row, held))
}

const unused = { gpuSeconds: 0, costMicros: 0, reservedSeconds: 0, reservedMicros: 0, jobs: 0 }

function toTotal(usage: Omit<Usage, keyof AccountKey>, held: HeldLimits): UsageTotal {
  const { period, startsOn, gpuSeconds, costMicros, jobs } = usage
  const isDay = period === 'day'
  return {
    period,
    startsOn,
    gpuSeconds,
    costMicros,
    reservedGpuSeconds: Math.max(0, usage.reservedSeconds),
    reservedCostMicros: Math.max(0, usage.reservedMicros),
    jobs,
    gpuSecondsLimit: isDay ? held.gpuSecondsPerDay : held.gpuSecondsPerMonth,
    costMicrosLimit: isDay ? held.costMicrosPerDay : held.costMicrosPerMonth,
    endsAt: endOf({ period, startsOn }).toISOString(),
  }
}

/** What is not there and what is not theirs look the same; what holds for all is the admins'. */
function readableKey(actor: Actor, input: AccountId): LimitsKey {
  const key = keyOf(input)
  const isOwn = key.scope === 'user' && key.subject === actor.userId
  const isTheirs = key.scope === 'space' && canRead(actor, key.subject)
  if (isOwn || isTheirs || actor.role === 'admin') return key
  throw notFound('account', 'ACCOUNT_NOT_FOUND')
}

function keyOf({ scope, id }: AccountId): LimitsKey {
  const isAny = scope === 'any-space' || scope === 'any-user'
  if (isAny !== (id === undefined)) {
    const message = isAny ? 'is not given for what holds for all' : 'is needed'
    throw new AppError('invalid', `id: ${message}`, {
      reason: 'INVALID_INPUT',
      faults: [{ path: 'id', message }],
    })
  }
  return { scope, subject: id?.toLowerCase() ?? '' }
}

function isAccount(key: LimitsKey): key is AccountKey {
  return key.scope === 'space' || key.scope === 'user'
}

function toView(key: LimitsKey, book: LimitsBook): LimitsView {
  const row = book.find(key)
  return {
    scope: key.scope,
    ...(key.subject !== '' && { id: key.subject }),
    limits: toSet(row ?? {}),
    effective: book.of(key),
    updatedAt: row?.updatedAt.toISOString() ?? null,
  }
}

function toSet(limits: Limits): SetOfLimits {
  const names = Object.keys(noLimits) as (keyof SetOfLimits)[]
  return Object.fromEntries(names.map((name) => [name, limits[name] ?? null])) as SetOfLimits
}
