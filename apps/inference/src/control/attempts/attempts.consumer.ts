import { consumeBatches } from '@easel/bus'
import { attemptEnded, attemptStarted } from '@easel/contracts'
import { idFromName } from '@easel/protocol'
import type { Bus, Delivery } from '@easel/bus'
import type { AttemptEnded, AttemptStarted, JobOutput } from '@easel/contracts'
import type { ControlStore, Happening } from '../control.store.ts'
import type { Step } from '../jobs/job-machine.ts'
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

/** Applies what workers say of their attempts: many at a time, in one transaction. */
export async function startAttemptsConsumer(options: AttemptsConsumerOptions): Promise<AsyncDisposable> {
  const { bus, store, onEnded, stop } = options
  await using stack = new AsyncDisposableStack()
  const stopAll = (steps: readonly Step[]) => {
    for (const step of steps) if (step.stop) stop(step.stop)
  }
  stack.use(
    await consumeBatches(bus, {
      consumer: 'inference-control',
      fact: attemptStarted,
      maxBatch,
      async handle(batch) {
        stopAll(await store.apply(batch.map(startedHappening)))
      },
    }),
  )
  stack.use(
    await consumeBatches(bus, {
      consumer: 'inference-control',
      fact: attemptEnded,
      maxBatch,
      async handle(batch) {
        stopAll(await store.apply(await Promise.all(batch.map(endedHappening))))
        onEnded()
      },
    }),
  )
  return stack.move()
}

function startedHappening({ payload }: Delivery): Happening {
  const { jobId, attempt } = payload as AttemptStarted
  return { jobId, event: { type: 'started', attempt } }
}

async function endedHappening({ payload }: Delivery): Promise<Happening> {
  const ended = bounded(plainText(payload as AttemptEnded))
  const outputs = await Promise.all(
    ended.outputs.map((output, index) => numbered(ended.jobId, output, index)),
  )
  return { jobId: ended.jobId, event: { type: 'ended', attempt: ended.attempt, end: { ...ended, outputs } } }
}

/** The worker's word on what came out, but names and places are the ledger's to give. */
async function numbered(jobId: string, output: JobOutput, index: number): Promise<JobOutput> {
  const assetId = await idFromName(jobId, String(index))
  return { ...output, index, assetId, url: `/api/assets/${assetId}/content` }
}
