import { ContractServer, createClient, openInbox, publishFact, removeInbox } from '@easel/bus'
import { attemptEnded, attemptStarted, RunAttempt, worker, workerDesk } from '@easel/contracts'
import { Done, newId, stringifyJson } from '@easel/protocol'
import { waitFor } from '@easel/testing'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { BlobStore } from '@easel/blobs'
import type { Bus, WorkItem } from '@easel/bus'
import type { AttemptEnded, CancelAttempt, RunningAttempt, WorkerBeat } from '@easel/contracts'

@Module({})
class WorkerModule {}

export type TestWorkerOptions = {
  id: string
  pool: string
  runSlots: number
  prefetchSlots: number
  ready: boolean
  /** ComfyUI's `/object_info`; none: any graph is accepted. */
  objectInfo?: object
  /** False: attempts wait until the test ends them. */
  automatic: boolean
  /** False: it says nothing on its own; the test sends facts. */
  listens: boolean
  /** It carries on with what lay in the inbox before. */
  keepInbox: boolean
  /** What its beats tell beside that. */
  facts?: Partial<WorkerBeat>
}

export type Held = { work: RunAttempt; item: WorkItem<RunAttempt>; started: boolean }

/** A worker's side of the contract over the bus, without a ComfyUI: the test says how attempts go. */
export class TestWorker implements AsyncDisposable {
  readonly id: string
  readonly incarnation = newId()
  readonly held = new Map<string, Held>()
  readonly received: RunAttempt[] = []
  readonly canceled: CancelAttempt[] = []
  readonly dropped: RunningAttempt[] = []
  ready: boolean
  draining = false
  drainAsked = false
  /** How often it was told to look at its models. */
  refreshed = 0
  private readonly bus: Bus
  private readonly options: TestWorkerOptions
  private readonly owned = new AsyncDisposableStack()
  private beats: NodeJS.Timeout | undefined
  private definitions: { hash: string; blob: string } | undefined

  private constructor(bus: Bus, options: TestWorkerOptions) {
    this.bus = bus
    this.options = options
    this.id = options.id
    this.ready = options.ready
  }

  static async start(bus: Bus, blobs: BlobStore, options: Partial<TestWorkerOptions>): Promise<TestWorker> {
    const made = new TestWorker(bus, {
      id: `w-${newId().slice(-8)}`,
      pool: 'default',
      runSlots: 1,
      prefetchSlots: 1,
      ready: true,
      automatic: true,
      listens: true,
      keepInbox: false,
      ...options,
    })
    await made.open(blobs)
    return made
  }

  /** As `kill -9`: no more beats, answers or facts; what it held stays unanswered. */
  async die(): Promise<void> {
    clearInterval(this.beats)
    await this.owned.disposeAsync()
  }

  /** As SIGSTOP: its connections stand, but it neither beats nor works. */
  freeze(): void {
    clearInterval(this.beats)
    this.frozen = true
  }

  thaw(): void {
    this.frozen = false
    this.startBeating()
  }

  private frozen = false

  async [Symbol.asyncDispose](): Promise<void> {
    await this.die()
  }

  async waitForWork(jobId: string): Promise<Held> {
    return waitFor(() => [...this.held.values()].find(({ work }) => work.jobId === jobId), {
      describe: `work of ${jobId}`,
    })
  }

  async begin({ work }: Held): Promise<void> {
    const held = this.held.get(keyOf(work))
    if (held) held.started = true
    const { jobId, attempt } = work
    const startedAt = new Date().toISOString()
    const payload = { jobId, attempt, worker: this.id, startedAt }
    await publishFact(this.bus, attemptStarted, { id: `${jobId}:${attempt}:start`, payload })
  }

  async end({ work, item }: Held, result: Partial<AttemptEnded> = {}): Promise<void> {
    const { jobId, attempt } = work
    const payload = anEnd(work, this.id, result)
    await publishFact(this.bus, attemptEnded, { id: `${jobId}:${attempt}:end`, payload })
    this.held.delete(keyOf(work))
    await item.done().catch(() => undefined)
  }

  async beat(): Promise<void> {
    const { pool, runSlots, prefetchSlots } = this.options
    const reply = await createClient(this.bus, workerDesk).beat({
      id: this.id,
      incarnation: this.incarnation,
      pool,
      ready: this.ready,
      simulator: true,
      draining: this.draining,
      runSlots,
      prefetchSlots,
      attempts: [...this.held.values()].map(({ work }) => ({ jobId: work.jobId, attempt: work.attempt })),
      objectInfoHash: this.definitions?.hash ?? null,
      labels: [],
      version: 'test',
      ...this.options.facts,
    })
    this.drainAsked ||= reply.drain
    this.dropped.push(...reply.drop)
    for (const { jobId, attempt } of reply.drop) await this.drop(jobId, attempt)
  }

  /** Its ComfyUI has other nodes, or lists other files, from its next beat on. */
  async define(blobs: BlobStore, objectInfo: object): Promise<void> {
    const text = Buffer.from(stringifyJson(objectInfo))
    const { key } = await blobs.put(
      (async function* () {
        yield text
      })(),
    )
    this.definitions = { hash: key.slice(-16), blob: key }
  }

  private async open(blobs: BlobStore): Promise<void> {
    const { objectInfo, listens, runSlots, prefetchSlots, keepInbox } = this.options
    if (objectInfo) await this.define(blobs, objectInfo)
    if (listens) await this.serve()
    if (!keepInbox) await removeInbox(this.bus, this.id)
    this.owned.use(
      await openInbox(this.bus, {
        worker: this.id,
        message: RunAttempt,
        slots: runSlots + prefetchSlots,
        handle: (item) => this.take(item),
      }),
    )
    await this.beat()
    this.startBeating()
  }

  private startBeating(): void {
    this.beats = setInterval(() => void this.beat().catch(() => undefined), 1_000)
  }

  private async serve(): Promise<void> {
    const server = new ContractServer(this.bus)
    server.serve(
      worker,
      {
        ping: async () => new Done(),
        cancel: async (attempt: CancelAttempt) => {
          this.canceled.push(attempt)
          await this.drop(attempt.jobId, attempt.attempt)
          return new Done()
        },
        drain: async () => {
          this.drainAsked = true
          return new Done()
        },
        resume: async () => {
          this.drainAsked = false
          return new Done()
        },
        refreshDefinitions: async () => {
          this.refreshed++
          return new Done()
        },
        getObjectInfo: async () => {
          if (!this.definitions) throw new Error('This worker has no definitions')
          return this.definitions
        },
      },
      this.id,
    )
    const app = await NestFactory.createMicroservice(WorkerModule, { strategy: server, logger: false })
    await app.listen()
    this.owned.defer(() => app.close())
  }

  private async take(item: WorkItem<RunAttempt>): Promise<void> {
    if (this.frozen) return
    const held: Held = { work: item.payload, item, started: false }
    this.received.push(item.payload)
    this.held.set(keyOf(item.payload), held)
    if (!this.options.automatic) return
    await this.begin(held)
    await this.end(held)
  }

  /** Stops what it holds: a started attempt ends as canceled, another only leaves the inbox. */
  private async drop(jobId: string, attempt: number): Promise<void> {
    const held = this.held.get(`${jobId}:${attempt}`)
    if (!held) return
    if (held.started) return this.end(held, { result: 'canceled', outputs: [] })
    this.held.delete(keyOf(held.work))
    await held.item.done().catch(() => undefined)
  }
}

export function anEnd(
  { jobId, attempt }: Pick<RunAttempt, 'jobId' | 'attempt'>,
  workerId: string,
  result: Partial<AttemptEnded> = {},
): AttemptEnded {
  return {
    jobId,
    attempt,
    worker: workerId,
    result: 'succeeded',
    outputs: [anOutput(jobId)],
    warnings: [],
    timings: { inputsMs: 1, modelLoadMs: 0, executeMs: 2, saveMs: 1 },
    usage: { gpuSeconds: 0.5, costMicros: 0 },
    error: null,
    retryable: false,
    endedAt: new Date().toISOString(),
    ...result,
  }
}

function anOutput(jobId: string): AttemptEnded['outputs'][number] {
  return {
    index: 0,
    assetId: jobId,
    kind: 'image',
    mime: 'image/png',
    node: '2',
    key: 'images',
    filename: 'test_00001_.png',
    width: 64,
    height: 64,
    bytes: 100,
    hash: `blake3:${'0'.repeat(64)}`,
    temporary: false,
    url: '',
  }
}

const keyOf = ({ jobId, attempt }: Pick<RunAttempt, 'jobId' | 'attempt'>): string => `${jobId}:${attempt}`
