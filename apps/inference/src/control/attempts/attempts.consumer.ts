import { consumeBatches } from '@easel/bus'
import { attemptEnded, attemptStarted } from '@easel/contracts'
import { isTraced, recordSpan } from '@easel/observability'
import { AppError, factSubject, idFromName } from '@easel/protocol'
import type { Bus, Delivery } from '@easel/bus'
import type { AttemptEnded, AttemptStarted, JobOutput } from '@easel/contracts'
import { applyIn } from '../control.store.ts'
import type { ControlStore, ControlTx, Happening } from '../control.store.ts'
import { outOfMemory } from '../jobs/job-machine.ts'
import type { JobEvent, Step } from '../jobs/job-machine.ts'
import type { Attempt } from '../jobs/job.ts'
import { bounded } from './bounded.ts'
import { plainText } from './plain-text.ts'

export type AttemptsConsumerOptions = {
  bus: Bus
  store: ControlStore
  /** Slots may have become free. */
  onEnded: () => void
  /** A worker is at something that the ledger has closed. */
  stop: (attempt: Attempt) => void
}

const maxBatch = 100
const consumer = 'inference-control'

/** Applies what workers say of their attempts: many at a time, in one transaction. */
export async function startAttemptsConsumer(options: AttemptsConsumerOptions): Promise<AsyncDisposable> {
  const { bus, onEnded } = options
  // Both in one order: a short attempt starts and ends in one transaction.
  return consumeBatches(bus, {
    consumer,
    facts: [attemptStarted, attemptEnded],
    maxBatch,
    async handle(batch) {
      const startedAt = new Date()
      await applyAll(options, await Promise.all(batch.map(happeningOf)))
      recordSettlements(batch, startedAt)
      if (batch.some(isEnd)) onEnded()
    },
  })
}

const isEnd = ({ subject }: Delivery) => subject === factSubject(attemptEnded)

/** Each in the trace of its attempt, though all were settled in one transaction. */
function recordSettlements(batch: readonly Delivery[], startedAt: Date): void {
  if (!isTraced()) return
  for (const { payload, trace } of batch.filter(isEnd)) {
    const { jobId, attempt, result } = payload as AttemptEnded
    const attributes = () => ({
      'easel.job': jobId,
      'easel.attempt': attempt,
      'easel.result': result,
      'easel.batch': batch.length,
    })
    recordSpan('settle', { headers: trace, startedAt, attributes })
  }
}

async function happeningOf(delivery: Delivery): Promise<Happening> {
  return isEnd(delivery) ? endedHappening(delivery) : startedHappening(delivery)
}

async function applyAll(options: AttemptsConsumerOptions, happenings: readonly Happening[]): Promise<void> {
  const { bus, store, stop } = options
  try {
    for (const step of await applyTo(store, happenings)) if (step.stop) stop(step.stop)
  } catch (cause) {
    if (AppError.from(cause).retryable) throw cause
    if (happenings.length > 1) {
      // One that the ledger cannot take must not hold up the others.
      for (const happening of happenings) await applyAll(options, [happening])
      return
    }
    // Its attempt will be missed by the reconciler, and ends as lost.
    bus.log.error({ err: cause, job: happenings[0]?.jobId }, 'the word of a worker was refused')
  }
}

function applyTo(store: ControlStore, happenings: readonly Happening[]): Promise<Step[]> {
  return store.transact(async (tx) => {
    // Whoever gives up a worker holds it before its jobs: the same order here, or each would wait for the other.
    const fallen = happenings.flatMap(({ event }) => (isLoss(event) ? [event.worker] : []))
    if (fallen.length > 0) await tx.workers.hold(fallen)
    const steps = await applyIn(tx, await withMemory(tx, happenings))
    for (const { died } of steps) if (died) await tx.workers.markNotReady(died.workerId, died.incarnation)
    return steps
  })
}

/** Of those that ran out of GPU memory: how much there was, and how much there is elsewhere. */
async function withMemory(tx: ControlTx, happenings: readonly Happening[]): Promise<readonly Happening[]> {
  const short = happenings.flatMap(({ event }) => (isShortOfMemory(event) ? [event.worker] : []))
  if (short.length === 0) return happenings
  const known = await tx.workers.memoryOf(short)
  return happenings.map(({ jobId, event }) =>
    isShortOfMemory(event)
      ? { jobId, event: { ...event, memory: known.get(event.worker) } }
      : { jobId, event },
  )
}

const isLoss = (event: JobEvent): event is Extract<JobEvent, { type: 'ended' }> =>
  event.type === 'ended' && event.end.result === 'lost'

const isShortOfMemory = (event: JobEvent): event is Extract<JobEvent, { type: 'ended' }> =>
  event.type === 'ended' && event.end.error?.code === outOfMemory

function startedHappening({ payload }: Delivery): Happening {
  const { jobId, attempt, worker } = payload as AttemptStarted
  return { jobId, event: { type: 'started', attempt, worker } }
}

async function endedHappening({ payload }: Delivery): Promise<Happening> {
  const ended = bounded(plainText(payload as AttemptEnded))
  const outputs = await Promise.all(
    ended.outputs.map((output, index) => numbered(ended.jobId, output, index)),
  )
  const { jobId, attempt, worker } = ended
  return { jobId, event: { type: 'ended', attempt, worker, end: { ...ended, outputs } } }
}

/** The worker's word on what came out, but names and places are the ledger's to give. */
async function numbered(jobId: string, output: JobOutput, index: number): Promise<JobOutput> {
  const assetId = await idFromName(jobId, String(index))
  return { ...output, index, assetId, url: `/api/assets/${assetId}/content` }
}
