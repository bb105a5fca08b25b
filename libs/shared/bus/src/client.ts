import { AppError, parseJson, stringifyJson, subjectOf } from '@easel/protocol'
import { setTimeout as delay } from 'node:timers/promises'
import { defaultBudgetMs, writeHeaders } from './call-headers.ts'
import { fromTransport } from './transport-error.ts'
import type { CallOptions, Client, Rpc, Service } from '@easel/protocol'
import type { Bus } from './connect.ts'

/** Waits before a repeat of a call that nobody received, as in a rolling restart. */
const retryWaitsMs = [25, 100, 300, 600]

/**
 * A typed client of a contract. Every call has a deadline (5 s unless said). A call that reached nobody is
 * repeated within it; one that may have been received is repeated only when the method is a query.
 *
 * @param instance reaches one replica (a worker), where the service was served under the same name.
 */
export function createClient<S extends Service>(bus: Bus, service: S, instance?: string): Client<S> {
  const methods = Object.entries(service.rpcs).map(([method, rpc]) => {
    const subject = bus.subject(instanceSubject(subjectOf(service, method), instance))
    const call = (input: object, options: CallOptions = {}) =>
      callWithRetry({ bus, subject, rpc, input, options })
    return [method, call] as const
  })
  return Object.fromEntries(methods) as Client<S>
}

export function instanceSubject(subject: string, instance: string | undefined): string {
  return instance === undefined ? subject : `${subject}.${instance}`
}

type Call = {
  bus: Bus
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

/** What Nest's client puts on the wire; its server takes what has an `id` for a question. */
type Answer = { response?: unknown; err?: unknown }

async function callOnce({ bus, subject, input, options }: Call, budgetMs: number): Promise<unknown> {
  const { actor, signal } = options
  const message = await bus.requests.send({
    subject,
    payload: stringifyJson({ pattern: subject, data: input, id: 'call' }),
    headers: writeHeaders(actor, Math.round(budgetMs)),
    timeoutMs: budgetMs,
    ...(signal && { signal }),
  })
  const { response, err } = parseJson(message.string()) as Answer
  if (err !== undefined) throw AppError.fromWire(err as object)
  return response
}
