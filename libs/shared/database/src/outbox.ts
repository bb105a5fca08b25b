import { AppError, factSubject, newId, stringifyJson, type Fact } from '@easel/protocol'

/** Extra headers for a message, asked for when it is written: the trace context of the cause. */
export type HeaderSource = () => Readonly<Record<string, string>>

export type OutboxOptions = {
  /** The message id, and so what copies of it are recognised by. A new one by default. */
  readonly id?: string
  /** What the message is about (a job's id): consumers that keep order keep it per key. */
  readonly key?: string
}

export type OutboxEntry<T extends object = object> = OutboxOptions & { readonly payload: T }

/** A message on its way from the table to the bus. */
export type OutboxMessage = {
  /** To be sent as the message id, so that the stream drops a copy. */
  readonly id: string
  readonly subject: string
  /** JSON text, ready to be sent. */
  readonly payload: string
  readonly headers: Readonly<Record<string, string>>
  readonly key: string | null
}

/** Runs one statement inside the transaction that the outbox belongs to. */
type Execute = (sql: string, values: unknown[]) => PromiseLike<unknown>

/** The bus takes 1 MiB; jsonb gives the text back with a space after each comma and colon. */
const maxMessageBytes = 512 * 1024

const insert = `
  insert into outbox (id, subject, payload, headers, key)
  select id, subject, payload, headers, key
  from jsonb_to_recordset($1::jsonb) as m(id uuid, subject text, payload jsonb, headers jsonb, key text)`

/**
 * Facts to be published when, and only when, the transaction commits. Obtained from a transaction and
 * useless after it.
 */
export class Outbox {
  readonly #execute: Execute
  readonly #headers: HeaderSource

  /** @internal Comes with `transact`, or from `prismaOutbox`. */
  constructor(execute: Execute, headers: HeaderSource = () => ({})) {
    this.#execute = execute
    this.#headers = headers
  }

  add<T extends object>(fact: Fact<T>, payload: T, options: OutboxOptions = {}): Promise<void> {
    return this.addMany(fact, [{ ...options, payload }])
  }

  /** One statement for all; they are published in this order. */
  async addMany<T extends object>(fact: Fact<T>, entries: readonly OutboxEntry<T>[]): Promise<void> {
    if (entries.length === 0) return
    const headers = this.#headers()
    const rows = entries.map(({ id = newId(), key = null, payload }) => ({
      id,
      subject: factSubject(fact),
      payload,
      headers,
      key,
    }))
    const text = stringifyJson(rows)
    // A message that the bus can never take would hold up all that follow it.
    if (
      text.length > maxMessageBytes &&
      rows.some((row) => Buffer.byteLength(stringifyJson(row)) > maxMessageBytes)
    ) {
      throw new AppError('internal', `A message of ${factSubject(fact)} is too large`, {
        reason: 'OUTBOX_TOO_LARGE',
      })
    }
    await this.#execute(insert, [text])
  }
}
