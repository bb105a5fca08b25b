import { readFile } from 'node:fs/promises'
import { connectBus } from './connect.ts'
import { ensureStreams } from './streams.ts'
import type { Bus, BusOptions } from './connect.ts'

export type BusConfig = {
  readonly url: { reveal(): string }
  /** A NATS `.creds` file, where the servers use accounts. */
  readonly credentialsFile: string | undefined
  readonly prefix?: string
}

/** The connection that a service's settings name, and the streams that every service relies on. */
export async function openBus(config: BusConfig, options: Pick<BusOptions, 'name' | 'log'>): Promise<Bus> {
  const { url, credentialsFile, prefix } = config
  const credentials = credentialsFile === undefined ? undefined : await readFile(credentialsFile, 'utf8')
  const bus = await connectBus({ ...options, url: url.reveal(), prefix, ...(credentials && { credentials }) })
  try {
    await ensureStreams(bus)
    return bus
  } catch (cause) {
    await bus[Symbol.asyncDispose]()
    throw cause
  }
}
