import type { Database } from '@easel/database'

export type SyncRow = {
  source: string
  state: 'idle' | 'running' | 'waiting'
  cursor: string | null
  pages: number
  models: number
  changed: number
  problem: string | null
  startedAt: Date | null
  finishedAt: Date | null
  /** For so long nothing has happened. */
  idleMs: number
}

export class SyncRepository {
  private readonly database: Database

  constructor(database: Database) {
    this.database = database
  }

  async list(): Promise<SyncRow[]> {
    const { rows } = await this.database.query<SyncRow>(
      `select source, state, cursor, pages, models, changed, problem, started_at as "startedAt",
         finished_at as "finishedAt", extract(epoch from now() - updated_at)::float8 * 1000 as "idleMs"
       from source_syncs order by source`,
      [],
      { name: 'syncs-list' },
    )
    return rows
  }

  /** Begins a run, or takes up the one that did not come to its end. */
  async begin(source: string): Promise<SyncRow> {
    const { rows } = await this.database.query<SyncRow>(
      `insert into source_syncs as s (source, state, started_at) values ($1, 'running', now())
       on conflict (source) do update set state = 'running', problem = null, updated_at = now(),
         cursor = case when s.state = 'idle' then null else s.cursor end,
         pages = case when s.state = 'idle' then 0 else s.pages end,
         models = case when s.state = 'idle' then 0 else s.models end,
         changed = case when s.state = 'idle' then 0 else s.changed end,
         started_at = case when s.state = 'idle' then now() else s.started_at end
       returning source, state, cursor, pages, models, changed, problem, started_at as "startedAt",
         finished_at as "finishedAt", 0::float8 as "idleMs"`,
      [source],
    )
    return rows[0]!
  }

  async advance(source: string, { cursor, pages, models, changed }: SyncStep): Promise<void> {
    await this.database.query(
      `update source_syncs set cursor = case when $3 > 0 then $2 else cursor end, pages = pages + $3, models = models + $4, changed = changed + $5,
         updated_at = now() where source = $1`,
      [source, cursor ?? null, pages, models, changed],
      { name: 'syncs-advance' },
    )
  }

  async finish(source: string): Promise<void> {
    await this.database.query(
      `update source_syncs set state = 'idle', cursor = null, finished_at = now(), updated_at = now() where source = $1`,
      [source],
    )
  }

  async wait(source: string, problem: string): Promise<void> {
    await this.database.query(
      `update source_syncs set state = 'waiting', problem = $2, updated_at = now() where source = $1`,
      [source, problem],
    )
  }
}

/** `cursor` comes with a page. */
export type SyncStep = { cursor?: string | null; pages: number; models: number; changed: number }
