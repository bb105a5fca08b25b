import { openBlobs } from '@easel/blobs'
import type { BlobStore } from '@easel/blobs'
import {
  connectBus,
  consumeFact,
  ContractServer,
  createClient,
  ensureStreams,
  sendWork,
  subscribeLive,
} from '@easel/bus'
import type { Bus, LiveMessage } from '@easel/bus'
import { startComfySim } from '@easel/comfy-sim'
import type { ComfySim, ComfySimOptions } from '@easel/comfy-sim'
import { Secret } from '@easel/config'
import { attemptEnded, attemptStarted, RunAttempt, worker, workerDesk } from '@easel/contracts'
import type { AttemptEnded, AttemptStarted, BeatReply, GraphJson, WorkerBeat } from '@easel/contracts'
import { createLogger } from '@easel/observability'
import { newId } from '@easel/protocol'
import { tempDirectory, testNats, waitFor } from '@easel/testing'
import { startWorker } from '../../src/worker/worker-app.ts'
import type { Worker } from '../../src/worker/worker-app.ts'
import type { WorkerConfig } from '../../src/worker/worker-config.ts'

/** What stands in for control: it hears the beats and the facts, and gives out work. */
export type Bench = AsyncDisposable & {
  sim: ComfySim
  bus: Bus
  blobs: BlobStore
  natsUrl: string
  beats: WorkerBeat[]
  started: AttemptStarted[]
  /** Each delivery of a terminal fact; the stream itself drops copies. */
  ended: AttemptEnded[]
  live: LiveMessage[]
  /** The answer to beats. */
  reply: BeatReply
  config(overrides?: Partial<WorkerConfig>): WorkerConfig
  startWorker(overrides?: Partial<WorkerConfig>): Promise<Worker>
  /** Starts a worker and waits until it is ready. */
  readyWorker(overrides?: Partial<WorkerConfig>): Promise<Worker>
  send(graph: GraphJson, more?: Partial<RunAttempt>): Promise<RunAttempt>
  endOf(attempt: { jobId: string; attempt?: number }): Promise<AttemptEnded>
  /** Sends and waits for the end. */
  run(graph: GraphJson, more?: Partial<RunAttempt>): Promise<AttemptEnded>
  cancel(attempt: RunAttempt): Promise<void>
}

export const workerId = 'w1'
const log = createLogger({ service: 'test', level: process.env.EASEL_TEST_LOG ?? 'silent' })

export async function startBench(options: ComfySimOptions = {}): Promise<Bench> {
  await using stack = new AsyncDisposableStack()
  // They are started last, and end before what they stand on.
  const workers = new AsyncDisposableStack()
  const nats = stack.use(await testNats())
  const directory = stack.use(await tempDirectory())
  const sim = stack.use(await startComfySim({ nodePacks: ['testing'], ...options }))
  const bus = stack.use(await connectBus({ url: nats.url, prefix: nats.prefix, name: 'test desk', log }))
  await ensureStreams(bus)
  const blobs = stack.use(await openBlobs(`file:${directory.path}/blobs`))

  const bench: Omit<Bench, keyof AsyncDisposable> = {
    sim,
    bus,
    blobs,
    natsUrl: nats.url,
    beats: [],
    started: [],
    ended: [],
    live: [],
    reply: { drop: [], drain: false },
    config: (overrides) => ({
      id: workerId,
      comfyUrl: new Secret(sim.url),
      pool: 'default',
      labels: [],
      runSlots: 1,
      prefetchSlots: 1,
      costMicrosPerHour: null,
      stallMs: 30_000,
      maxOutputBytes: 2 ** 30,
      nats: { url: new Secret(nats.url), credentialsFile: undefined, prefix: nats.prefix },
      blobs: { kind: 'directory', path: `${directory.path}/blobs` },
      modelCache: undefined,
      runtime: {
        logLevel: 'info',
        logPretty: false,
        health: { host: '127.0.0.1', port: 0 },
        graceMs: 10_000,
      },
      ...overrides,
    }),
    startWorker: async (overrides) => workers.use(await startWorker(bench.config(overrides), { log })),
    async readyWorker(overrides) {
      const started = await bench.startWorker(overrides)
      await waitFor(() => bench.beats.some(({ id, ready }) => id === started.id && ready), {
        describe: 'a ready worker',
      })
      return started
    },
    async send(graph, more) {
      const payload: RunAttempt = {
        jobId: newId(),
        attempt: 1,
        spaceId: 'space',
        createdBy: newId(),
        graph,
        inputs: [],
        ...more,
      }
      payload.spaceId = more?.spaceId ?? payload.jobId
      const id = `${payload.jobId}:${payload.attempt}:${newId()}`
      await sendWork(bus, workerId, { id, payload })
      return payload
    },
    endOf: ({ jobId, attempt = 1 }) =>
      waitFor(() => bench.ended.find((end) => end.jobId === jobId && end.attempt === attempt), {
        timeoutMs: 25_000,
        describe: 'the end of an attempt',
      }),
    run: async (graph, more) => bench.endOf(await bench.send(graph, more)),
    async cancel({ jobId, attempt }) {
      await createClient(bus, worker, workerId).cancel({ jobId, attempt })
    },
  }
  stack.use(await serveDesk(bus, bench))
  stack.use(
    await consumeFact(bus, {
      consumer: 'desk',
      fact: attemptEnded,
      handle: async ({ payload }) => void bench.ended.push(payload),
    }),
  )
  stack.use(
    await consumeFact(bus, {
      consumer: 'desk',
      fact: attemptStarted,
      handle: async ({ payload }) => void bench.started.push(payload),
    }),
  )
  stack.use(subscribeLive(bus, {}, (message) => void bench.live.push(message)))
  const owned = stack.move()
  return Object.assign(bench, {
    async [Symbol.asyncDispose]() {
      await workers.disposeAsync()
      await owned.disposeAsync()
    },
  })
}

async function serveDesk(bus: Bus, bench: Pick<Bench, 'beats' | 'reply'>): Promise<AsyncDisposable> {
  const server = new ContractServer(bus, { validateOutputs: true, graceMs: 1_000 })
  server.serve(workerDesk, {
    async beat(beat) {
      bench.beats.push(beat)
      return bench.reply
    },
  })
  await new Promise<void>((resolve, reject) => {
    void server.listen((error?: unknown) => (error ? reject(error as Error) : resolve()))
  })
  await bus.connection.flush()
  return { [Symbol.asyncDispose]: () => server.close() }
}

export async function bytesOf(blobs: BlobStore, key: string): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of await blobs.read(key)) parts.push(part as Uint8Array)
  return Buffer.concat(parts)
}
