import { parseJson, stringifyJson } from '@easel/protocol'
import { StorageType } from '@nats-io/jetstream'
import { Kvm } from '@nats-io/kv'
import type { Bus } from './connect.ts'

/** The last known state of things that run, for who connects late. In memory, gone after an hour. */
export type Snapshots = {
  put(key: string, value: object): Promise<void>
  get(key: string): Promise<Record<string, unknown> | undefined>
  remove(key: string): Promise<void>
}

/** @param name of the bucket: a word. */
export async function openSnapshots(bus: Bus, name: string): Promise<Snapshots> {
  const bucket = await new Kvm(bus.jetstream).create(bus.stream(name), {
    storage: StorageType.Memory,
    ttl: 60 * 60_000,
    history: 1,
    max_bytes: 64 * 2 ** 20,
  })
  return {
    async put(key, value) {
      await bucket.put(key, stringifyJson(value))
    },
    async get(key) {
      const entry = await bucket.get(key)
      return entry?.operation === 'PUT' ? (parseJson(entry.string()) as Record<string, unknown>) : undefined
    },
    async remove(key) {
      await bucket.purge(key)
    },
  }
}
