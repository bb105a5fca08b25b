import { AppError } from '@easel/protocol'
import { createInbox } from '@nats-io/nats-core'
import type { Outgoing } from './outgoing.ts'
import type { Msg, MsgHdrs, NatsConnection } from '@nats-io/nats-core'

export type Request = {
  subject: string
  payload: string
  headers: MsgHdrs
  timeoutMs: number
  signal?: AbortSignal
}

type Waiting = { resolve: (answer: Msg) => void; reject: (cause: unknown) => void }

/**
 * Requests of a connection, all answered on one subscription that stays. (Nest's client makes and ends one for each
 * call, that of NATS makes an error with a stack for each: together a third of what a call costs.)
 *
 * Rejects with NOBODY_LISTENS when the server knows of no subscriber, with DEADLINE when the time is over, with the
 * reason of the signal, and with BUS_DISCONNECTED when the connection is closed.
 */
export class Requests {
  private readonly connection: NatsConnection
  private readonly outgoing: Outgoing
  private readonly inbox = createInbox()
  private readonly waiting = new Map<string, Waiting>()
  private last = 0

  constructor(connection: NatsConnection, outgoing: Outgoing) {
    this.connection = connection
    this.outgoing = outgoing
    connection.subscribe(`${this.inbox}.*`, {
      callback: (error, message) => {
        if (!error) this.answer(message)
      },
    })
    void connection.closed().then(() => this.failAll())
  }

  async send({ subject, payload, headers, timeoutMs, signal }: Request): Promise<Msg> {
    signal?.throwIfAborted()
    const id = (++this.last).toString(36)
    const { promise, resolve, reject } = Promise.withResolvers<Msg>()
    const timer = setTimeout(() => reject(tooLate()), timeoutMs)
    const abort = () => reject(signal?.reason)
    signal?.addEventListener('abort', abort)
    this.waiting.set(id, { resolve, reject })
    this.outgoing.add(() => {
      try {
        this.connection.publish(subject, payload, { reply: `${this.inbox}.${id}`, headers })
      } catch (cause) {
        reject(cause)
      }
    })
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
      this.waiting.delete(id)
    }
  }

  private answer(message: Msg): void {
    const waiting = this.waiting.get(message.subject.slice(this.inbox.length + 1))
    // The server answers so itself when a subject has no subscriber.
    if (message.headers?.code === 503 && message.data.length === 0) waiting?.reject(nobodyListens())
    else waiting?.resolve(message)
  }

  private failAll(): void {
    for (const { reject } of this.waiting.values()) reject(connectionClosed())
  }
}

function tooLate(): AppError {
  return new AppError('deadline', 'The server did not answer in time', {
    reason: 'DEADLINE',
    retryAfterMs: 1_000,
  })
}

function nobodyListens(): AppError {
  return new AppError('unavailable', 'A part of the server is not running', {
    reason: 'NOBODY_LISTENS',
    retryAfterMs: 1_000,
  })
}

/** The request may have been received. */
function connectionClosed(): AppError {
  return new AppError('unavailable', 'The server cannot reach its parts', {
    reason: 'BUS_DISCONNECTED',
    retryAfterMs: 1_000,
    cause: new Error('The connection was closed before the answer'),
  })
}
