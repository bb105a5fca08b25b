import { setTimeout as delay } from 'node:timers/promises'
import { DeliverPolicy } from '@nats-io/jetstream'
import type { ConsumerConfig, ConsumerMessages, JsMsg } from '@nats-io/jetstream'
import type { Bus } from './connect.ts'

export type SubscriptionOptions = {
  stream: string
  consumer: Partial<ConsumerConfig> & { durable_name: string }
  /** Messages asked for ahead. */
  buffer: number
  /** Nobody else consumes under this name. */
  sole?: boolean
  run: (messages: AsyncIterable<JsMsg>, closing: AbortSignal) => Promise<void>
}

/** Longer than outboxes keep what they may have to publish again. */
const goBackMs = 4 * 60_000

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
    void this.watch()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.closing.abort()
    await this.messages?.close()
    await this.loop
  }

  private async open(): Promise<ConsumerMessages> {
    const { stream, consumer, buffer } = this.options
    await this.ensure()
    if (await this.isDoubtful()) await this.goBack()
    if (this.options.sole) await this.takeOver()
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
      if (!(cause instanceof Error) || !/already (exists|in use)|can ?not be updated/i.test(cause.message))
        throw cause
      // Where it began cannot be changed.
      const { deliver_policy: _, ...settings } = consumer
      await consumers.update(stream, consumer.durable_name, settings)
    }
  }

  /** A server that was started anew while we were connected: its consumer may be one of before. */
  private async watch(): Promise<void> {
    for await (const { type } of this.bus.connection.status()) {
      if (this.closing.signal.aborted) return
      if (type === 'reconnect' && (await this.isDoubtfulNow())) await this.messages?.close()
    }
  }

  private async isDoubtfulNow(): Promise<boolean> {
    while (!this.closing.signal.aborted && !this.bus.connection.isClosed()) {
      try {
        return await this.isDoubtful()
      } catch (cause) {
        // The loop notices that it is gone.
        if (cause instanceof Error && /not found/i.test(cause.message)) return false
        // JetStream starts after the server has taken connections.
        await delay(500)
      }
    }
    return false
  }

  /**
   * A power cut takes from a stream what was not on the disk yet, and less of its consumers: they stand at numbers that
   * are given anew then, and would pass over what gets them. The server remembers in memory only when a consumer was
   * last active: one that has a place and no such time has its place from the disk.
   */
  private async isDoubtful(): Promise<boolean> {
    const { stream, consumer } = this.options
    const { delivered } = await this.bus.manager.consumers.info(stream, consumer.durable_name)
    return delivered.stream_seq > 0 && delivered.consumer_seq > 0 && delivered.last_active === undefined
  }

  /** To before anything that may have been published since. Who consumes knows again what it has seen. */
  private async goBack(): Promise<void> {
    const { stream, consumer } = this.options
    const { consumers } = this.bus.manager
    const start = new Date(Date.now() - goBackMs).toISOString()
    // An inbox begins with all that it holds: what is done is not in it any more.
    const place = consumer.deliver_policy && {
      deliver_policy: DeliverPolicy.StartTime,
      opt_start_time: start,
    }
    this.bus.log.info(
      { consumer: consumer.durable_name, start },
      'the server was started anew: facts are read again',
    )
    await consumers.delete(stream, consumer.durable_name)
    await consumers.add(stream, { ...consumer, ...place })
  }

  /**
   * What a process held when it died comes again only when its time is over, behind what is newer. The only consumer
   * of a name begins anew where all before it is done instead: at once, and in order.
   */
  private async takeOver(): Promise<void> {
    const { stream, consumer } = this.options
    const { consumers, streams } = this.bus.manager
    const { num_ack_pending: held, ack_floor: done } = await consumers.info(stream, consumer.durable_name)
    if (held === 0) return
    const { state } = await streams.info(stream)
    // A stream that has lost its end: the server puts its consumers right.
    if (done.stream_seq > state.last_seq) return
    await consumers.delete(stream, consumer.durable_name)
    const place = { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: done.stream_seq + 1 }
    await consumers.add(stream, { ...consumer, ...place })
  }

  private async keepGoing(): Promise<void> {
    while (!this.closing.signal.aborted) {
      try {
        this.messages ??= await this.open()
        // Who disposed of it in the meantime found nothing to close. (What nobody iterates never says that it is.)
        if (this.closing.signal.aborted) return this.messages.stop()
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
