import { createHash, randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { connectBus, ensureStreams } from '@easel/bus'
import type { Bus } from '@easel/bus'
import { migrate, openDatabase } from '@easel/database'
import type { Database } from '@easel/database'
import { newId } from '@easel/protocol'
import { createHasher } from '@easel/safetensors'
import { tempDirectory, testDatabase, testNats } from '@easel/testing'
import { DownloaderStore } from '../../src/downloader.store.ts'
import { openHub } from '../../src/hub/open-hub.ts'
import type { Hub, HubConfig } from '../../src/hub/open-hub.ts'
import type { VerifiedFile } from '../../src/transfers/placement.ts'
import { silent } from './start-downloader.ts'

export type HubHouse = AsyncDisposable & {
  /** Of the models. */
  directory: string
  databaseUrl: string
  store: DownloaderStore
  database: Database
  bus: Bus
  /** Bytes; null: none. */
  budget: { bytes: number | null }
  /** Another replica over the same folder and database. */
  open(changes?: Partial<HubConfig>): Promise<Hub>
  /** A verified partial file, as the engine hands it over. */
  partial(bytes: Buffer, name?: Partial<VerifiedFile>): Promise<{ path: string; file: VerifiedFile }>
  /** A real file below the models folder. */
  write(path: string, bytes: Buffer): Promise<string>
  blobOf(sha256: string): string
}

export const sha256Of = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
export const someBytes = (length = 10_000): Buffer => randomBytes(length)

export const hubConfig: HubConfig = {
  store: undefined,
  recentMs: 0,
  namelessMs: 24 * 60 * 60_000,
  sweepMs: 60 * 60_000,
  verifyBytesPerSecond: 0,
  verifyMaxAgeMs: 0,
}

/** Database, bus and models folder of a test; hubs are opened over them. */
export async function openHubHouse(): Promise<HubHouse> {
  await using stack = new AsyncDisposableStack()
  const migrations = fileURLToPath(new URL('../../prisma/migrations', import.meta.url))
  const { url } = stack.use(
    await testDatabase({
      service: 'downloader',
      migrations,
      migrate: async (at) => void (await migrate({ url: at, schema: 'downloader', directory: migrations })),
    }),
  )
  const nats = stack.use(await testNats())
  const { path: directory } = stack.use(await tempDirectory())
  const database = stack.use(openDatabase({ url, schema: 'downloader' }))
  const bus = stack.use(await connectBus({ url: nats.url, prefix: nats.prefix, name: 'test', log: silent }))
  await ensureStreams(bus)
  const hasher = stack.use(createHasher({ threads: 1 }))
  const store = new DownloaderStore(database)
  const budget: { bytes: number | null } = { bytes: null }
  const owned = stack.move()
  return {
    directory,
    databaseUrl: url,
    store,
    database,
    bus,
    budget,
    open: async (changes = {}) =>
      owned.use(
        await openHub({
          config: { ...hubConfig, ...changes },
          modelsDirectory: directory,
          store,
          bus,
          log: silent,
          hasher,
          budget: async () => budget.bytes,
        }),
      ),
    partial: async (bytes, name = {}) => {
      const transferId = newId()
      const path = join(directory, '.easel-partial', transferId)
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, bytes)
      const file = { transferId, folder: 'loras', filename: 'a.safetensors', sha256: sha256Of(bytes) }
      return { path, file: { ...file, bytes: bytes.length, ...name } }
    },
    write: async (path, bytes) => {
      const absolute = join(directory, path)
      await mkdir(dirname(absolute), { recursive: true })
      await writeFile(absolute, bytes)
      return absolute
    },
    blobOf: (sha256) => join(directory, '.easel/hub/sha256', sha256.slice(0, 2), sha256),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
