import { createHash } from 'node:crypto'
import type { SearchModels, SourceOutcome } from '@easel/contracts'
import type { Database } from '@easel/database'
import type { Logger } from '@easel/observability'
import { AppError } from '@easel/protocol'
import type { ModelSource, SourceQuery } from '../sources/source.ts'
import type { SourceId } from '../sources/source-model.ts'
import { orNull } from './clean-value.ts'
import { bitsUpTo } from './nsfw.ts'
import type { Sources } from './keeping-source.ts'
import { SourceSearchesRepository } from './source-searches.repository.ts'

export type AskerParts = {
  readonly database: Database
  /** They keep what they tell. */
  readonly sources: Sources
  readonly log: Logger
  /** How long a user waits for a source. */
  readonly deadlineMs: number
  /** For how long a source need not be asked the same again. */
  readonly maxAgeMs: number
}

/** The most that one request brings; a question of ours is answered from several of its pages. */
const sourcePage = 100

/**
 * Asks sources for what a user looks for, all at the same time, and keeps what they say. The user's answer comes
 * from the database, so a source that is slow or away costs nothing but its news; what it says late is kept, too.
 */
export class SourceAsker implements AsyncDisposable {
  readonly #searches: SourceSearchesRepository
  readonly #running = new Map<string, Promise<SourceOutcome['state']>>()
  readonly #closing = new AbortController()

  private readonly parts: AskerParts

  constructor(parts: AskerParts) {
    this.parts = parts
    this.#searches = new SourceSearchesRepository(parts.database)
  }

  /** @param seen how many results are shown already */
  ask(search: SearchModels, seen: number): Promise<SourceOutcome[]> {
    return Promise.all(this.wanted(search).map((source) => this.#askOne(source, { search, seen })))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort()
    await Promise.allSettled(this.#running.values())
  }

  private wanted({ sources, installed, favorite, task }: SearchModels): ModelSource[] {
    // What is here or was marked here is known here.
    if (installed || favorite) return []
    return Object.values(this.parts.sources).filter(
      ({ id }) =>
        (sources === undefined || sources.includes(id)) && (task === undefined || id === 'huggingface'),
    )
  }

  async #askOne(source: ModelSource, wish: { search: SearchModels; seen: number }): Promise<SourceOutcome> {
    if (wish.search.offline) return { source: source.id, state: 'cached' }
    const digest = digestOf(wish.search)
    const running = `${source.id} ${digest} ${Math.floor(wish.seen / sourcePage)}`
    let asking = this.#running.get(running)
    if (!asking) {
      asking = this.#fetch(source, { ...wish, digest }).finally(() => this.#running.delete(running))
      this.#running.set(running, asking)
    }
    try {
      return { source: source.id, state: await withDeadline(asking, this.parts.deadlineMs) }
    } catch (cause) {
      return this.failed(source.id, cause)
    }
  }

  async #fetch(
    source: ModelSource,
    { search, seen, digest }: { search: SearchModels; seen: number; digest: string },
  ): Promise<SourceOutcome['state']> {
    const known = await this.#searches.findFresh(source.id, digest, this.parts.maxAgeMs)
    const wanted = 1 + Math.floor((seen + (search.limit ?? 50)) / (sourcePage + 1))
    if (known && (known.pages >= wanted || known.nextCursor === null)) return 'cached'
    const query = { ...toSourceQuery(search), ...(known?.nextCursor ? { cursor: known.nextCursor } : {}) }
    const answer = await source.search(query, this.#closing.signal)
    if (answer.stale) {
      throw new AppError('unavailable', 'It did not answer: what it said before is shown', {
        reason: 'SOURCE_UNAVAILABLE',
      })
    }
    const nextCursor = orNull(answer.nextCursor, 4_000)
    await this.#searches.keep(source.id, digest, { pages: (known?.pages ?? 0) + 1, nextCursor })
    return 'asked'
  }

  private failed(source: SourceId, cause: unknown): SourceOutcome {
    const error = AppError.from(cause)
    if (error.code === 'internal')
      this.parts.log.error({ err: cause, source }, 'A source could not be searched')
    const { retryAfterMs } = error.extra
    return {
      source,
      state: 'failed',
      code: error.reason ?? error.code,
      message: error.message,
      retryAt: retryAfterMs === undefined ? null : new Date(Date.now() + retryAfterMs).toISOString(),
    }
  }
}

function toSourceQuery({ q, type, base, period, sort, tag, creator, ...rest }: SearchModels): SourceQuery {
  const sorted = sort === 'name' ? undefined : (sort ?? (q === undefined ? 'downloads' : 'relevance'))
  return defined({
    text: q,
    types: type,
    bases: base,
    period,
    sort: sorted,
    tag: tag?.[0],
    creator,
    nsfwLevels: bitsUpTo(rest.maxNsfw),
    commercialUse: rest.commercialUse ? ('image' as const) : undefined,
    task: rest.task,
    limit: sourcePage,
  })
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> }

function defined<T extends object>(value: T): Partial<Defined<T>> {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Partial<
    Defined<T>
  >
}

/** Of the question as sources get it. */
function digestOf(search: SearchModels): string {
  return createHash('sha1')
    .update(JSON.stringify(toSourceQuery(search)))
    .digest('base64url')
}

function withDeadline<T>(work: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () =>
        reject(
          new AppError('deadline', `It did not answer within ${ms / 1_000} s: what it said before is shown`, {
            reason: 'SOURCE_TIMEOUT',
          }),
        ),
      ms,
    )
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
