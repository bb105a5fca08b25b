import { connect as connectNats, credsAuthenticator, tokenAuthenticator } from '@nats-io/transport-node'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { AppError } from '@easel/protocol'
import { Outgoing } from './outgoing.ts'
import { Requests } from './requests.ts'
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'

export type BusLog = {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export type BusOptions = {
  /** `nats://[user:password@|token@]host:port`, several with commas. */
  url: string
  /** Shows in the server's connection list: service and replica. */
  name: string
  /** Goes before every subject and stream name: tests share a server this way. */
  prefix?: string
  /** Contents of a NATS credentials file. */
  credentials?: string
  log: BusLog
}

/** One connection of one process. Streams are made on first use (`ensureStreams`). */
export type Bus = AsyncDisposable & {
  readonly connection: NatsConnection
  readonly jetstream: JetStreamClient
  readonly manager: JetStreamManager
  /** @internal */
  readonly requests: Requests
  /** @internal */
  readonly outgoing: Outgoing
  /** @internal What the stream of facts has last acknowledged to this process. */
  readonly factsStored: { newest?: { sequence: number; id: string } }
  readonly log: BusLog
  /** False while the connection is lost: what is sent then waits for its return. */
  readonly isConnected: boolean
  /** The subject with this bus's prefix. */
  subject(name: string): string
  /** The stream or bucket name with this bus's prefix. */
  stream(name: string): string
  /** Throws `unavailable` when the server does not answer. */
  check(): Promise<void>
}

export async function connectBus(options: BusOptions): Promise<Bus> {
  const { servers, auth } = parseUrls(options.url)
  const connection = await connectNats({
    servers,
    name: options.name,
    ...auth,
    ...(options.credentials && {
      authenticator: credsAuthenticator(new TextEncoder().encode(options.credentials)),
    }),
    // The client's defaults give up after ten tries and notice a cut cable after minutes.
    maxReconnectAttempts: -1,
    reconnectTimeWait: 200,
    reconnectJitter: 100,
    pingInterval: 1_000,
    maxPingOut: 2,
    // A cut while we introduce ourselves looks to the server like a wrong password; after two of these in a life the
    // client would never come back.
    ignoreAuthErrorAbort: true,
    // Of one try; it may be to a server that takes the connection and says nothing.
    timeout: 5_000,
    // A stack for each call that might fail costs more than the call's own work.
    noAsyncTraces: true,
  }).catch((cause: unknown) => {
    throw new AppError('unavailable', 'NATS cannot be reached', { reason: 'NATS_UNAVAILABLE', cause })
  })
  const state = { connected: true }
  void reportStatus(connection, options.log, state)

  const js = jetstream(connection, { timeout: 5_000 })
  // `checkAPI: false`: a JetStream that is still starting must not stop us from starting.
  const manager = await jetstreamManager(connection, { checkAPI: false, timeout: 5_000 })
  const prefix = options.prefix ?? ''
  const outgoing = new Outgoing()
  return {
    connection,
    jetstream: js,
    manager,
    requests: new Requests(connection, outgoing),
    outgoing,
    factsStored: {},
    log: options.log,
    get isConnected() {
      return state.connected && !connection.isClosed()
    },
    subject: (name) => prefix + name,
    stream: (name) => prefix.replaceAll('.', '_') + name,
    async check() {
      await connection.rtt().catch((cause: unknown) => {
        throw new AppError('unavailable', 'NATS does not answer', { reason: 'NATS_UNAVAILABLE', cause })
      })
    },
    async [Symbol.asyncDispose]() {
      outgoing.flush()
      // `drain` delivers what has arrived and flushes what was sent; on a lost connection it cannot.
      if (!connection.isClosed()) await connection.drain().catch(() => connection.close())
    },
  }
}

function parseUrls(urls: string) {
  const parsed = urls
    .split(',')
    .map((url) => new URL(url.includes('://') ? url.trim() : `nats://${url.trim()}`))
  const [first] = parsed
  const user = decodeURIComponent(first!.username)
  const pass = decodeURIComponent(first!.password)
  const secure = first!.protocol === 'tls:' ? { tls: {} } : {}
  const servers = parsed.map((url) => url.host)
  if (user && pass) return { servers, auth: { ...secure, user, pass } }
  if (user) return { servers, auth: { ...secure, authenticator: tokenAuthenticator(user) } }
  return { servers, auth: secure }
}

async function reportStatus(
  connection: NatsConnection,
  log: BusLog,
  state: { connected: boolean },
): Promise<void> {
  for await (const status of connection.status()) {
    if (status.type === 'disconnect') state.connected = false
    if (status.type === 'reconnect') state.connected = true
    if (status.type === 'disconnect') log.warn({ server: status.server }, 'lost the connection to NATS')
    if (status.type === 'reconnect') log.info({ server: status.server }, 'connected to NATS again')
    if (status.type === 'error') log.error({ err: status.error }, 'NATS reported an error')
  }
}
