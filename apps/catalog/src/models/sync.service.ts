import type { SourceSyncView, SyncView } from '@easel/contracts'
import { remoteSources } from '@easel/contracts'
import type { Database } from '@easel/database'
import type { Logger } from '@easel/observability'
import { AppError } from '@easel/protocol'
import { acquireScanLock } from '../scan/scan-lock.ts'
import type { SourceId } from '../sources/source-model.ts'
import type { ModelSource } from '../sources/source.ts'
import type { CatalogueWriter } from './catalogue-writer.ts'
import { orNull } from './clean-value.ts'
import { FavoritesRepository } from './favorites.repository.ts'
import type { Sources } from './keeping-source.ts'
import type { ModelCareService } from './model-care.service.ts'
import { bitsUpTo } from './nsfw.ts'
import { SourceSearchesRepository } from './source-searches.repository.ts'
import { SpellingRepository } from './spelling.repository.ts'
import { SyncRepository } from './sync.repository.ts'
import type { SyncRow } from './sync.repository.ts'

export type SyncParts = {
  readonly database: Database
  /** As they are: what they tell is kept here. */
  readonly sources: Sources
  readonly writer: CatalogueWriter
  readonly care: ModelCareService
  readonly log: Logger
  /** 0: only when somebody asks. */
  readonly everyMs: number
}

const lookMs = 60_000
/** A process that has just started has better things to do. */
const firstMs = 180_000
/** How soon a source that failed is tried again; twice as long after each failure, up to the usual interval. */
const retryMs = 300_000
const pageSize = 100
const mostPages = 20
const mostOwn = 200

/**
 * Keeps the catalogue up to date: what is installed or marked first, then what the sources have that is new, until a
 * page brings nothing new. One replica does it at a time; where one stops, the next goes on.
 *
 *   idle → running → idle, or → waiting (the source failed) → running …
 */
export class SyncService implements AsyncDisposable {
  private readonly parts: SyncParts
  private readonly runs: SyncRepository
  private readonly favorites: FavoritesRepository
  private readonly closing = new AbortController()
  private readonly timer: NodeJS.Timeout
  private readonly startedAt = performance.now()
  private running: Promise<void> | undefined
  private failures = 0

  constructor(parts: SyncParts) {
    this.parts = parts
    this.runs = new SyncRepository(parts.database)
    this.favorites = new FavoritesRepository(parts.database)
    this.timer = setInterval(() => void this.look(), lookMs).unref()
  }

  async view(): Promise<SyncView> {
    const rows = new Map((await this.runs.list()).map((row) => [row.source, row]))
    return {
      everyMs: this.parts.everyMs,
      sources: remoteSources.map((source) => toView(source, rows.get(source))),
    }
  }

  /** Starts a run, unless one is under way here or elsewhere. */
  start(): void {
    if (this.closing.signal.aborted) return
    this.running ??= this.run().finally(() => {
      this.running = undefined
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.timer)
    this.closing.abort()
    await this.running
  }

  private async look(): Promise<void> {
    const { everyMs, log } = this.parts
    if (everyMs === 0 || this.running || performance.now() - this.startedAt < firstMs) return
    try {
      const rows = new Map((await this.runs.list()).map((row) => [row.source, row]))
      if (remoteSources.some((source) => this.isDue(rows.get(source)))) this.start()
    } catch (cause) {
      log.warn({ err: cause }, 'It is not known whether the catalogue is due for a sync')
    }
  }

  private isDue(row: SyncRow | undefined): boolean {
    if (!row) return true
    const { everyMs } = this.parts
    if (row.state === 'idle') return row.idleMs >= everyMs
    return row.idleMs >= Math.min(everyMs, retryMs * 2 ** Math.min(this.failures, 10))
  }

  private async run(): Promise<void> {
    const { database, log, care, everyMs } = this.parts
    try {
      await using lock = await acquireScanLock(database, 'sync')
      if (!lock) return
      const done = await Promise.all(remoteSources.map((source) => this.syncSource(source)))
      this.failures = done.every(Boolean) ? 0 : this.failures + 1
      if (this.closing.signal.aborted) return
      await care.findUpdates()
      await new SpellingRepository(database).recount()
      await new SourceSearchesRepository(database).forget(Math.max(everyMs, 86_400_000))
    } catch (cause) {
      log.warn({ err: cause }, 'The catalogue could not be brought up to date')
    }
  }

  private async syncSource(source: SourceId): Promise<boolean> {
    const { log, sources } = this.parts
    const from = await this.runs.begin(source)
    try {
      await this.refreshOwn(sources[source])
      await this.fetchNew(sources[source], from)
      // What is cut off here goes on in the next process.
      if (!this.closing.signal.aborted) await this.runs.finish(source)
      return true
    } catch (cause) {
      if (this.closing.signal.aborted) return false
      const error = AppError.from(cause)
      if (error.code === 'internal') log.error({ err: cause, source }, 'A source could not be synced')
      else log.info({ source, reason: error.reason }, 'A source does not answer: its sync goes on later')
      await this.runs.wait(source, error.message)
      return false
    }
  }

  private async refreshOwn(source: ModelSource): Promise<void> {
    const { everyMs } = this.parts
    const age = Math.min(everyMs || Infinity, 3_600_000)
    for (const id of await this.favorites.listStale(source.id, age, mostOwn)) {
      if (this.closing.signal.aborted) return
      const changed = await this.refreshOne(source, id)
      if (changed === undefined) continue
      await this.runs.advance(source.id, { pages: 0, models: 1, changed: changed ? 1 : 0 })
    }
  }

  private async fetchNew(source: ModelSource, from: SyncRow): Promise<void> {
    const { writer } = this.parts
    let cursor = from.cursor
    for (let page = from.pages; page < mostPages && !this.closing.signal.aborted; page++) {
      const answer = await source.search(
        {
          sort: 'newest',
          nsfwLevels: bitsUpTo('xxx'),
          limit: pageSize,
          ...(cursor === null ? {} : { cursor }),
        },
        this.closing.signal,
      )
      if (answer.stale)
        throw new AppError('unavailable', 'It does not answer', { reason: 'SOURCE_UNAVAILABLE' })
      const { keys, added } = await writer.keep(answer.value, 'listed')
      cursor = orNull(answer.nextCursor, 4_000)
      await this.runs.advance(source.id, {
        cursor,
        pages: 1,
        models: answer.value.length,
        changed: keys.length,
      })
      // Numbers of downloads change all the time; what is new stands at the top.
      if (cursor === null || added === 0) return
    }
  }

  /** `undefined` when there is nothing of it any more, or nothing new was told. */
  private async refreshOne(source: ModelSource, id: string): Promise<boolean | undefined> {
    try {
      const { value, stale } = await source.getModel(id, { refresh: true, signal: this.closing.signal })
      return stale ? undefined : (await this.parts.writer.keep([value], 'whole')).keys.length > 0
    } catch (cause) {
      const { code } = AppError.from(cause)
      // One that was taken down or hidden says nothing of the others.
      if (code === 'not_found' || code === 'forbidden') return undefined
      throw cause
    }
  }
}

function toView(source: SourceId, row: SyncRow | undefined): SourceSyncView {
  return {
    source,
    state: row?.state ?? 'idle',
    models: row?.models ?? 0,
    changed: row?.changed ?? 0,
    problem: row?.problem ?? null,
    startedAt: row?.startedAt?.toISOString() ?? null,
    finishedAt: row?.finishedAt?.toISOString() ?? null,
  }
}
