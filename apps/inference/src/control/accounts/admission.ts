import type { Graph } from '@easel/comfyui'
import { AppError } from '@easel/protocol'
import type { ControlMetrics } from '../metrics.ts'
import type { AccountsRepository } from './accounts.repository.ts'
import type { HeldLimits, LimitsCache } from './limits.ts'
import { requireAllowed } from './policy.ts'
import { nameOf, overdraftOf, tooManyOpen } from './refusals.ts'
import type { Demand } from './refusals.ts'

export type Estimated = { estimate: number; estimateMicros: number }

/** What a submit brings to its transaction. */
export type Admitted = {
  /** Held back until the job has ended; nothing where no budget limits it. */
  reserved: { reservedSeconds: number; reservedMicros: number }
  /** Undefined: nothing to ask the database for. */
  demand: Demand | undefined
}

/** Says what a user may submit to a space. */
export class Admission {
  private readonly limits: LimitsCache
  private readonly metrics: ControlMetrics

  constructor(limits: LimitsCache, metrics: ControlMetrics) {
    this.limits = limits
    this.metrics = metrics
  }

  /** Throws `NOT_ALLOWED` where a policy forbids a node or model; budgets are for the transaction to keep. */
  async check(
    { spaceId, userId }: { spaceId: string; userId: string },
    graph: Graph,
    { estimate, estimateMicros }: Estimated,
  ): Promise<Admitted> {
    const book = await this.limits.current()
    const space = book.ofSpace(spaceId)
    const user = book.ofUser(userId)
    try {
      requireAllowed(graph, [
        { who: nameOf({ scope: 'space', subject: spaceId }), limits: space },
        { who: nameOf({ scope: 'user', subject: userId }), limits: user },
      ])
    } catch (cause) {
      this.refused(cause)
      throw cause
    }
    const hasBudget = [space, user].some(isBudget)
    const [seconds, micros] = hasBudget ? [estimate, estimateMicros] : [0, 0]
    const isLimited = hasBudget || space.maxOpen !== null || user.maxOpen !== null
    return {
      reserved: { reservedSeconds: seconds, reservedMicros: micros },
      demand: isLimited ? { spaceId, userId, seconds, micros, space, user } : undefined,
    }
  }

  refused(cause: unknown): void {
    if (cause instanceof AppError && cause.reason !== undefined) this.metrics.submitRefused(cause.reason)
  }
}

function isBudget(limits: HeldLimits): boolean {
  return (
    limits.gpuSecondsPerDay !== null ||
    limits.gpuSecondsPerMonth !== null ||
    limits.costMicrosPerDay !== null ||
    limits.costMicrosPerMonth !== null
  )
}

/** In the transaction of the submit: throws when it goes beyond a limit, and the end of it gives all back. */
export async function admit(accounts: AccountsRepository, demand: Demand): Promise<void> {
  const { spaceId, userId, seconds, micros, space, user } = demand
  if (space.maxOpen !== null || user.maxOpen !== null) {
    const open = { ofSpace: space.maxOpen, ofUser: user.maxOpen }
    const counts = await accounts.countOpen({ spaceId, userId, ...open })
    if (open.ofSpace !== null && counts.ofSpace >= open.ofSpace) {
      throw tooManyOpen({ scope: 'space', subject: spaceId }, open.ofSpace)
    }
    if (open.ofUser !== null && counts.ofUser >= open.ofUser) {
      throw tooManyOpen({ scope: 'user', subject: userId }, open.ofUser)
    }
  }
  if (![space, user].some(isBudget)) return
  const overdraft = overdraftOf(demand, await accounts.reserve({ spaceId, userId, seconds, micros }))
  if (overdraft) throw overdraft
}
