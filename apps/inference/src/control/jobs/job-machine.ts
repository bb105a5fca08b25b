import type { JobError } from '@easel/contracts'
import { billed } from '../accounts/charge.ts'
import { accountFor } from './job-timings.ts'
import { isOpen, isTerminal } from './job.ts'
import type { Attempt, AttemptResultDetails, Job } from './job.ts'

/**
 * A job's life. All that happens to a job goes through `advance`, which is pure: it is given the job with its
 * attempts (both locked) and says what they become. Facts may come twice, late, and in any order.
 *
 *   queued (unbound) → queued (bound) → running → succeeded | failed
 *        ↑────────────── lost ──────────┘   ↓
 *   queued → expired    queued → canceled   canceling → canceled
 *
 * Who reaches the ledger first wins: after `canceling` a result no longer counts, after a result a cancel
 * does nothing. The first success of any attempt counts, also of one that was taken for lost.
 */
export type JobEvent =
  | { type: 'started'; attempt: number; worker: string }
  | { type: 'ended'; attempt: number; worker: string; end: AttemptResultDetails; memory?: GpuMemory }
  | { type: 'lost'; attempt: number; death: boolean; error: JobError }
  | { type: 'cancel' }
  | { type: 'expire' }
  /** What it waits for will not come. */
  | { type: 'unmet'; error: JobError }

/** Bytes of GPU memory: of the worker that ran out of it, and of the largest of its pool. */
export type GpuMemory = { worker: number; largest: number }

export type JobState = { job: Job; attempts: readonly Attempt[] }

export type Step = JobState & {
  /** What to tell the world; undefined when nothing changed that it can see. */
  event?: string
  /** An attempt that a worker may still be at, though the ledger has closed it. */
  stop?: Attempt
  /** Its worker says that the ComfyUI under it is gone. */
  died?: Attempt
  /** Attempts that this has ended, with what their worker said. */
  ended?: readonly EndedAttempt[]
}

export type EndedAttempt = { attempt: Attempt; job: Job; details?: AttemptResultDetails }

/** Two deaths of its worker make a job poison. */
const maxDeaths = 2
/** Started and lost, for any reason. */
const maxLost = 3
/** Failed in a way that might have gone well elsewhere. */
const maxRetryable = 3
/** However they ended. */
const maxAttempts = 10

/** A worker that stops in good order says so with its `lost`: nothing has died. */
const handedBack = 'HANDED_BACK'
export const outOfMemory = 'OUT_OF_MEMORY'

export function advance({ job, attempts }: JobState, event: JobEvent, at: Date): Step {
  // Not what an earlier step, given as the state, had to tell.
  const before = { job, attempts }
  const step = next(before, event, at)
  const ended = endedIn(before, step, event)
  return ended.length > 0 ? { ...step, ended } : step
}

function next(state: JobState, event: JobEvent, at: Date): Step {
  switch (event.type) {
    case 'started':
      return start(state, event, at)
    case 'ended':
      return end(state, event, at)
    case 'lost':
      return lose(state, event, at)
    case 'cancel':
      return cancel(state, at)
    case 'expire':
      return expire(state, at)
    case 'unmet':
      return unmet(state, event.error, at)
  }
}

function start(state: JobState, event: Extract<JobEvent, { type: 'started' }>, at: Date): Step {
  const attempt = attemptTold(state, event)
  if (!attempt) return state
  if (attempt.state === 'lost' || attempt.state === 'canceled') return { ...state, stop: attempt }
  if (attempt.state !== 'bound' || isTerminal(state.job.status)) return state
  const attempts = replaced(state, { ...attempt, state: 'running', startedAt: at })
  if (state.job.status !== 'queued') return { ...state, attempts }
  return { job: { ...state.job, status: 'running', startedAt: at }, attempts, event: 'job.running' }
}

function end(state: JobState, event: Ended, at: Date): Step {
  const { end: details } = event
  const attempt = attemptTold(state, event)
  if (!attempt || isTerminal(state.job.status)) return state
  const wasLost = attempt.state === 'lost'
  if (!isOpen(attempt.state) && !(wasLost && details.result === 'succeeded')) return state

  const job = charged(state.job, details)
  const startedAt = attempt.startedAt ?? attempt.boundAt
  const { gpuSeconds } = details.usage
  const told = { gpuSeconds, warm: details.warm ?? null, error: details.error ?? null }
  const ended = { ...attempt, startedAt, endedAt: at, ...told }
  if (job.status === 'canceling' || details.result === 'canceled') {
    const attempts = replaced(state, { ...ended, state: 'canceled' })
    return finish({ job: billed(job, details.usage), attempts }, 'canceled', at)
  }
  if (details.result === 'succeeded') {
    const done = replaced(state, { ...ended, death: false, state: 'succeeded' })
    return succeed({ job: billed(job, details.usage), attempts: done }, details, at)
  }
  if (details.result === 'lost') {
    const death = details.error?.code !== handedBack
    const lost: Attempt = { ...ended, state: 'lost', death }
    const step = retryOrFail({ job, attempts: replaced(state, lost) }, lost, at)
    return death ? { ...step, died: lost } : step
  }
  const failed = { job, attempts: replaced(state, { ...ended, state: 'failed' }) }
  if (details.error?.code === outOfMemory) return retryWithMore(failed, event, at)
  if (details.retryable) return retryOrFail(failed, ended, at)
  return fail(failed, { error: details.error ?? unexplained, details }, at)
}

type Ended = Extract<JobEvent, { type: 'ended' }>

function lose(state: JobState, event: Extract<JobEvent, { type: 'lost' }>, at: Date): Step {
  const attempt = attemptOf(state, event.attempt)
  if (!attempt || !isOpen(attempt.state)) return state
  const death = event.death && attempt.startedAt !== null
  const lost: Attempt = { ...attempt, state: 'lost', death, endedAt: at, error: event.error }
  const next = { job: state.job, attempts: replaced(state, lost) }
  if (isTerminal(state.job.status)) return next
  if (state.job.status === 'canceling') return finish(next, 'canceled', at)
  return retryOrFail(next, lost, at)
}

function cancel(state: JobState, at: Date): Step {
  const { job } = state
  const open = openAttempt(state)
  if (isTerminal(job.status)) return state
  if (job.status === 'canceling') return { ...state, ...(open && { stop: open }) }
  if (job.status === 'running' && open) {
    return { ...state, job: { ...job, status: 'canceling' }, event: 'job.canceling', stop: open }
  }
  return closeUnstarted(state, 'canceled', at)
}

function expire(state: JobState, at: Date): Step {
  const { status, expiresAt } = state.job
  if (status !== 'queued' || !expiresAt || expiresAt > at) return state
  return closeUnstarted(state, 'expired', at)
}

/** A worker that took it meanwhile knows better. */
function unmet(state: JobState, error: JobError, at: Date): Step {
  const { status, workerId } = state.job
  return status === 'queued' && workerId === null ? fail(state, { error }, at) : state
}

/** Ends a job that nobody has begun; it may lie in a worker's inbox. */
function closeUnstarted(state: JobState, status: 'canceled' | 'expired', at: Date): Step {
  const open = openAttempt(state)
  if (!open) return finish(state, status, at)
  const closed: Attempt = { ...open, state: 'canceled', endedAt: at }
  return { ...finish({ job: state.job, attempts: replaced(state, closed) }, status, at), stop: closed }
}

function succeed(state: JobState, details: AttemptResultDetails, at: Date): Step {
  const { outputs, warnings } = details
  const job = { ...state.job, outputs, warnings, error: null, timings: accountFor(state.job, details, at) }
  // A newer attempt of the same job, bound when this one was taken for lost.
  return { ...closeUnneeded(finish({ ...state, job }, 'succeeded', at), at), event: 'job.succeeded' }
}

function closeUnneeded(step: Step, at: Date): Step {
  const open = openAttempt(step)
  if (!open) return step
  const closed: Attempt = { ...open, state: 'canceled', endedAt: at }
  return { ...step, attempts: replaced(step, closed), stop: closed }
}

function fail(
  state: JobState,
  { error, details }: { error: JobError; details?: AttemptResultDetails },
  at: Date,
): Step {
  const job = { ...state.job, error, warnings: details?.warnings ?? [] }
  return finish({ ...state, job: { ...job, timings: accountFor(job, details, at) } }, 'failed', at)
}

/** Back to its place in the order, unless it has cost enough. */
function retryOrFail(state: JobState, last: Attempt, at: Date): Step {
  const { job, attempts } = state
  const deaths = attempts.filter(({ death }) => death).length
  const lost = attempts.filter(
    ({ state: is, startedAt, error }) => is === 'lost' && startedAt && error?.code !== handedBack,
  ).length
  if (deaths >= maxDeaths || lost >= maxLost || attempts.length >= maxAttempts) {
    return fail(state, { error: poison(attempts, deaths) }, at)
  }
  const failures = attempts.filter((attempt) => attempt.state === 'failed' && !ranOutOfMemory(attempt))
  if (failures.length >= maxRetryable) return fail(state, { error: last.error ?? unexplained }, at)
  return requeue({ job, attempts }, last)
}

/**
 * Its worker has freed all memory since: once more wherever there is room. Who runs out of it again needs a larger
 * one; without any it fails, and says so.
 */
function retryWithMore(state: JobState, { attempt, end: details, memory }: Ended, at: Date): Step {
  const last = attemptOf(state, attempt)
  if (!last) return state
  const times = state.attempts.filter(ranOutOfMemory).length
  if (state.attempts.length >= maxAttempts) {
    return fail(state, { error: details.error ?? unexplained, details }, at)
  }
  if (times < 2) return requeue(state, last)
  if (!memory || memory.largest <= memory.worker) {
    return fail(state, { error: tooSmall(details.error ?? unexplained, memory), details }, at)
  }
  const minVram = Math.max(state.job.minVram ?? 0, memory.worker + 1)
  return requeue({ ...state, job: { ...state.job, minVram } }, last)
}

const ranOutOfMemory = ({ state, error }: Attempt): boolean =>
  state === 'failed' && error?.code === outOfMemory

function tooSmall(error: JobError, memory: GpuMemory | undefined): JobError {
  if (!memory) return error
  const gib = Math.round((memory.worker / 2 ** 30) * 10) / 10
  const message = `It needs more than ${gib} GB of GPU memory, and no worker of its pool has more. ${error.message}`
  return { ...error, message }
}

/** Back to its place in the order. */
function requeue({ job, attempts }: JobState, last: Attempt): Step {
  const avoid = [...new Set([...job.avoid, last.workerId])]
  const waiting = { ...job, status: 'queued' as const, workerId: null, boundAt: null, startedAt: null, avoid }
  return { job: waiting, attempts, event: 'job.queued' }
}

function finish(state: JobState, status: 'succeeded' | 'failed' | 'canceled' | 'expired', at: Date): Step {
  const { timings } = state.job
  const known = timings.totalMs === undefined ? accountFor(state.job, undefined, at) : timings
  const job = { ...state.job, status, workerId: null, finishedAt: at, timings: known }
  return { ...state, job, event: `job.${status}` }
}

function charged(job: Job, { usage }: AttemptResultDetails): Job {
  return {
    ...job,
    gpuSeconds: job.gpuSeconds + usage.gpuSeconds,
    costMicros: job.costMicros + usage.costMicros,
  }
}

const unexplained: JobError = { code: 'FAILED', message: 'The worker gave no reason' }

function poison(attempts: readonly Attempt[], deaths: number): JobError {
  const why =
    deaths >= maxDeaths
      ? `the worker or its ComfyUI died ${deaths} times while it ran`
      : `${attempts.length} attempts came to nothing`
  return { code: 'POISON', message: `Given up: ${why}. The attempts tell what happened.` }
}

/** An attempt is its worker's: what another one says of it is not believed. */
function attemptTold(
  state: JobState,
  { attempt: number, worker }: { attempt: number; worker: string },
): Attempt | undefined {
  const attempt = attemptOf(state, number)
  return attempt?.workerId === worker ? attempt : undefined
}

function attemptOf({ attempts }: JobState, number: number): Attempt | undefined {
  return attempts.find((attempt) => attempt.number === number)
}

function endedIn(before: JobState, { job, attempts }: JobState, event: JobEvent): EndedAttempt[] {
  return attempts.flatMap((attempt) => {
    const was = attemptOf(before, attempt.number)
    if (was === attempt || !was || isOpen(attempt.state) || was.state === attempt.state) return []
    const told = event.type === 'ended' && event.attempt === attempt.number
    return [{ attempt, job, ...(told && { details: event.end }) }]
  })
}

function openAttempt({ attempts }: JobState): Attempt | undefined {
  return attempts.find(({ state }) => isOpen(state))
}

function replaced({ attempts }: JobState, changed: Attempt): Attempt[] {
  return attempts.map((attempt) => (attempt.number === changed.number ? changed : attempt))
}
