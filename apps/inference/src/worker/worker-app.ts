import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { ContractServer, createClient, openBus, openInbox, openSnapshots, watchFacts } from '@easel/bus'
import type { Bus } from '@easel/bus'
import { createComfyClient } from '@easel/comfyui'
import type { ClientNotice } from '@easel/comfyui'
import { hub, RunAttempt, worker } from '@easel/contracts'
import type { WorkerBeat } from '@easel/contracts'
import type { Checks, Logger } from '@easel/observability'
import { AppError } from '@easel/protocol'
import { openConfiguredBlobs } from '@easel/blobs'
import { AttemptFacts } from './attempt-facts.ts'
import { AttemptRun } from './attempt-run.ts'
import { Attempts } from './attempts.ts'
import { Beats } from './beats.ts'
import { ComfyMonitor } from './comfy-monitor.ts'
import { Drains } from './drains.ts'
import { InputFiles } from './input-files.ts'
import { LiveProgress } from './live-progress.ts'
import { ModelCache } from './models/model-cache.ts'
import { NodeDefinitions } from './node-definitions.ts'
import { OutputSaver } from './output-saver.ts'
import { Pace } from './pace.ts'
import { Prompts } from './prompts.ts'
import { Slots } from './slots.ts'
import { WarmModels } from './warm-models.ts'
import type { WorkerConfig } from './worker-config.ts'
import { WorkerRpc } from './worker.rpc.ts'

export type Worker = AsyncDisposable & {
  readonly id: string
  readonly checks: Checks
  /** Takes no more; resolves when what runs has ended. */
  drain(): Promise<void>
}

export type WorkerDependencies = { log: Logger }

const version = '0.1.0'
/** Files on their way from and to ComfyUI at once. */
const transfersAtOnce = 8
/** Attempts whose outputs are being saved, beside those that run and wait. */
const savingAtOnce = 8
/** A ComfyUI that is away for so long gets what was meant for it taken away. */
const patienceMs = 30_000
/** Kept of the grace for handing back and closing. */
const closingMs = 3_000

/** Starts the worker of one ComfyUI. It need not be there yet. */
export async function startWorker(
  config: WorkerConfig,
  { log: parent }: WorkerDependencies,
): Promise<Worker> {
  const log = parent.child({ worker: config.id })
  await using stack = new AsyncDisposableStack()
  const bus = stack.use(await openBus(config.nats, { name: `worker ${config.id}`, log }))
  const blobs = stack.use(await openConfiguredBlobs(config.blobs))
  const snapshots = await openSnapshots(bus, 'JOBS')
  const { id } = config
  const onNotice = (notice: ClientNotice) => noticed(notice)
  const client = stack.use(
    createComfyClient({
      baseUrl: config.comfyUrl.reveal(),
      // The same for the next process, which so hears of the prompts that this one left.
      clientId: `easel-${id}`,
      onNotice,
      limits: { callMs: Math.max(1_000, config.stallMs / 2), unreachableMs: 1_500 },
    }),
  )

  const pace = new Pace(config.prefetchSlots)
  const slots = new Slots(config.runSlots)
  slots.open = false
  const transfers = new Slots(transfersAtOnce)
  const facts = new AttemptFacts(bus, id)
  stack.use(watchFacts(bus, () => facts.repeat()))
  const prompts = new Prompts(client, log)
  const inputs = new InputFiles({ client, blobs, transfers })
  const definitions = new NodeDefinitions({ client, blobs, log })
  const warm = new WarmModels()
  const models =
    config.modelCache &&
    stack.use(await ModelCache.open(config.modelCache, { log, announce: (sha256) => announce(bus, sha256) }))
  const freshModels = () => {
    definitions.expire()
    monitor.look()
  }
  const attempts = stack.use(
    new Attempts({
      facts,
      log,
      start(attempt, deliveries) {
        const live = new LiveProgress({ bus, snapshots, attempt })
        const saver = (signal: AbortSignal) =>
          new OutputSaver({
            client,
            blobs,
            transfers,
            maxBytes: config.maxOutputBytes,
            jobId: attempt.jobId,
            signal,
          })
        return new AttemptRun(attempt, {
          client,
          facts,
          inputs,
          slots,
          prompts,
          warm,
          models,
          freshModels,
          costMicrosPerHour: config.costMicrosPerHour,
          deliveries,
          live,
          saver,
          log,
        })
      },
      onEnd(run, end) {
        if (end.error?.code === 'GRAPH_INVALID') definitions.doubt()
        const { modelLoadMs, executeMs } = end.timings
        if (typeof executeMs === 'number') pace.add(executeMs + (modelLoadMs ?? 0))
        slots.capacity = config.runSlots + pace.ahead
        logEnd(log, run, end)
        // What it holds in memory now decides who comes next.
        if (end.loads?.length) beats.soon()
      },
    }),
  )
  const stuck = stuckSince(() => slots.taken > 0 && !attempts.running)
  const incarnation = randomUUID()
  const beats = new Beats({
    bus,
    tell: (): WorkerBeat => ({
      id,
      incarnation,
      pool: config.pool,
      ready: monitor.ready && !stuck(),
      draining: attempts.draining,
      runSlots: config.runSlots,
      prefetchSlots: pace.prefetchSlots,
      attempts: attempts.list(),
      ...monitor.facts,
      objectInfoHash: definitions.stored?.hash ?? null,
      labels: [...config.labels],
      warm: warm.files,
      fetchesModels: models !== undefined,
      environment: monitor.environment ?? null,
      costMicrosPerHour: config.costMicrosPerHour,
      version,
    }),
    onReply(reply) {
      for (const attempt of reply.drop) attempts.stop(attempt, 'dropped')
      drains.told(reply.drain)
    },
  })
  const monitor = new ComfyMonitor({
    client,
    definitions,
    log,
    onChange() {
      slots.open = monitor.ready
      beats.soon()
    },
    onWell: () => prompts.sweep(),
    onAway(forMs) {
      if (forMs > patienceMs) attempts.handBack(({ running }) => !running)
    },
  })
  const drains = new Drains(attempts, () => beats.soon())
  const noticed = (notice: ClientNotice) => {
    if (notice.type === 'connected') {
      definitions.expire()
      inputs.forget()
      warm.forget()
    }
    if (notice.type === 'silent-socket' || notice.type === 'bad-frame') log.warn(notice, 'ComfyUI is odd')
    if (notice.type === 'connected' || notice.type === 'disconnected') monitor.look()
  }

  stack.use(monitor)
  stack.use(await serve(bus, new WorkerRpc({ attempts, definitions, drains, monitor }), id))
  stack.use(beats)
  const inbox = await openInbox(bus, {
    worker: id,
    message: RunAttempt,
    handle: (item) => attempts.handle(item),
    slots: config.runSlots + Pace.maxPrefetch + savingAtOnce,
  })
  stack.defer(() => close({ inbox, attempts, facts, drains, graceMs: config.runtime.graceMs }))
  monitor.start()
  beats.start()

  const parts = stack.move()
  return {
    id,
    checks: {
      nats: () => bus.check(),
      blobs: () => blobs.check(),
      comfyui: async () => {
        if (!monitor.ready)
          throw new AppError('unavailable', 'ComfyUI does not answer', { reason: 'COMFYUI_AWAY' })
      },
    },
    async drain() {
      drains.stop()
      await attempts.idle()
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}

async function serve(bus: Bus, rpc: WorkerRpc, id: string): Promise<AsyncDisposable> {
  const server = new ContractServer(bus)
  server.serve(worker, rpc, id)
  await new Promise<void>((resolve, reject) => {
    void server.listen((error?: unknown) => (error ? reject(error as Error) : resolve()))
  })
  return { [Symbol.asyncDispose]: () => server.close() }
}

type Closing = {
  inbox: AsyncDisposable
  attempts: Attempts
  facts: AttemptFacts
  drains: Drains
  graceMs: number
}

/** Takes no more; what runs may end, what cannot in time goes back. */
async function close({ inbox, attempts, facts, drains, graceMs }: Closing): Promise<void> {
  drains.stop()
  const closed = inbox[Symbol.asyncDispose]()
  const within = async (ms: number) => {
    const timer = new AbortController()
    await Promise.race([attempts.idle(), delay(ms, undefined, { signal: timer.signal })])
    timer.abort()
  }
  await within(Math.max(0, graceMs - closingMs))
  attempts.handBack(() => true)
  await within(closingMs)
  facts.abandon()
  // Without the bus it may never end.
  await Promise.race([closed, delay(closingMs)])
}

/** So that the hub keeps what is about to be read. Without an answer it is read all the same. */
async function announce(bus: Bus, sha256: readonly string[]): Promise<void> {
  try {
    await createClient(bus, hub).locateContents({ sha256: [...sha256].slice(0, 200) }, { timeoutMs: 2_000 })
  } catch (cause) {
    bus.log.warn({ err: cause }, 'the hub did not hear which models are about to be read')
  }
}

/** True when the condition has held for some seconds. It looks whenever it is asked. */
function stuckSince(condition: () => boolean, patience = 5_000): () => boolean {
  let since: number | undefined
  return () => {
    since = condition() ? (since ?? performance.now()) : undefined
    return since !== undefined && performance.now() - since > patience
  }
}

function logEnd(
  log: Logger,
  { attempt }: AttemptRun,
  {
    result,
    error,
    timings,
  }: { result: string; error?: { code: string; message: string } | null; timings: object },
): void {
  const fields = { job: attempt.jobId, attempt: attempt.attempt, result, timings, error: error?.code }
  if (result === 'succeeded' || result === 'canceled') log.debug(fields, 'an attempt has ended')
  else log.info({ ...fields, reason: error?.message }, 'an attempt has ended')
}
