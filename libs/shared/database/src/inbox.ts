import { AppError } from '@easel/protocol'

/** Runs one statement inside the transaction that the inbox belongs to; gives the number of rows it touched. */
type Execute = (sql: string, values: unknown[]) => PromiseLike<number>

const insert =
  'insert into inbox (consumer, event_id, handled_at) values ($1, $2::uuid, now()) on conflict do nothing'

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Which events a consumer has handled. The row lives in the transaction of the event's effect. */
export class Inbox {
  readonly #execute: Execute

  /** @internal Comes with `transact`, or from `prismaInbox`. */
  constructor(execute: Execute) {
    this.#execute = execute
  }

  /**
   * True once per consumer and event; false says that the effect is already there. A second claim waits
   * for the transaction of the first to end.
   */
  async claim(consumer: string, eventId: string): Promise<boolean> {
    if (!uuid.test(eventId)) {
      throw new AppError('invalid', 'The id of an event is a UUID', { reason: 'EVENT_ID_INVALID' })
    }
    return (await this.#execute(insert, [consumer, eventId])) === 1
  }
}
