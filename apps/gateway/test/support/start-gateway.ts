import { openDatabase } from '@easel/database'
import { createLogger } from '@easel/observability'
import { Secret } from '@easel/config'
import { tcpProxy, tempDirectory, testDatabase, testNats, testRedis } from '@easel/testing'
import { migrateGateway, startGateway } from '../../src/app.ts'
import { Peers } from './peers.ts'
import type { Database } from '@easel/database'
import type { LookupFunction } from 'node:net'
import type { TcpProxy } from '@easel/testing'
import type { Gateway } from '../../src/app.ts'
import type { GatewayConfig } from '../../src/config.ts'

export const adminKey = `esl_${'A'.repeat(40)}`
export const adminPassword = 'correct horse battery staple'

export type TestGateway = AsyncDisposable & {
  readonly gateway: Gateway
  readonly config: GatewayConfig
  readonly peers: Peers
  readonly proxy: TcpProxy | undefined
  /** As whoever has the key; `null` is nobody. */
  call(path: string, options?: CallInit): Promise<Answer>
  /** An account with a key of its own. */
  addUser(email: string, role?: string): Promise<{ id: string; key: string; spaceId: string }>
  readonly database: Database
  /** Asks the database itself. */
  sql(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>
  /** Another gateway over the same servers. */
  startAnother(changes?: Partial<GatewayConfig>): Promise<Gateway>
}

export type CallInit = Omit<RequestInit, 'body'> & {
  key?: string | null
  json?: unknown
  body?: string | Uint8Array<ArrayBuffer> | FormData
}
export type Answer = {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly origin: string
  // oxlint-disable-next-line typescript/no-explicit-any -- a test says what it holds
  readonly body: any
}

type Changes = Partial<Omit<GatewayConfig, 'limits' | 'webhooks'>> & {
  limits?: Partial<GatewayConfig['limits']>
  webhooks?: Partial<GatewayConfig['webhooks']>
  /** Resolves the hosts of webhooks. */
  lookup?: LookupFunction
  /** Where the other services are, when the gateway gets there by a proxy. */
  peersOn?: { url: string; prefix: string }
  /** Puts a proxy between the gateway and its database. */
  proxyDatabase?: boolean
}

export async function startTestGateway(options: Changes = {}): Promise<TestGateway> {
  const { peersOn, proxyDatabase, lookup, ...changes } = options
  await using started = new AsyncDisposableStack()
  const database = started.use(
    await testDatabase({
      service: 'gateway',
      migrate: migrateGateway,
      migrations: new URL('../../prisma/migrations', import.meta.url),
    }),
  )
  const nats = started.use(await testNats())
  const redis = started.use(await testRedis())
  const blobs = started.use(await tempDirectory())
  const proxy = proxyDatabase ? started.use(await tcpProxy({ target: database.url })) : undefined
  const url = new URL(database.url)
  if (proxy) url.host = `127.0.0.1:${proxy.port}`
  const config = testConfig({ database: url.href, nats, redis, blobs: blobs.path }, changes)
  const peers = started.use(await Peers.start(peersOn ?? nats))
  const log = createLogger({ service: 'gateway', level: 'error' })
  const start = (changed: Partial<GatewayConfig> = {}) =>
    startGateway({ ...config, ...changed }, { log, ...(lookup && { lookup }) })
  const gateway = started.use(await start())
  const call = callOf(gateway)
  const pool = started.use(openDatabase({ url: database.url, schema: 'gateway', poolSize: 1 }))
  const owned = started.move()
  return {
    gateway,
    database: pool,
    sql: async (text, values = []) => (await pool.query(text, values)).rows,
    config,
    peers,
    proxy,
    call,
    addUser: (email, role = 'member') => addUser(call, email, role),
    startAnother: async (changed) => owned.use(await start(changed)),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

type Places = {
  database: string
  nats: { url: string; prefix: string }
  redis: { url: string; prefix: string }
  blobs: string
}

function testConfig(
  { database, nats, redis, blobs }: Places,
  { limits, webhooks, ...changes }: Changes,
): GatewayConfig {
  return {
    listen: { host: '127.0.0.1', port: 0 },
    database: { url: new Secret(database), poolSize: 5 },
    nats: { url: new Secret(nats.url), credentialsFile: undefined, prefix: nats.prefix },
    redis: { url: new Secret(redis.url), prefix: redis.prefix },
    blobs: { kind: 'directory', path: blobs },
    redirectToBlobs: false,
    secret: { secret: new Secret('a secret of tests that is long enough'), previous: [] },
    webhooks: {
      allowPrivate: true,
      delaysMs: [50, 100, 200],
      patienceMs: 60_000,
      leaseMs: 20_000,
      disableAfterMs: 60_000,
      keepDeliveredMs: 60_000,
      keepFailedMs: 60_000,
      concurrency: 100,
      ...webhooks,
    },
    runtime: { logLevel: 'error', logPretty: false, health: { host: '127.0.0.1', port: 0 }, graceMs: 5_000 },
    limits: {
      jsonBytes: 20_000_000,
      uploadBytes: 50_000_000,
      callsPerUser: 0,
      callsPerAddress: 0,
      loginsPerAccount: 5,
      loginsPerAddress: 100,
      socketsPerUser: 20,
      sockets: 0,
      ...limits,
    },
    bootstrap: {
      email: 'admin@example.com',
      password: new Secret(adminPassword),
      apiKey: new Secret(adminKey),
      generate: false,
    },
    publicUrl: undefined,
    corsOrigins: [],
    trustedProxies: [],
    sessionMs: 60_000,
    webDirectory: undefined,
    ...changes,
  }
}

export function callOf({ url }: Pick<Gateway, 'url'>) {
  return async (path: string, { key = adminKey, json, headers, ...init }: CallInit = {}): Promise<Answer> => {
    const response = await fetch(url + path, {
      redirect: 'manual',
      ...init,
      ...(json !== undefined && { body: JSON.stringify(json) }),
      headers: {
        ...(key !== null && { authorization: `Bearer ${key}` }),
        ...(json !== undefined && { 'content-type': 'application/json' }),
        ...(headers as Record<string, string>),
      },
    })
    const text = await response.text()
    const isJson = /json/.test(response.headers.get('content-type') ?? '')
    return {
      status: response.status,
      headers: response.headers,
      text,
      origin: new URL(url).origin,
      body: isJson && text ? JSON.parse(text) : text,
    }
  }
}

async function addUser(call: TestGateway['call'], email: string, role: string) {
  const password = 'another long password'
  const user = await call('/api/users', { method: 'POST', json: { email, role, password } })
  const login = await call('/api/auth/login', { method: 'POST', key: null, json: { email, password } })
  const cookie = login.headers.get('set-cookie')?.split(';')[0] ?? ''
  const key = await call('/api/keys', {
    method: 'POST',
    key: null,
    json: { name: 'test' },
    headers: { cookie, origin: login.origin },
  })
  return { id: user.body.id, spaceId: user.body.personalSpaceId, key: key.body.key as string }
}
