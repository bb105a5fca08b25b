import { fileURLToPath } from 'node:url'
import { readConfig } from '@easel/config'
import { migrate, openDatabase } from '@easel/database'
import type { Database } from '@easel/database'
import { createLogger } from '@easel/observability'
import { startStandIns } from '@easel/stand-ins'
import type { SeenRequest, StandInOptions, StandIns } from '@easel/stand-ins'
import { testDatabase, testRedis } from '@easel/testing'
import { openSources } from '../../src/sources/open-sources.ts'
import type { Sources } from '../../src/sources/open-sources.ts'
import { sourcesConfig } from '../../src/sources/sources-config.ts'
import type { SourcesConfig } from '../../src/sources/sources-config.ts'
import type { SourceId } from '../../src/sources/source-model.ts'

const log = createLogger({ service: 'catalog', level: 'silent' })
const migrations = fileURLToPath(new URL('../../prisma/migrations', import.meta.url))

export type TestSources = AsyncDisposable &
  Sources & {
    readonly standIns: StandIns
    readonly database: Database
    /** What came to CivitAI and Hugging Face, as text: `GET /api/v1/models?types=LORA`. */
    asked(server?: 'civitai' | 'huggingface'): string[]
    /** Another replica: the same database and Redis. */
    replica(changes?: Partial<SourcesConfig>): Sources
    readonly tokens: Partial<Record<SourceId, string>>
  }

type TestSourcesOptions = { standIns?: StandInOptions; config?: Partial<SourcesConfig> }

/** Sources over stand-ins, with ages that no test outlasts and pauses that it does. */
export async function openTestSources(options: TestSourcesOptions = {}): Promise<TestSources> {
  await using stack = new AsyncDisposableStack()
  const { url } = stack.use(
    await testDatabase({
      service: 'catalog',
      migrations,
      migrate: async (at) => void (await migrate({ url: at, schema: 'catalog', directory: migrations })),
    }),
  )
  const redis = stack.use(await testRedis())
  const standIns = stack.use(await startStandIns(options.standIns))
  const database = stack.use(openDatabase({ url, schema: 'catalog', poolSize: 4, headers: () => ({}), log }))
  const config: SourcesConfig = {
    ...readConfig(
      {
        EASEL_CIVITAI_URL: standIns.civitai.url,
        EASEL_HF_URL: standIns.huggingface.url,
        EASEL_REDIS_URL: redis.url,
      },
      sourcesConfig,
    ),
    redisPrefix: redis.prefix,
    ages: { goodMs: 600_000, refusedMs: 600_000, failedMs: 50 },
    pauseMs: 50,
    ...options.config,
  }
  const tokens: Partial<Record<SourceId, string>> = {}
  const tokenFor = (source: SourceId) => Promise.resolve(tokens[source] ?? null)
  const replica = (changes: Partial<SourcesConfig> = {}) =>
    stack.use(openSources({ config: { ...config, ...changes }, database, tokens: { tokenFor }, log }))
  const { civitai, huggingface } = replica()
  const owned = stack.move()
  return {
    civitai,
    huggingface,
    standIns,
    database,
    tokens,
    asked: (server) => standIns.requests.filter((seen) => seen.server === (server ?? 'civitai')).map(textOf),
    replica: (changes) =>
      owned.use(openSources({ config: { ...config, ...changes }, database, tokens: { tokenFor }, log })),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

function textOf({ method, path, query }: SeenRequest): string {
  const text = query.map(([name, value]) => `${name}=${value}`).join('&')
  return `${method} ${path}${text === '' ? '' : `?${text}`}`
}
