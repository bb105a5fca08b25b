import type { GpuMemory } from '../jobs/job-machine.ts'
import type { Sql } from '../sql.ts'

export type WorkerRow = {
  id: string
  incarnation: string
  pool: string
  ready: boolean
  simulator: boolean
  draining: boolean
  drainRequested: boolean
  runSlots: number
  prefetchSlots: number
  comfyVersion: string | null
  gpu: string | null
  vramTotal: number | null
  vramFree: number | null
  objectInfoHash: string | null
  labels: string[]
  warm: string[]
  environment: string | null
  fetchesModels: boolean
  costMicrosPerHour: number | null
  version: string
  lastSeenAt: Date
  lostAt: Date | null
  silentMs: number
}

/** What a beat tells. */
export type WorkerState = Omit<WorkerRow, 'drainRequested' | 'lastSeenAt' | 'lostAt' | 'silentMs'>

const columns = `w.id, w.incarnation, w.pool, w.ready, w.simulator, w.draining, w.drain_requested as "drainRequested",
  w.run_slots as "runSlots", w.prefetch_slots as "prefetchSlots", w.comfy_version as "comfyVersion", w.gpu,
  w.vram_total::float8 as "vramTotal", w.vram_free::float8 as "vramFree", w.object_info_hash as "objectInfoHash",
  w.labels, w.warm, w.environment, w.fetches_models as "fetchesModels", w.cost_micros_per_hour::float8 as "costMicrosPerHour", w.version, w.last_seen_at as "lastSeenAt", w.lost_at as "lostAt",
  (extract(epoch from now() - w.last_seen_at) * 1000)::float8 as "silentMs"`

/**
 * A new process gets nothing until what was sent to the old one is out of its inbox (`markClean`).
 * Gives the row as it was before, too: `old` reads the state at the statement's start.
 */
const upsert = `
  with old as (select * from workers where id = $1)
  insert into workers as w (id, incarnation, pool, ready, simulator, draining, run_slots, prefetch_slots,
    comfy_version, gpu, vram_total, vram_free, object_info_hash, labels, version, warm, environment,
    cost_micros_per_hour, fetches_models)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
  on conflict (id) do update set incarnation = excluded.incarnation, pool = excluded.pool, ready = excluded.ready and w.incarnation = excluded.incarnation,
    simulator = excluded.simulator, draining = excluded.draining, run_slots = excluded.run_slots,
    prefetch_slots = excluded.prefetch_slots, comfy_version = excluded.comfy_version, gpu = excluded.gpu,
    vram_total = excluded.vram_total, vram_free = excluded.vram_free,
    object_info_hash = excluded.object_info_hash, labels = excluded.labels, version = excluded.version,
    warm = excluded.warm, environment = excluded.environment, cost_micros_per_hour = excluded.cost_micros_per_hour,
    fetches_models = excluded.fetches_models,
    drain_requested = w.drain_requested and w.incarnation = excluded.incarnation,
    last_seen_at = now(), lost_at = null
  returning ${columns},
    (select row_to_json(o) from (
      select incarnation, ready, draining, lost_at is not null as lost from old) o) as before`

export type Beaten = WorkerRow & {
  before: { incarnation: string; ready: boolean; draining: boolean; lost: boolean } | null
}

export class WorkersRepository {
  private readonly sql: Sql

  constructor(sql: Sql) {
    this.sql = sql
  }

  async beat(worker: WorkerState): Promise<Beaten> {
    const values = [
      worker.id,
      worker.incarnation,
      worker.pool,
      worker.ready,
      worker.simulator,
      worker.draining,
      worker.runSlots,
      worker.prefetchSlots,
      worker.comfyVersion,
      worker.gpu,
      worker.vramTotal,
      worker.vramFree,
      worker.objectInfoHash,
      worker.labels,
      worker.version,
      worker.warm,
      worker.environment,
      worker.costMicrosPerHour,
      worker.fetchesModels,
    ]
    const { rows } = await this.sql.query<Beaten>(upsert, values, { name: 'worker-beat' })
    const [row] = rows
    if (!row) throw new Error('An upsert gave no row')
    return row
  }

  /** Those heard of in the last day. */
  async list(): Promise<WorkerRow[]> {
    const text = `select ${columns} from workers w where w.last_seen_at > now() - interval '1 day' order by w.id`
    return (await this.sql.query<WorkerRow>(text, [], { name: 'worker-list' })).rows
  }

  async find(id: string): Promise<WorkerRow | undefined> {
    const text = `select ${columns} from workers w where w.id = $1`
    return (await this.sql.query<WorkerRow>(text, [id], { name: 'worker-find' })).rows[0]
  }

  async requestDrain(id: string, drain: boolean): Promise<boolean> {
    const text = 'update workers set drain_requested = $2 where id = $1'
    return (await this.sql.query(text, [id, drain])).rowCount === 1
  }

  /** Locked in one order, until the transaction ends. */
  async hold(ids: readonly string[]): Promise<void> {
    const text = 'select from workers where id = any($1::text[]) order by id for no key update'
    await this.sql.query(text, [ids], { name: 'worker-hold' })
  }

  /** Gets nothing more until its next beat says that its ComfyUI answers. */
  async markNotReady(id: string, incarnation: string): Promise<void> {
    const text = 'update workers set ready = false where id = $1 and incarnation = $2'
    await this.sql.query(text, [id, incarnation], { name: 'worker-not-ready' })
  }

  async markClean(id: string, incarnation: string, ready: boolean): Promise<void> {
    const text = 'update workers set ready = $3 where id = $1 and incarnation = $2'
    await this.sql.query(text, [id, incarnation, ready], { name: 'worker-clean' })
  }

  /** False when it has been marked before, or is another process by now. */
  async markLost(id: string, incarnation: string): Promise<boolean> {
    const text = `
      update workers set lost_at = now(), ready = false
      where id = $1 and incarnation = $2 and lost_at is null`
    return (await this.sql.query(text, [id, incarnation], { name: 'worker-lost' })).rowCount === 1
  }

  /** Not lost yet: who holds attempts or was heard of in the last minutes. */
  async listWatched(): Promise<(Pick<WorkerRow, 'id' | 'incarnation' | 'silentMs'> & { open: number })[]> {
    const text = `
      select w.id, w.incarnation, (extract(epoch from now() - w.last_seen_at) * 1000)::float8 as "silentMs",
        (select count(*)::int from attempts a where a.worker_id = w.id and a.state in ('bound', 'running')) as open
      from workers w where w.lost_at is null`
    return (
      await this.sql.query<Pick<WorkerRow, 'id' | 'incarnation' | 'silentMs'> & { open: number }>(text, [], {
        name: 'worker-watched',
      })
    ).rows
  }

  /** Bytes of GPU memory of these workers, each beside the most that one of its pool has. */
  async memoryOf(ids: readonly string[]): Promise<Map<string, GpuMemory>> {
    const text = `
      select w.id, w.vram_total::float8 as worker, (
        select max(o.vram_total)::float8 from workers o where o.pool = w.pool and o.lost_at is null) as largest
      from workers w where w.id = any($1::text[]) and w.vram_total is not null`
    const { rows } = await this.sql.query<GpuMemory & { id: string }>(text, [ids], { name: 'worker-memory' })
    return new Map(rows.map(({ id, worker, largest }) => [id, { worker, largest: largest ?? worker }]))
  }

  /** Lost for longer than this. */
  async listGone(lostMs: number): Promise<string[]> {
    const text = `select id from workers where lost_at < now() - make_interval(secs => $1 / 1000.0)`
    return (await this.sql.query<{ id: string }>(text, [lostMs], { name: 'worker-gone' })).rows.map(
      ({ id }) => id,
    )
  }

  /** False when it came back in the meantime. */
  async remove(id: string): Promise<boolean> {
    const text = 'delete from workers where id = $1 and lost_at is not null'
    return (await this.sql.query(text, [id])).rowCount === 1
  }
}
