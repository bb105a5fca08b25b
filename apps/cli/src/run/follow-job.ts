import { setTimeout as delay } from 'node:timers/promises'
import { EaselError, isEnded } from '@easel/client'
import type { Easel, JobProgress, JobView } from '@easel/client'
import type { Progress, ProgressView } from '../output/progress.ts'
import { isTransient } from './transient.ts'

export type Following = {
  readonly view: ProgressView
  /** Names of nodes by id. */
  readonly titles: ReadonlyMap<string, string>
  readonly signal?: AbortSignal
  /** Before each line, such as `[2/4] `. */
  readonly prefix?: string
}

type LiveProgress = JobProgress & { phase?: string | null }

const explainAfterMs = 2_000
const explainEveryMs = 5_000
/** How long a server may be away before we no longer wait for it. */
const patienceMs = 60_000
const firstPauseMs = 250
const longestPauseMs = 5_000

/**
 * Shows a job until it ends, and gives it as it then is. A broken stream is opened again; a server that stays
 * away for a minute is `unavailable`. Aborting the signal rejects with its reason; the job goes on.
 */
export async function followJob(api: Easel, job: JobView, following: Following): Promise<JobView> {
  const { signal } = following
  let lastSeen = performance.now()
  let pauseMs = firstPauseMs
  let current = job
  using display = new JobDisplay(api, current, following)
  for (;;) {
    signal?.throwIfAborted()
    try {
      current = await api.jobs.get(job.id)
      if (isEnded(current)) return current
      display.show(current)
      for await (const { type, data } of api.events.ofJob(job.id, signal)) {
        lastSeen = performance.now()
        pauseMs = firstPauseMs
        if (type === 'job.progress') display.advance(data as LiveProgress)
        else if (isJob(data)) display.show((current = data))
        if (isEnded(current)) return current
      }
    } catch (cause) {
      signal?.throwIfAborted()
      if (!isTransient(cause) || performance.now() - lastSeen > patienceMs) throw cause
      display.wait('waiting for the server')
    }
    // A stream that ends without a last word, and a server that is away, are both asked again.
    await delay(pauseMs, undefined, { signal }).catch(() => signal?.throwIfAborted())
    pauseMs = Math.min(pauseMs * 2, longestPauseMs)
  }
}

/** What of a job is seen: its place in the queue and why it waits, then the node that runs. */
class JobDisplay implements Disposable {
  readonly #api: Easel
  readonly #following: Following
  #job: JobView
  #reason: string | undefined
  #explaining: NodeJS.Timeout | undefined
  #started: { at: number; value: number } | undefined

  constructor(api: Easel, job: JobView, following: Following) {
    this.#api = api
    this.#job = job
    this.#following = following
  }

  show(job: JobView): void {
    this.#job = job
    if (job.status === 'queued') {
      this.#explaining ??= setTimeout(() => void this.#explain(), explainAfterMs)
      this.#update({ label: this.#reason ?? 'queued', detail: placeOf(job), etaSeconds: job.etaSeconds })
      return
    }
    this.#stopExplaining()
    if (job.status === 'running') this.advance({ value: 0, ...job.progress, phase: job.phase })
    else if (!isEnded(job)) this.#update({ label: job.status })
  }

  advance({ value, node, nodeClass, step, steps, phase }: LiveProgress): void {
    this.#stopExplaining()
    const { titles } = this.#following
    const doing = node ? (titles.get(node) ?? nodeClass ?? `node ${node}`) : (phase ?? 'running')
    const detail = steps && step !== null && step !== undefined ? `step ${step}/${steps}` : undefined
    this.#update({ label: doing, value, detail, etaSeconds: this.#etaOf(value) })
  }

  wait(label: string): void {
    this.#update({ label })
  }

  #update(progress: Progress): void {
    const { view, prefix = '' } = this.#following
    view.update({ ...progress, label: `${prefix}${progress.label}` })
  }

  /** From the speed so far: the first value is where we began to look. */
  #etaOf(value: number): number | undefined {
    this.#started ??= { at: performance.now(), value }
    const seconds = (performance.now() - this.#started.at) / 1_000
    const done = value - this.#started.value
    return seconds > 1 && done > 0.01 && value < 1 ? Math.ceil((seconds / done) * (1 - value)) : undefined
  }

  async #explain(): Promise<void> {
    try {
      const { reasons } = await this.#api.jobs.explain(this.#job.id)
      if (this.#job.status !== 'queued' || !this.#explaining) return
      this.#reason = reasons.map(({ message }) => message).join('; ') || undefined
      this.show(this.#job)
    } catch (cause) {
      // It only tells more of what is shown anyway.
      if (!(cause instanceof EaselError)) throw cause
    }
    if (this.#explaining) this.#explaining = setTimeout(() => void this.#explain(), explainEveryMs)
  }

  #stopExplaining(): void {
    clearTimeout(this.#explaining)
    this.#explaining = undefined
    this.#reason = undefined
  }

  [Symbol.dispose](): void {
    this.#stopExplaining()
  }
}

function placeOf({ position }: JobView): string | undefined {
  return position ? `place ${position}` : undefined
}

function isJob(data: unknown): data is JobView {
  return typeof data === 'object' && data !== null && 'status' in data && 'outputs' in data
}
