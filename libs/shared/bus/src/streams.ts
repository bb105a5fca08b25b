import { DiscardPolicy, RetentionPolicy, StorageType } from '@nats-io/jetstream'
import { nanos } from '@nats-io/nats-core'
import type { StreamConfig } from '@nats-io/jetstream'
import type { Bus } from './connect.ts'

export type StreamOptions = {
  /** 3 in a cluster of three servers, 1 alone. */
  replicas?: number
  factsMaxAgeDays?: number
}

const day = 24 * 60 * 60 * 1_000

/**
 * Makes the streams, or brings them to these settings. Every service calls it at its start. What is in
 * them can be made again from the ledgers in Postgres: a stream is a signal, not the record.
 */
export async function ensureStreams(
  bus: Bus,
  { replicas = 1, factsMaxAgeDays = 7 }: StreamOptions = {},
): Promise<void> {
  await ensureStream(bus, {
    name: bus.stream('FACTS'),
    subjects: [bus.subject('evt.>')],
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    max_age: nanos(factsMaxAgeDays * day),
    max_bytes: 4 * 2 ** 30,
    // Longer than an outbox keeps what it has published, so that a repeat of it adds nothing.
    duplicate_window: nanos(4 * 60_000),
    storage: StorageType.File,
    num_replicas: replicas,
  })
  await ensureStream(bus, {
    name: bus.stream('WORK'),
    subjects: [bus.subject('work.>')],
    retention: RetentionPolicy.Workqueue,
    discard: DiscardPolicy.New,
    max_bytes: 2 ** 30,
    duplicate_window: nanos(2 * 60_000),
    storage: StorageType.File,
    num_replicas: replicas,
  })
}

async function ensureStream(bus: Bus, config: Partial<StreamConfig> & { name: string }): Promise<void> {
  try {
    // Adding what exists with equal settings is no error, so concurrent starters are safe.
    await bus.manager.streams.add(config)
  } catch (cause) {
    // The server looks for room before it sees that the stream is there, with all the room that it was given.
    if (!isNameInUse(cause) && !(isWithoutRoom(cause) && (await exists(bus, config.name)))) throw cause
    await bus.manager.streams.update(config.name, config)
  }
}

async function exists(bus: Bus, name: string): Promise<boolean> {
  for await (const known of bus.manager.streams.names()) if (known === name) return true
  return false
}

function isWithoutRoom(cause: unknown): boolean {
  return cause instanceof Error && /insufficient storage/.test(cause.message)
}

function isNameInUse(cause: unknown): boolean {
  return cause instanceof Error && /name already in use/.test(cause.message)
}
