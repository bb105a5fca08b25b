import type { Database } from '@easel/database'
import type { Logger } from '@easel/observability'
import { Redis } from 'ioredis'
import { CivitaiSource } from './civitai/civitai.source.ts'
import { AnswersRepository } from './http/answers.repository.ts'
import { FlightLock } from './http/flight-lock.ts'
import { Rate } from './http/rate.ts'
import { SourceHttp } from './http/source-http.ts'
import type { SourceSettings } from './http/source-settings.ts'
import { Transport } from './http/transport.ts'
import { HuggingFaceSource } from './huggingface/huggingface.source.ts'
import type { SourceId } from './source-model.ts'
import type { ModelSource, Tokens } from './source.ts'
import type { SourcesConfig } from './sources-config.ts'

export type Sources = AsyncDisposable & Readonly<Record<SourceId, ModelSource>>

type Parts = {
  readonly config: SourcesConfig
  readonly database: Database
  readonly tokens: Tokens
  readonly log: Logger
}

const forgetAfterDays = 90
const sweepMs = 6 * 3_600_000

/** Both sources. They share the rate limit and the cache with every other replica. */
export function openSources({ config, database, tokens, log }: Parts): Sources {
  const stack = new AsyncDisposableStack()
  const ending: (() => Promise<void>)[] = []
  stack.defer(async () => void (await Promise.all(ending.map((end) => end()))))
  const redis = config.redisUrl ? openRedis(config.redisUrl.reveal(), log) : undefined
  stack.defer(() => redis?.disconnect())
  const answers = new AnswersRepository(database)
  const lock = new FlightLock({ redis, prefix: config.redisPrefix, log })
  const open = (source: SourceId) => {
    const { ages, timeouts, pauseMs, userAgent } = config
    const baseUrl = config.urls[source]
    const settings: SourceSettings = {
      source,
      baseUrl,
      tokens,
      userAgent,
      ages,
      timeouts,
      pauseMs,
      rate: config.rates[source],
    }
    const transport = stack.use(new Transport(settings))
    const rate = new Rate({ redis, prefix: config.redisPrefix, name: source, ...settings.rate })
    const http = new SourceHttp({ settings, transport, answers, rate, lock })
    // After the transport is cut off: what is under way ends, and ends before the database goes.
    ending.push(() => http.settled())
    return http
  }
  const sweep = setInterval(() => {
    answers
      .forget(forgetAfterDays)
      .catch((error: unknown) => log.warn({ err: error }, 'old answers of sources stay'))
  }, sweepMs)
  sweep.unref()
  stack.defer(() => clearInterval(sweep))
  return {
    civitai: new CivitaiSource(open('civitai'), { baseUrl: config.urls.civitai }),
    huggingface: new HuggingFaceSource(open('huggingface'), { baseUrl: config.urls.huggingface }),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

/** Answers or fails at once: what is asked of it can be done without it. */
function openRedis(url: string, log: Logger): Redis {
  const redis = new Redis(url, {
    maxRetriesPerRequest: 0,
    commandTimeout: 1_000,
    connectTimeout: 2_000,
    retryStrategy: (times) => Math.min(1_000, times * 50),
  })
  redis.on('error', (error: Error) => log.warn({ err: error }, 'Redis does not answer'))
  return redis
}
