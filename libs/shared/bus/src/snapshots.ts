import { setTimeout as delay } from 'node:timers/promises'
import { AppError, parseJson, stringifyJson } from '@easel/protocol'
import { StorageType } from '@nats-io/jetstream'
import { Kvm } from '@nats-io/kv'
import type { KV } from '@nats-io/kv'
import type { Bus } from './connect.ts'

/** The last known state of things that run, for who connects late. In memory, gone after an hour. */
export type Snapshots = {
  put(key: string, value: object): Promise<void>
  /** Undefined also when it cannot be had at once: nobody's answer waits for what is only nice to know. */
  get(key: string): Promise<Record<string, unknown> | undefined>
  remove(key: string): Promise<void>
}

/** @param name of the bucket: a word. A server that is started anew has lost it; whoever notices makes it again. */
export async function openSnapshots(bus: Bus, name: string): Promise<Snapshots> {
  const make = () =>
    new Kvm(bus.jetstream).create(bus.stream(name), {
      storage: StorageType.Memory,
      ttl: 60 * 60_000,
      history: 1,
      max_bytes: 64 * 2 ** 20,
    })
  let bucket = make()
  await bucket
  const use = async <T>(work: (bucket: KV) => Promise<T>): Promise<T> => {
    const tried = bucket
    try {
      return await work(await tried)
    } catch (cause) {
      if (!isGone(cause)) throw cause
      // Several may notice at once: the first makes it.
      if (bucket === tried) {
        bucket = make()
        bucket.catch(() => (bucket = tried))
      }
      return work(await bucket)
    }
  }
  return {
    async put(key, value) {
      await use((kv) => kv.put(key, stringifyJson(value)))
    },
    async get(key) {
      const entry = await soon(use((kv) => kv.get(key))).catch((cause: unknown) => {
        bus.log.warn({ err: cause, key }, 'a snapshot was not read')
      })
      return entry?.operation === 'PUT' ? (parseJson(entry.string()) as Record<string, unknown>) : undefined
    },
    async remove(key) {
      await use((kv) => kv.purge(key))
    },
  }
}

const soonMs = 500

async function soon<T>(work: Promise<T>): Promise<T> {
  const over = new AbortController()
  const late = delay(soonMs, undefined, { signal: over.signal, ref: false }).then(
    () => {
      throw new AppError('deadline', `No answer in ${soonMs} ms`)
    },
    () => work,
  )
  try {
    return await Promise.race([work, late])
  } finally {
    over.abort()
  }
}

/** The words of a server that has no such stream, in the three ways in which it is asked. */
const isGone = (cause: unknown): boolean =>
  cause instanceof Error && /no responders|jetstream is not enabled|stream not found/i.test(cause.message)
