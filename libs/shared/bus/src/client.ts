import { AppError, subjectOf } from '@easel/protocol'
import { ClientNats, NatsRecordBuilder } from '@nestjs/microservices'
import { firstValueFrom, fromEvent, map, race, timeout, TimeoutError } from 'rxjs'
import { setTimeout as delay } from 'node:timers/promises'
import { defaultBudgetMs, writeHeaders } from './call-headers.ts'
import { codec } from './codec.ts'
import type { CallOptions, Client, Rpc, Service } from '@easel/protocol'
import type { Bus } from './connect.ts'

/** Nest's client over the connection that the process already has. */
class SharedClient extends ClientNats {
  private readonly bus: Bus

  constructor(bus: Bus) {
    super({ ...codec } as ConstructorParameters<typeof ClientNats>[0])
    this.bus = bus
  }

  override createClient() {
    return Promise.resolve(this.bus.connection)
  }

  /** `connectBus` reports the connection's state once for the whole process. */
  override handleStatusUpdates() {
    return Promise.resolve()
  }
}

const clients = new WeakMap<Bus, SharedClient>()

function clientOf(bus: Bus): SharedClient {
  const client = clients.get(bus) ?? new SharedClient(bus)
  clients.set(bus, client)
  return client
}

/** Waits before a repeat of a call that nobody received, as in a rolling restart. */
const retryWaitsMs = [25, 100, 300, 600]

/**
 * A typed client of a contract. Every call has a deadline (5 s unless said). A call that reached nobody is
 * repeated within it; one that may have been received is repeated only when the method is a query.
 *
 * @param instance reaches one replica (a worker), where the service was served under the same name.
 */
export function createClient<S extends Service>(bus: Bus, service: S, instance?: string): Client<S> {
  const transport = clientOf(bus)
  const methods = Object.entries(service.rpcs).map(([method, rpc]) => {
    const subject = bus.subject(instanceSubject(subjectOf(service, method), instance))
    const call = (input: object, options: CallOptions = {}) =>
      callWithRetry({ bus, transport, subject, rpc, input, options })
    return [method, call] as const
  })
  return Object.fromEntries(methods) as Client<S>
}

export function instanceSubject(subject: string, instance: string | undefined): string {
  return instance === undefined ? subject : `${subject}.${instance}`
}

type Call = {
  bus: Bus
  transport: SharedClient
  subject: string
  rpc: Rpc
  input: object
  options: CallOptions
}

async function callWithRetry(call: Call): Promise<unknown> {
  const deadline = performance.now() + (call.options.timeoutMs ?? defaultBudgetMs)
  for (let attempt = 0; ; attempt++) {
    try {
      if (!call.bus.isConnected) throw notSent()
      return await callOnce(call, Math.max(1, deadline - performance.now()))
    } catch (cause) {
      const error = fromTransport(cause)
      const waitMs = retryWaitsMs[attempt]
      const mayRepeat =
        error.reason === 'NOBODY_LISTENS' ||
        (error.reason === 'BUS_DISCONNECTED' &&
          (call.rpc.query || error.extra.cause === undefined) &&
          attempt < 2)
      if (!mayRepeat || waitMs === undefined || performance.now() + waitMs >= deadline) throw error
      await delay(waitMs)
    }
  }
}

/** Kept back: the client would send it when the connection is back, long after its caller was told no. */
function notSent(): AppError {
  const extra = { reason: 'BUS_DISCONNECTED', retryAfterMs: 1_000 }
  return new AppError('unavailable', 'The server cannot reach its parts', extra)
}

function callOnce({ transport, subject, input, options }: Call, budgetMs: number): Promise<unknown> {
  const record = new NatsRecordBuilder(input)
    .setHeaders(writeHeaders(options.actor, Math.round(budgetMs)))
    .build()
  const answer = transport.send<unknown>(subject, record).pipe(timeout(budgetMs))
  if (!options.signal) return firstValueFrom(answer)
  options.signal.throwIfAborted()
  const aborted = fromEvent(options.signal, 'abort').pipe(
    map(() => {
      throw options.signal!.reason
    }),
  )
  return firstValueFrom(race(answer, aborted))
}

/** Nest does not export the class. NATS answers so, at once, when a subject has no subscriber. */
const emptyResponse = 'EmptyResponseException'

function fromTransport(cause: unknown): AppError {
  if (cause instanceof AppError) return cause
  if (cause instanceof Error && cause.constructor.name === emptyResponse) {
    const extra = { reason: 'NOBODY_LISTENS', retryAfterMs: 1_000, cause }
    return new AppError('unavailable', 'A part of the server is not running', extra)
  }
  if (cause instanceof TimeoutError) {
    return new AppError('deadline', 'The server did not answer in time', {
      reason: 'DEADLINE',
      retryAfterMs: 1_000,
      cause,
    })
  }
  if (typeof cause === 'object' && cause !== null && 'code' in cause && !(cause instanceof Error)) {
    return AppError.fromWire(cause)
  }
  if (!isConnectionLoss(cause)) return AppError.from(cause)
  const extra = { reason: 'BUS_DISCONNECTED', retryAfterMs: 1_000, cause }
  return new AppError('unavailable', 'The server cannot reach its parts', extra)
}

/** Nest rejects with a bare text while it reconnects; the NATS client has classes for the rest. */
function isConnectionLoss(cause: unknown): boolean {
  if (typeof cause === 'string') return cause.includes('Connection lost')
  return cause instanceof Error && (connectionErrors.has(cause.name) || cause.message === 'Connection closed')
}

const connectionErrors = new Set(['ConnectionError', 'ClosedConnectionError', 'DrainingConnectionError'])
