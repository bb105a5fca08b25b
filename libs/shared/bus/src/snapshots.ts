import { parseJson, stringifyJson } from '@easel/protocol'
import { StorageType } from '@nats-io/jetstream'
import { Kvm } from '@nats-io/kv'
import type { KV } from '@nats-io/kv'
import type { Bus } from './connect.ts'

/** The last known state of things that run, for who connects late. In memory, gone after an hour. */
export type Snapshots = {
  put(key: string, value: object): Promise<void>
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
      const entry = await use((kv) => kv.get(key))
      return entry?.operation === 'PUT' ? (parseJson(entry.string()) as Record<string, unknown>) : undefined
    },
    async remove(key) {
      await use((kv) => kv.purge(key))
    },
  }
}

/** The words of a server that has no such stream, in the three ways in which it is asked. */
const isGone = (cause: unknown): boolean =>
  cause instanceof Error && /no responders|jetstream is not enabled|stream not found/i.test(cause.message)
