import { setTimeout as delay } from 'node:timers/promises'
import { connectBus } from '@easel/bus'
import type { Bus } from '@easel/bus'
import type { Random } from './random.ts'

type Captured = { subject: string; data: Uint8Array; id: string | undefined; headers: unknown }

const kept = 400
/** How short a stream's memory of message ids can be made. */
const windowNanos = 100_000_000

/** Hears all facts and all work, and sends some of it again, in another order: as a cluster after a bad day. */
export class Messages implements AsyncDisposable {
  readonly #bus: Bus
  readonly #captured: Captured[] = []

  private constructor(bus: Bus) {
    this.#bus = bus
    for (const subject of ['evt.>', 'work.>']) {
      bus.connection.subscribe(subject, {
        callback: (_error, message) => {
          const id = message.headers?.get('Nats-Msg-Id')
          this.#captured.push({
            subject: message.subject,
            data: message.data,
            id: id === '' ? undefined : id,
            headers: message.headers,
          })
          if (this.#captured.length > kept) this.#captured.splice(0, kept / 4)
        },
      })
    }
  }

  static async open(url: string): Promise<Messages> {
    const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }
    return new Messages(await connectBus({ url, name: 'chaos', log: silent }))
  }

  /** With the ids that they had, as a stream gives them that has forgotten which it has seen. */
  async repeat(count: number, random: Random): Promise<number> {
    const chosen = random.shuffled(this.#captured).slice(0, count)
    const { manager, connection } = this.#bus
    const windows = new Map<string, number>()
    for (const name of ['FACTS', 'WORK']) {
      const { config } = await manager.streams.info(name)
      windows.set(name, config.duplicate_window)
      await manager.streams.update(name, { duplicate_window: windowNanos })
    }
    try {
      await delay(150)
      for (const { subject, data, headers } of chosen) {
        connection.publish(subject, data, { headers } as Parameters<typeof connection.publish>[2])
      }
      await connection.flush()
    } finally {
      for (const [name, window] of windows) {
        await manager.streams.update(name, { duplicate_window: window }).catch(() => undefined)
      }
    }
    return chosen.length
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bus.connection.close()
  }
}
