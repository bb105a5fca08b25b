import type { Sql } from '../sql.ts'

/** Null: not set here. */
export type SetOfLimits = {
  weight: number | null
  maxRunning: number | null
  maxOpen: number | null
  gpuSecondsPerDay: number | null
  gpuSecondsPerMonth: number | null
  costMicrosPerDay: number | null
  costMicrosPerMonth: number | null
  allowedModels: string[] | null
  deniedNodes: string[] | null
}

/** `subject` is the id of the space or user; empty for `any-…`. */
export type LimitsKey = { scope: 'space' | 'user' | 'any-space' | 'any-user'; subject: string }

export type LimitsRow = LimitsKey & SetOfLimits & { updatedAt: Date }

const columns = `scope, subject, weight, max_running as "maxRunning", max_open as "maxOpen",
  gpu_seconds_per_day as "gpuSecondsPerDay", gpu_seconds_per_month as "gpuSecondsPerMonth",
  cost_micros_per_day::float8 as "costMicrosPerDay", cost_micros_per_month::float8 as "costMicrosPerMonth",
  allowed_models as "allowedModels", denied_nodes as "deniedNodes", updated_at as "updatedAt"`

/** Rows are never deleted, and no change of one has the time of the change before: readers can ask for what is new. */
const upsert = `
  insert into account_limits as l (scope, subject, weight, max_running, max_open, gpu_seconds_per_day,
    gpu_seconds_per_month, cost_micros_per_day, cost_micros_per_month, allowed_models, denied_nodes, updated_by,
    updated_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, clock_timestamp())
  on conflict (scope, subject) do update set weight = excluded.weight, max_running = excluded.max_running,
    max_open = excluded.max_open, gpu_seconds_per_day = excluded.gpu_seconds_per_day,
    gpu_seconds_per_month = excluded.gpu_seconds_per_month, cost_micros_per_day = excluded.cost_micros_per_day,
    cost_micros_per_month = excluded.cost_micros_per_month, allowed_models = excluded.allowed_models,
    denied_nodes = excluded.denied_nodes, updated_by = excluded.updated_by,
    updated_at = greatest(excluded.updated_at, l.updated_at + interval '1 millisecond')`

export class LimitsRepository {
  private readonly sql: Sql

  constructor(sql: Sql) {
    this.sql = sql
  }

  /** All, or those that were set after this time; some of the minute before it come again. */
  async list(since?: Date): Promise<LimitsRow[]> {
    const text = `
      select ${columns} from account_limits
      where $1::timestamptz is null or updated_at > $1::timestamptz - interval '1 minute'`
    return (await this.sql.query<LimitsRow>(text, [since], { name: 'limits-list' })).rows
  }

  async set({ scope, subject }: LimitsKey, limits: SetOfLimits, by: string): Promise<void> {
    const json = (list: string[] | null) => list && JSON.stringify(list)
    await this.sql.query(upsert, [
      scope,
      subject,
      limits.weight,
      limits.maxRunning,
      limits.maxOpen,
      limits.gpuSecondsPerDay,
      limits.gpuSecondsPerMonth,
      limits.costMicrosPerDay,
      limits.costMicrosPerMonth,
      json(limits.allowedModels),
      json(limits.deniedNodes),
      by,
    ])
  }
}
