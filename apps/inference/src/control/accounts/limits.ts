import { publishLive, subscribeLive } from '@easel/bus'
import type { Bus } from '@easel/bus'
import type { LimitsKey, LimitsRepository, LimitsRow, SetOfLimits } from './limits.repository.ts'

/** What holds for one space or user. Null: no limit. */
export type HeldLimits = Readonly<SetOfLimits & { weight: number }>

export const noLimits: SetOfLimits = {
  weight: null,
  maxRunning: null,
  maxOpen: null,
  gpuSecondsPerDay: null,
  gpuSecondsPerMonth: null,
  costMicrosPerDay: null,
  costMicrosPerMonth: null,
  allowedModels: null,
  deniedNodes: null,
}

/** All limits as they were at one time; looking one up costs nothing. */
export class LimitsBook {
  private readonly rows: ReadonlyMap<string, LimitsRow>
  private readonly held = new Map<string, HeldLimits>()
  private readonly anySpace: HeldLimits
  private readonly anyUser: HeldLimits

  constructor(rows: ReadonlyMap<string, LimitsRow>) {
    this.rows = rows
    this.anySpace = merged(undefined, this.find({ scope: 'any-space', subject: '' }))
    this.anyUser = merged(undefined, this.find({ scope: 'any-user', subject: '' }))
    for (const [key, row] of rows) {
      if (row.scope === 'space') this.held.set(key, merged(row, this.anySpace))
      if (row.scope === 'user') this.held.set(key, merged(row, this.anyUser))
    }
  }

  ofSpace(id: string): HeldLimits {
    return this.held.get(keyOf({ scope: 'space', subject: id })) ?? this.anySpace
  }

  ofUser(id: string): HeldLimits {
    return this.held.get(keyOf({ scope: 'user', subject: id })) ?? this.anyUser
  }

  /** What holds under this key; for `any-…`, what holds for those that have nothing of their own. */
  of({ scope, subject }: LimitsKey): HeldLimits {
    if (scope === 'any-space') return this.anySpace
    if (scope === 'any-user') return this.anyUser
    return scope === 'space' ? this.ofSpace(subject) : this.ofUser(subject)
  }

  /** As set for this one alone. */
  find(key: LimitsKey): LimitsRow | undefined {
    return this.rows.get(keyOf(key))
  }
}

const keptMs = 1_000
const changed = { spaceId: 'system', channel: 'limits', key: 'changed' } as const

/**
 * The limits in memory, so that neither a submit nor a bind asks the database for them. What an admin sets holds
 * on this replica at once and on the others when the call comes; a call that gets lost costs a second.
 */
export class LimitsCache implements Disposable {
  private readonly bus: Bus
  private readonly repository: LimitsRepository
  private readonly calls: Disposable
  private readonly rows = new Map<string, LimitsRow>()
  private newest: Date | undefined
  private book = new LimitsBook(new Map())
  private loading: Promise<LimitsBook> | undefined
  private until = 0

  constructor(bus: Bus, repository: LimitsRepository) {
    this.bus = bus
    this.repository = repository
    this.calls = subscribeLive(bus, changed, () => this.forget())
  }

  [Symbol.dispose](): void {
    this.calls[Symbol.dispose]()
  }

  /** At most a second old. */
  current(): Promise<LimitsBook> {
    const now = performance.now()
    if (this.loading && now < this.until) return this.loading
    this.until = now + keptMs
    const loading = this.load()
    this.loading = loading
    loading.catch(() => this.forget())
    return loading
  }

  /** They were changed: nobody may be answered with what was read before. */
  announce(): void {
    this.forget()
    publishLive(this.bus, { ...changed, data: {} })
  }

  private forget(): void {
    this.until = 0
  }

  /** What an older reading brings late does not displace what is newer. */
  private async load(): Promise<LimitsBook> {
    const read = await this.repository.list(this.newest)
    const news = read.filter((row) => {
      const known = this.rows.get(keyOf(row))
      return !known || row.updatedAt > known.updatedAt
    })
    if (news.length === 0) return this.book
    for (const row of news) {
      this.rows.set(keyOf(row), row)
      if (!this.newest || row.updatedAt > this.newest) this.newest = row.updatedAt
    }
    this.book = new LimitsBook(new Map(this.rows))
    return this.book
  }
}

const keyOf = ({ scope, subject }: LimitsKey): string => `${scope}:${subject}`

function merged(own: SetOfLimits | undefined, any: SetOfLimits | undefined): HeldLimits {
  const over = own ?? noLimits
  const under = any ?? noLimits
  return {
    weight: over.weight ?? under.weight ?? 1,
    maxRunning: over.maxRunning ?? under.maxRunning,
    maxOpen: over.maxOpen ?? under.maxOpen,
    gpuSecondsPerDay: over.gpuSecondsPerDay ?? under.gpuSecondsPerDay,
    gpuSecondsPerMonth: over.gpuSecondsPerMonth ?? under.gpuSecondsPerMonth,
    costMicrosPerDay: over.costMicrosPerDay ?? under.costMicrosPerDay,
    costMicrosPerMonth: over.costMicrosPerMonth ?? under.costMicrosPerMonth,
    allowedModels: over.allowedModels ?? under.allowedModels,
    deniedNodes: over.deniedNodes ?? under.deniedNodes,
  }
}
