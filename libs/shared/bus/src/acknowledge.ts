import type { JsMsg } from '@nats-io/jetstream'
import type { Bus } from './connect.ts'

/** Nobody waits for the server's word: what is lost here is delivered again. */
export function acknowledge(bus: Bus, message: JsMsg): void {
  bus.outgoing.add(() => {
    try {
      message.ack()
    } catch (cause) {
      bus.log.warn({ err: cause, subject: message.subject }, 'a message could not be acknowledged')
    }
  })
}
