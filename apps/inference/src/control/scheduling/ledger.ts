import { keyOf } from './open-attempts.ts'
import type { DatabaseLog } from '@easel/database'
import type { FairSharesRepository, FoundAttempt } from './fair-shares.repository.ts'
import type { OpenAttempt } from './open-attempts.ts'
import type { Accounts, Planner } from './planner.ts'
import type { PlaceRow } from './scheduling.repository.ts'

export type LedgerOptions = { planner: Planner; repository: FairSharesRepository; log: DatabaseLog }

const settleEveryMs = 250
const saveEveryMs = 1_000

/** Keeps a planner's memory in step with the database while this replica leads. */
export class Ledger {
  private readonly options: LedgerOptions
  /** No longer held by a worker; not corrected yet. */
  private readonly ended = new Map<string, OpenAttempt>()
  private savedAt: Date | null = null
  private nextSettle = 0
  private nextSave = 0

  constructor(options: LedgerOptions) {
    this.options = options
  }

  /** The leader before saved its shares at most a second before it went; what it bound after that was not in them. */
  async takeOver(accounts: Accounts): Promise<void> {
    const { planner, repository } = this.options
    const { shares, savedAt } = await repository.load()
    this.savedAt = savedAt
    for (const [pool, rows] of Map.groupBy(shares, (row) => row.pool)) {
      planner.load(
        pool,
        rows.map(({ path, virtual }) => [path, virtual]),
      )
    }
    if (!savedAt) return
    for (const attempt of await repository.listEndedSince(savedAt)) {
      const paid = this.isPaid(attempt) ? attempt : { ...attempt, charge: 0 }
      planner.correct(paid, attempt.gpuSeconds, accounts)
    }
  }

  /** What the workers hold now, by their rows: others have ended, some were bound by another replica. */
  async look(places: readonly PlaceRow[], accounts: Accounts): Promise<void> {
    const { planner, repository } = this.options
    const { open } = planner
    const now = performance.now()
    const held = new Set(places.flatMap(({ attempts }) => attempts))
    const slots = new Map(places.map(({ id, runSlots }) => [id, runSlots]))
    for (const attempt of open.all()) {
      const key = keyOf(attempt)
      if (held.has(key)) continue
      open.remove(key, { now, runSlots: slots.get(attempt.workerId) })
      this.ended.set(key, attempt)
    }
    const unknown = [...held].filter((key) => !open.has(key))
    if (unknown.length === 0) return
    for (const attempt of await repository.find(unknown)) this.find(attempt, accounts, now)
  }

  /** Corrects what was charged for those that have ended, and saves the shares; both only now and then. */
  async tend(places: readonly PlaceRow[], accounts: Accounts): Promise<void> {
    const now = performance.now()
    if (this.ended.size > 0 && now >= this.nextSettle) {
      this.nextSettle = now + settleEveryMs
      await this.settle(accounts)
    }
    if (now < this.nextSave) return
    this.nextSave = now + saveEveryMs
    this.options.planner.forget(places, [...this.ended.values()])
    await this.save()
  }

  /** To be called before another replica takes over. */
  async close(accounts: Accounts): Promise<void> {
    if (this.ended.size > 0) await this.settle(accounts)
    await this.save()
  }

  private find(attempt: FoundAttempt, accounts: Accounts, now: number): void {
    const key = keyOf(attempt)
    // Its worker was out of sight for a while.
    const charged = this.ended.delete(key) || this.isPaid(attempt)
    this.options.planner.found(attempt, { accounts, charged, now })
  }

  private async settle(accounts: Accounts): Promise<void> {
    const { planner, repository } = this.options
    const rows = await repository.settle([...this.ended.keys()])
    const seen = new Map(rows.map((row) => [keyOf(row), row]))
    for (const [key, attempt] of this.ended) {
      const row = seen.get(key)
      if (row?.open) continue
      this.ended.delete(key)
      planner.correct(attempt, row?.gpuSeconds ?? 0, accounts)
    }
  }

  private async save(): Promise<void> {
    const { planner, repository } = this.options
    const taken = [...planner.allShares()].map(([pool, shares]) => ({
      pool,
      shares,
      changes: shares.takeChanges(),
    }))
    const rows = taken.flatMap(({ pool, changes }) =>
      [...changes].map(([path, virtual]) => ({ pool, path, virtual })),
    )
    if (rows.length === 0) return
    try {
      await repository.save(
        rows.flatMap(({ virtual, ...row }) => (virtual === undefined ? [] : [{ ...row, virtual }])),
        rows.filter(({ virtual }) => virtual === undefined),
      )
    } catch (cause) {
      for (const { shares, changes } of taken) shares.giveBack(changes)
      throw cause
    }
  }

  private isPaid({ boundAt }: FoundAttempt): boolean {
    return this.savedAt !== null && boundAt <= this.savedAt
  }
}
