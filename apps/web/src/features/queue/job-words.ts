import { duration } from '../../lib/format.ts'
import { isGiven } from '../../lib/given.ts'
import { errorWords } from './error-words.ts'
import type { JobView } from '@easel/client'

type Tone = 'neutral' | 'good' | 'busy' | 'warn' | 'bad'

export const statusWords: Record<JobView['status'], { name: string; tone: Tone }> = {
  queued: { name: 'Waiting', tone: 'neutral' },
  running: { name: 'Running', tone: 'busy' },
  canceling: { name: 'Canceling', tone: 'warn' },
  succeeded: { name: 'Done', tone: 'good' },
  failed: { name: 'Failed', tone: 'bad' },
  canceled: { name: 'Canceled', tone: 'neutral' },
  expired: { name: 'Expired', tone: 'warn' },
}

const phases: Record<NonNullable<JobView['phase']>, string> = {
  'fetching-inputs': 'Fetching inputs',
  'downloading-models': 'Downloading models',
  'loading-model': 'Loading model',
  generating: 'Generating',
  saving: 'Saving',
}

/** One line: what it does now, what it waits for, or how it ended. */
export function stateOf(job: JobView): string {
  const { status, phase, progress, position, etaSeconds, error, timings } = job
  if (status === 'queued') {
    const place = !isGiven(position) ? [] : [position === 1 ? 'Next' : `${position - 1} before it`]
    const left = !isGiven(etaSeconds) ? [] : [`done in ${about(etaSeconds)}`]
    const does = phase === 'downloading-models' ? ['Its models are downloading'] : []
    return [...does, ...place, ...left].join(', ') || 'Waits for a worker'
  }
  if (status === 'running' || status === 'canceling') {
    const step =
      isGiven(progress?.step) && isGiven(progress.steps)
        ? `step ${progress.step} of ${progress.steps}`
        : undefined
    const node = progress?.nodeClass ?? undefined
    const left = isGiven(etaSeconds) && etaSeconds > 0 ? `${about(etaSeconds)} left` : undefined
    return [phase ? phases[phase] : progress ? 'Generating' : 'Starting', node, step, left]
      .filter(Boolean)
      .join(' · ')
  }
  if (error) return `${errorWords(error).title}: ${error.message}`
  const total = [timings.queuedMs, timings.executeMs].map((ms) => ms ?? 0)
  return status === 'succeeded'
    ? `Waited ${duration(total[0]! / 1_000)}, ran ${duration(total[1]! / 1_000)}`
    : ''
}

/** A guess is no finer than it is good. */
function about(seconds: number): string {
  if (seconds < 10) return 'a few seconds'
  if (seconds < 90) return `about ${Math.round(seconds / 5) * 5} s`
  return `about ${duration(Math.round(seconds / 60) * 60)}`
}

export function nameOf({ name, models, kind }: JobView): string {
  if (isGiven(name) && name !== '') return name
  const model = models?.[0]
    ?.split('/')
    .at(-1)
    ?.replace(/\.(safetensors|gguf|ckpt|pt)$/, '')
  return model ?? (kind === 'workflow' ? 'Workflow' : kind)
}
