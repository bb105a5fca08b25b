import { connectBus, createClient } from '@easel/bus'
import { inference } from '@easel/contracts'
import { migrate } from '@easel/database'
import { createLogger } from '@easel/observability'
import { newId } from '@easel/protocol'
import { tcpProxy, tempDirectory, testDatabase, testNats, throughProxy, waitFor } from '@easel/testing'
import { pathToFileURL } from 'node:url'
import { loadConfig, loadWorkerConfig, startControl } from '../../src/app.ts'
import { migrationsDirectory, schema } from '../../src/control/control-app.ts'
import { blobStoreAt } from './blobs-at.ts'
import { TestWorker } from './test-worker.ts'
import type { Bus } from '@easel/bus'
import type { Logger } from '@easel/observability'
import type { CallOptions, Client } from '@easel/protocol'
import type { Actor } from '@easel/protocol'
import type { Control, WorkerConfig } from '../../src/app.ts'
import type { JobStatus, JobView, SubmitJob } from '@easel/contracts'
import type { BlobStore } from '@easel/blobs'
import type { TcpProxy } from '@easel/testing'
import type { TestWorkerOptions } from './test-worker.ts'

export const log: Logger = createLogger({
  service: 'inference-test',
  level: process.env.TEST_LOG ?? 'silent',
})

export type TestControl = AsyncDisposable & {
  bus: Bus
  blobs: BlobStore
  client: Client<typeof inference>
  databaseUrl: string
  /** Faults on the lines from control (not from tests and workers) to its servers. */
  lines: { database: TcpProxy; nats: TcpProxy }
  /** Settings of a real worker on the ComfyUI at this address. */
  workerConfig(comfyUrl: string, changes?: Partial<WorkerConfig>): WorkerConfig
  /** Another replica over the same database and bus. */
  startReplica(): Promise<Control>
  startWorker(options?: Partial<TestWorkerOptions>): Promise<TestWorker>
  submit(input?: Partial<SubmitJob>, options?: CallOptions): Promise<JobView>
  waitForStatus(id: string, ...statuses: JobStatus[]): Promise<JobView>
}

export const user = anActor()

export function anActor(role: Actor['role'] = 'member'): Actor {
  const personalSpaceId = newId()
  return {
    userId: newId(),
    role,
    personalSpaceId,
    spaces: { [personalSpaceId]: 'owner' },
    scopes: ['jobs:read', 'jobs:write'],
  }
}

export function aGraph(seed: number | bigint = 1) {
  return {
    '1': {
      class_type: 'EmptyImage',
      inputs: { width: 64, height: 64, batch_size: 1, color: Number(seed) % 255 },
    },
    '2': { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'test' } },
  }
}

/** Control over a database, streams and blobs of its own; `replicas` of it. */
export async function startTestControl({ replicas = 1 } = {}): Promise<TestControl> {
  await using stack = new AsyncDisposableStack()
  const database = stack.use(
    await testDatabase({
      service: 'inference',
      migrations: migrationsDirectory,
      migrate: async (url) => void (await migrate({ url, schema, directory: migrationsDirectory })),
    }),
  )
  const nats = stack.use(await testNats())
  const directory = stack.use(await tempDirectory())
  const lines = {
    database: stack.use(await tcpProxy({ target: database.url })),
    nats: stack.use(await tcpProxy({ target: nats.url })),
  }
  const base = loadConfig({
    EASEL_STANDALONE: 'true',
    EASEL_DATABASE_URL: throughProxy(database.url, lines.database),
    EASEL_NATS_URL: throughProxy(nats.url, lines.nats),
    EASEL_BLOBS: pathToFileURL(directory.path).href,
    EASEL_VALIDATE_OUTPUTS: 'true',
  })
  const config = { ...base, nats: { ...base.nats, prefix: nats.prefix } }
  const startReplica = () => startControl(config, { log })
  for (let count = 0; count < replicas; count++) stack.use(await startReplica())

  const bus = stack.use(await connectBus({ url: nats.url, name: 'test', prefix: nats.prefix, log }))
  const blobs = stack.use(await blobStoreAt(directory.path))
  const client = createClient(bus, inference)
  const owned = stack.move()
  return {
    bus,
    blobs,
    client,
    databaseUrl: database.url,
    lines,
    workerConfig(comfyUrl, changes) {
      const [worker] = loadWorkerConfig({
        EASEL_STANDALONE: 'true',
        EASEL_COMFYUI_URLS: comfyUrl,
        EASEL_NATS_URL: nats.url,
        EASEL_BLOBS: pathToFileURL(directory.path).href,
      })
      if (!worker) throw new Error('One address is one worker')
      return { ...worker, nats: { ...worker.nats, prefix: nats.prefix }, ...changes }
    },
    startReplica,
    async startWorker(options = {}) {
      return owned.use(await TestWorker.start(bus, blobs, options))
    },
    submit(input = {}, options = { actor: user }) {
      return client.submitJob({ workflow: aGraph(), ...input }, options)
    },
    waitForStatus(id, ...statuses) {
      return waitFor(
        async () => {
          const job = await client.getJob({ id }, { actor: { ...user, role: 'admin' } })
          return statuses.includes(job.status) && job
        },
        { timeoutMs: 15_000, describe: `job to be ${statuses.join(' or ')}` },
      )
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
