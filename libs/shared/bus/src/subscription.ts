import { setTimeout as delay } from 'node:timers/promises'
import type { ConsumerConfig, ConsumerMessages, JsMsg } from '@nats-io/jetstream'
import type { Bus } from './connect.ts'

export type SubscriptionOptions = {
  stream: string
  consumer: Partial<ConsumerConfig> & { durable_name: string }
  /** Messages asked for ahead. */
  buffer: number
  run: (messages: AsyncIterable<JsMsg>, closing: AbortSignal) => Promise<void>
}

/**
 * A durable consumer that is kept going: it is made when absent, and made again when the server lost it (a
 * stream's node gone, a store wiped), until it is disposed of.
 *
 *   new → start → running ⇄ interrupted → disposed
 */
export class Subscription implements AsyncDisposable {
  private readonly bus: Bus
  private readonly options: SubscriptionOptions
  private readonly closing = new AbortController()
  private messages: ConsumerMessages | undefined
  private loop: Promise<void> = Promise.resolve()

  constructor(bus: Bus, options: SubscriptionOptions) {
    this.bus = bus
    this.options = options
  }

  async start(): Promise<void> {
    this.messages = await this.open()
    this.loop = this.keepGoing()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.closing.abort()
    await this.messages?.close()
    await this.loop
  }

  private async open(): Promise<ConsumerMessages> {
    const { stream, consumer, buffer } = this.options
    await this.ensure()
    const pull = await this.bus.jetstream.consumers.get(stream, consumer.durable_name)
    return pull.consume({
      max_messages: buffer,
      expires: 10_000,
      idle_heartbeat: 2_000,
      abort_on_missing_resource: true,
    })
  }

  /** Servers since 2.10 make no consumer of a name that has other settings, as after an update of ours. */
  private async ensure(): Promise<void> {
    const { stream, consumer } = this.options
    const { consumers } = this.bus.manager
    try {
      await consumers.add(stream, consumer)
    } catch (cause) {
      if (!(cause instanceof Error) || !/already (exists|in use)/i.test(cause.message)) throw cause
      await consumers.update(stream, consumer.durable_name, consumer)
    }
  }

  private async keepGoing(): Promise<void> {
    while (!this.closing.signal.aborted) {
      try {
        this.messages ??= await this.open()
        await this.options.run(this.messages, this.closing.signal)
      } catch (cause) {
        if (this.closing.signal.aborted || this.bus.connection.isClosed()) return
        this.bus.log.warn(
          { err: cause, consumer: this.options.consumer.durable_name },
          'a consumer was interrupted',
        )
        await delay(500)
      }
      this.messages = undefined
    }
  }
}
