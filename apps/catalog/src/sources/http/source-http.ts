import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { AppError } from '@easel/protocol'
import { isPage, refusal, waitOf } from '../refusal.ts'
import type { AnswersRepository, KeptAnswer } from './answers.repository.ts'
import { Breaker } from './breaker.ts'
import type { FlightLock } from './flight-lock.ts'
import type { Rate } from './rate.ts'
import type { Ages, SourceSettings } from './source-settings.ts'
import type { Transport, TransportAnswer, TransportRequest } from './transport.ts'

export type SourceRequest = {
  /** Below the base address. */
  readonly path: string
  readonly query?: readonly (readonly [string, string])[]
  /** Sent by POST. */
  readonly json?: unknown
  readonly as?: 'json' | 'text'
  /** How long its answer is believed; default as set. */
  readonly maxAgeMs?: number
  /** Ask even when what is known is fresh. */
  readonly refresh?: boolean
  /** The page where a person can ask for access. */
  readonly pageUrl?: string
  readonly signal?: AbortSignal | undefined
}

export type SourceAnswer = {
  readonly text: string
  /** Parsed once, for all who asked: not to be changed. Of `as: 'text'` it is undefined. */
  readonly json: unknown
  readonly link: string | null
  readonly fetchedAt: string
  readonly stale: boolean
}

type Parts = {
  readonly settings: SourceSettings
  readonly transport: Transport
  readonly answers: AnswersRepository
  readonly rate: Rate
  readonly lock: FlightLock
}

type Asked = {
  readonly key: string
  readonly url: URL
  readonly token: string | null
  readonly request: SourceRequest
}

type ReadAnswer = TransportAnswer & { readonly json: unknown }

/** What it waits for itself when a source says "in a moment". */
const shortWaitMs = 3_000

/**
 * Asks a source, once for all who want the same: from the cache while an answer is fresh, else from the source, else,
 * when that fails, what it said before. A failure is believed for a while, too.
 */
export class SourceHttp {
  readonly #parts: Parts
  readonly #breaker: Breaker
  readonly #flights = new Map<string, Promise<SourceAnswer>>()

  constructor(parts: Parts) {
    this.#parts = parts
    this.#breaker = new Breaker(parts.settings.pauseMs)
  }

  async ask(request: SourceRequest): Promise<SourceAnswer> {
    request.signal?.throwIfAborted()
    const asked = await this.#asked(request)
    const flightKey = `${asked.key}${request.refresh ? '!' : ''}`
    const flight = this.#flights.get(flightKey) ?? this.#start(flightKey, asked)
    return waitFor(flight, request.signal)
  }

  /** When nothing is under way any more. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#flights.values())
  }

  #start(flightKey: string, asked: Asked): Promise<SourceAnswer> {
    const flight = this.#obtain(asked).finally(() => this.#flights.delete(flightKey))
    this.#flights.set(flightKey, flight)
    return flight
  }

  async #asked(request: SourceRequest): Promise<Asked> {
    const { baseUrl, source, tokens } = this.#parts.settings
    const url = new URL(`${baseUrl}${request.path}`)
    for (const [name, value] of request.query ?? []) url.searchParams.append(name, value)
    const token = await tokens.tokenFor(source)
    const parts = [source, url.href, JSON.stringify(request.json ?? null), token ?? '']
    const key = createHash('sha256').update(parts.join('\n')).digest('base64url')
    return { key, url, token, request }
  }

  async #obtain(asked: Asked): Promise<SourceAnswer> {
    const { answers, lock } = this.#parts
    const kept = await answers.find(asked.key)
    const as = asked.request.as ?? 'json'
    const known = asked.request.refresh ? undefined : settled(kept, as)
    if (known) return known()
    const brought = async () => {
      const now = await answers.find(asked.key)
      const isNew = now?.fetchedAt?.getTime() !== kept?.fetchedAt?.getTime() || now?.failing === true
      return isNew ? settled(now, as)?.() : undefined
    }
    return lock.run(asked.key, () => this.#fetch(asked, kept), brought)
  }

  async #fetch(asked: Asked, kept: KeptAnswer | undefined): Promise<SourceAnswer> {
    try {
      return await this.#fromSource(asked, kept)
    } catch (cause) {
      const failure = AppError.from(cause)
      if (failure.code === 'internal') throw cause
      await this.#keepFailure(asked, failure)
      if (kept?.body && failure.retryable)
        return answerOf(kept, { stale: true, as: asked.request.as ?? 'json' })
      throw failure
    }
  }

  async #fromSource(asked: Asked, kept: KeptAnswer | undefined): Promise<SourceAnswer> {
    const { answers, settings } = this.#parts
    const answer = await this.#send(asked, kept)
    const ageMs = asked.request.maxAgeMs ?? settings.ages.goodMs
    if (answer.status === 304 && kept?.body) {
      const fetchedAt = (await answers.renew(asked.key, ageMs)) ?? new Date()
      return answerOf({ ...kept, fetchedAt }, { stale: false, as: asked.request.as ?? 'json' })
    }
    const link = answer.headers['link'] ?? null
    const fetchedAt = await answers.keep({
      key: asked.key,
      source: settings.source,
      url: asked.url.href,
      body: answer.text,
      etag: answer.headers['etag'] ?? null,
      lastModified: answer.headers['last-modified'] ?? null,
      link,
      ageMs,
    })
    return { text: answer.text, json: answer.json, link, fetchedAt: fetchedAt.toISOString(), stale: false }
  }

  /** A good answer. A source that is only busy for a moment is asked once more. */
  async #send(asked: Asked, kept: KeptAnswer | undefined): Promise<ReadAnswer> {
    try {
      return await this.#sendOnce(asked, kept)
    } catch (cause) {
      const failure = AppError.from(cause)
      const waitMs = failure.extra.retryAfterMs ?? shortWaitMs + 1
      const isBusy = failure.extra.details?.['status'] === 503 || failure.extra.details?.['status'] === 429
      if (!isBusy || waitMs > shortWaitMs) throw cause
      await delay(waitMs)
      return this.#sendOnce(asked, kept)
    }
  }

  async #sendOnce(asked: Asked, kept: KeptAnswer | undefined): Promise<ReadAnswer> {
    const { rate, settings } = this.#parts
    this.#breaker.enter()
    try {
      await rate.take(AbortSignal.timeout(settings.timeouts.totalMs))
    } catch (cause) {
      this.#breaker.left()
      throw cause
    }
    let answer = await this.#transfer(asked, kept, asked.token)
    // A token that is refused must not keep what is public away.
    if (answer.status === 401 && asked.token && isInvalidToken(answer)) {
      answer = await this.#transfer(asked, kept, null)
    }
    if (answer.status === 429) await rate.block(waitOf(answer.headers))
    if (answer.status === 304 || (answer.status >= 200 && answer.status < 300)) return answer
    throw refusal({
      source: settings.source,
      ...answer,
      ...(asked.request.pageUrl !== undefined && { pageUrl: asked.request.pageUrl }),
    })
  }

  async #transfer(asked: Asked, kept: KeptAnswer | undefined, token: string | null): Promise<ReadAnswer> {
    const { request, url } = asked
    const body = request.json === undefined ? undefined : JSON.stringify(request.json)
    const headers = { ...(body !== undefined && { 'content-type': 'application/json' }), ...conditions(kept) }
    const method = body === undefined ? 'GET' : 'POST'
    const answer = await this.#transferOrPause({ method, url, headers, body, token })
    const isGood = answer.status >= 200 && answer.status < 300
    const read = isGood && request.as !== 'text' ? parsed(answer) : { json: undefined }
    if (answer.status >= 500 || !read) this.#breaker.failed({ reached: true })
    else this.#breaker.succeeded()
    if (read) return { ...answer, ...read }
    throw new AppError('unavailable', 'The source answers with a page instead of data', {
      reason: 'SOURCE_UNAVAILABLE',
    })
  }

  /** A connection that breaks off may have been an idle one that the other end closed: a new one is tried. */
  async #transferOrPause(request: TransportRequest): Promise<TransportAnswer> {
    const { transport } = this.#parts
    try {
      return await transport.send(request).catch((cause: unknown) => {
        if (cause instanceof AppError && cause.code === 'unavailable') return transport.send(request)
        throw cause
      })
    } catch (cause) {
      this.#breaker.failed({ reached: false })
      throw cause
    }
  }

  async #keepFailure({ key, url }: Asked, failure: AppError): Promise<void> {
    const { answers, settings } = this.#parts
    const ageMs = failureAge(failure, settings.ages)
    await answers.keepFailure({
      key,
      source: settings.source,
      url: url.href,
      failure: failure.toWire(),
      ageMs,
    })
  }
}

/** What is known well enough not to ask: a fresh answer, or a failure that is still believed. */
function settled(kept: KeptAnswer | undefined, as: 'json' | 'text'): (() => SourceAnswer) | undefined {
  if (!kept) return undefined
  if (kept.fresh) return () => answerOf(kept, { stale: false, as })
  if (!kept.failing) return undefined
  const failure = AppError.fromWire(kept.failure)
  return () => {
    if (kept.body && failure.retryable) return answerOf(kept, { stale: true, as })
    throw failure
  }
}

function answerOf(
  { body, link, fetchedAt }: KeptAnswer,
  { stale, as }: { stale: boolean; as: 'json' | 'text' },
): SourceAnswer {
  const json: unknown = as === 'json' ? JSON.parse(body!) : undefined
  return { text: body!, json, link, fetchedAt: (fetchedAt ?? new Date(0)).toISOString(), stale }
}

function conditions(kept: KeptAnswer | undefined): Record<string, string> {
  if (!kept?.body) return {}
  if (kept.etag) return { 'if-none-match': kept.etag }
  return kept.lastModified ? { 'if-modified-since': kept.lastModified } : {}
}

/** Undefined for what is no JSON, whatever it calls itself. */
function parsed({ headers, text }: TransportAnswer): { json: unknown } | undefined {
  if (isPage(headers)) return undefined
  try {
    return { json: JSON.parse(text) }
  } catch {
    return undefined
  }
}

const isInvalidToken = ({ text, headers }: TransportAnswer): boolean =>
  headers['x-error-code'] === undefined && /invalid credentials|invalid username/i.test(text)

function failureAge(failure: AppError, { refusedMs, failedMs }: Ages): number {
  if (!failure.retryable) return refusedMs
  return Math.max(failedMs, Math.min(failure.extra.retryAfterMs ?? 0, 10 * 60_000))
}

/** One who leaves does not take the flight away from the others. */
function waitFor<T>(flight: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return flight
  return new Promise((resolve, reject) => {
    const leave = () => reject(signal.reason as Error)
    if (signal.aborted) leave()
    signal.addEventListener('abort', leave, { once: true })
    flight.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
  })
}
