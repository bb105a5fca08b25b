import { setTimeout as delay } from 'node:timers/promises'
import type { Bus } from './connect.ts'

const retryMs = 500

/**
 * Calls `repeat` when the stream of facts may lack what it had acknowledged: at once, for nobody here watched
 * before; and after each reconnect to servers that no longer have the newest fact of this process. (A server
 * syncs its files every two minutes unless told otherwise, so a power cut takes it back to an earlier state.)
 */
export function watchFacts(bus: Bus, repeat: () => void): Disposable {
  const closing = new AbortController()
  repeat()
  void watch(bus, repeat, closing.signal)
  return { [Symbol.dispose]: () => closing.abort() }
}

async function watch(bus: Bus, repeat: () => void, closing: AbortSignal): Promise<void> {
  for await (const { type } of bus.connection.status()) {
    if (closing.aborted) return
    if (type !== 'reconnect' || (await hasNewest(bus, closing))) continue
    if (closing.aborted) return
    bus.log.warn({}, 'the stream has lost facts; those of the last minutes are published again')
    repeat()
  }
}

async function hasNewest(bus: Bus, closing: AbortSignal): Promise<boolean> {
  const { newest } = bus.factsStored
  if (!newest) return false
  while (!closing.aborted && !bus.connection.isClosed()) {
    try {
      const found = await bus.manager.streams.getMessage(bus.stream('FACTS'), { seq: newest.sequence })
      return found?.header.get('Nats-Msg-Id') === newest.id
    } catch (cause) {
      if (isNotFound(cause)) return false
      // JetStream starts after the server has taken connections.
      await delay(retryMs, undefined, { signal: closing }).catch(() => undefined)
    }
  }
  return true
}

const isNotFound = (cause: unknown): boolean =>
  cause instanceof Error && /no message found|not found/i.test(cause.message)
