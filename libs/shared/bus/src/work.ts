import { parseJson, stringifyJson } from '@easel/protocol'
import { injectTrace, runWithTrace } from '@easel/observability'
import { AckPolicy } from '@nats-io/jetstream'
import { nanos } from '@nats-io/nats-core'
import { acknowledge } from './acknowledge.ts'
import { readTrace } from './call-headers.ts'
import { decode } from './decode.ts'
import { publishToStream } from './stream-publish.ts'
import { Subscription } from './subscription.ts'
import type { MessageClass } from '@easel/protocol'
import type { Bus } from './connect.ts'

/** One message in a worker's inbox. The row in the ledger decides what it is worth, never its ack. */
export type WorkItem<T extends object> = {
  payload: T
  deliveries: number
  /** Keeps the server from delivering it again; call it more often than `ackWaitMs`. */
  working(): void
  /** Takes it out of the inbox. Nobody waits for the server's word: what is lost here is delivered again. */
  done(): Promise<void>
  /** Gives it back for another delivery. */
  release(delayMs?: number): void
}

const ackWaitMs = 15_000

/** Puts work into the inbox of one worker; `id` makes a repeated send a no-op. Durable when it resolves. */
export async function sendWork(
  bus: Bus,
  worker: string,
  work: { id: string; payload: object },
): Promise<void> {
  await publishToStream(bus, {
    subject: `work.${worker}`,
    id: work.id,
    payload: stringifyJson(work.payload),
    headers: injectTrace(),
  })
}

export type InboxOptions<T extends object> = {
  worker: string
  message: MessageClass<T>
  /** Several items may be handled at once: the worker counts its own slots. Must not throw. */
  handle: (item: WorkItem<T>) => Promise<void>
  /** Items that may be out of the inbox and not yet done: run slots and prefetch slots together. */
  slots: number
}

/** Opens the inbox of a worker. What was delivered before and not done comes again. */
export async function openInbox<T extends object>(
  bus: Bus,
  options: InboxOptions<T>,
): Promise<AsyncDisposable> {
  const { worker, message: messageClass, handle, slots } = options
  const subscription = new Subscription(bus, {
    stream: bus.stream('WORK'),
    consumer: {
      durable_name: inboxName(worker),
      filter_subject: bus.subject(`work.${worker}`),
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(ackWaitMs),
      max_ack_pending: slots,
    },
    buffer: slots,
    async run(messages) {
      const active = new Set<Promise<void>>()
      for await (const message of messages) {
        let payload: T
        try {
          payload = decode(messageClass, parseJson(message.string()))
        } catch (cause) {
          bus.log.error({ err: cause, worker }, 'an item of work cannot be read and is dropped')
          message.term('unreadable')
          continue
        }
        const item: WorkItem<T> = {
          payload,
          deliveries: message.info.deliveryCount,
          working: () => message.working(),
          done: async () => acknowledge(bus, message),
          release: (delayMs) => message.nak(delayMs),
        }
        const work = runWithTrace(readTrace(message.headers), () => handle(item))
          .catch((cause: unknown) => bus.log.error({ err: cause, worker }, 'an item of work threw'))
          .finally(() => active.delete(work))
        active.add(work)
      }
      await Promise.all(active)
    },
  })
  await subscription.start()
  return subscription
}

/** Empties and removes the inbox of a worker that will not come back. */
export async function removeInbox(bus: Bus, worker: string): Promise<void> {
  await bus.manager.streams.purge(bus.stream('WORK'), { filter: bus.subject(`work.${worker}`) })
  await bus.manager.consumers.delete(bus.stream('WORK'), inboxName(worker)).catch((cause: unknown) => {
    if (!(cause instanceof Error) || !/not found/i.test(cause.message)) throw cause
  })
}

function inboxName(worker: string): string {
  return `inbox_${worker}`
}
