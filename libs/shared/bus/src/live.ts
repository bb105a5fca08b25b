import { parseJson, stringifyJson } from '@easel/protocol'
import { headers } from '@nats-io/nats-core'
import type { Bus } from './connect.ts'

/**
 * What is nice to see now and worthless later: progress, previews, log lines. Lossy by design: nobody
 * listening means that nothing is kept.
 */
export type LiveMessage = {
  spaceId: string
  /** `job-progress`, `job-preview`, … : a word of its own, so that a listener can choose. */
  channel: string
  /** What it is about: a job id. */
  key: string
  data: Record<string, unknown>
  /** Bytes that go beside the data (a preview frame): never JSON, never stored. */
  bytes?: Uint8Array
}

const dataHeader = 'easel-data'
const word = /^[\w-]+$/

export function publishLive(bus: Bus, { spaceId, channel, key, data, bytes }: LiveMessage): void {
  if (bus.connection.isClosed()) return
  const subject = bus.subject(`live.${spaceId}.${channel}.${key}`)
  if (!bytes) return bus.connection.publish(subject, stringifyJson(data))
  const carried = headers()
  carried.set(dataHeader, stringifyJson(data))
  bus.connection.publish(subject, bytes, { headers: carried })
}

export type LiveFilter = { spaceId?: string; channel?: string; key?: string }

/** Listens until disposed of. The filter's parts that are left out match everything. */
export function subscribeLive(
  bus: Bus,
  filter: LiveFilter,
  onMessage: (message: LiveMessage) => void,
): Disposable {
  const parts = [filter.spaceId, filter.channel, filter.key]
  if (parts.some((part) => part !== undefined && !word.test(part)))
    throw new TypeError('a filter part is one word')
  const subject = bus.subject(`live.${parts.map((part) => part ?? '*').join('.')}`)
  const skip = bus.subject('live.').length
  const subscription = bus.connection.subscribe(subject, {
    callback(error, message) {
      if (error) return bus.log.warn({ err: error }, 'a live subscription failed')
      const [spaceId, channel, key] = message.subject.slice(skip).split('.')
      const data = message.headers?.get(dataHeader)
      try {
        onMessage({
          spaceId: spaceId!,
          channel: channel!,
          key: key!,
          data: parseJson(data || message.string()) as Record<string, unknown>,
          ...(data && { bytes: message.data }),
        })
      } catch (cause) {
        bus.log.warn({ err: cause, subject: message.subject }, 'a live message was dropped')
      }
    },
  })
  return { [Symbol.dispose]: () => subscription.unsubscribe() }
}
