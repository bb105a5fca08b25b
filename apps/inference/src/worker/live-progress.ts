import { publishLive } from '@easel/bus'
import type { Bus, LiveMessage, Snapshots } from '@easel/bus'
import type { ComfyEvent } from '@easel/comfyui'
import type { JobPhase, JobProgress, RunAttempt } from '@easel/contracts'
import { isModelLoader } from './attempt-timings.ts'
import { Latest } from './latest.ts'

export type LiveOptions = { bus: Bus; snapshots: Snapshots; attempt: RunAttempt }

type Preview = Extract<ComfyEvent, { type: 'preview' }>
type State = JobProgress & { phase: JobPhase; jobId: string; attempt: number }

const progressEveryMs = 100
const snapshotEveryMs = 500
const previewEveryMs = 250
/** A message holds a megabyte, the words about the frame included. */
const maxPreviewBytes = 2 ** 20 - 8_192

/** Shows how far an attempt is: live to who looks now, as a snapshot to who comes later. Lossy by design. */
export class LiveProgress {
  readonly #options: LiveOptions
  readonly #progress: Latest<State>
  readonly #snapshot: Latest<State>
  readonly #preview: Latest<Preview>
  #state: State
  #writing: Promise<void> | undefined

  constructor(options: LiveOptions) {
    this.#options = options
    const { jobId, attempt } = options.attempt
    this.#state = { value: 0, phase: 'fetching-inputs', jobId, attempt }
    // What is over within a blink needs neither.
    this.#progress = new Latest({ everyMs: progressEveryMs, late: true }, (state) => this.#publish(state))
    this.#snapshot = new Latest({ everyMs: snapshotEveryMs, late: true }, (state) => this.#keep(state))
    this.#preview = new Latest({ everyMs: previewEveryMs }, (preview) => this.#show(preview))
  }

  phase(phase: JobPhase): void {
    this.#set({ phase })
  }

  event(event: ComfyEvent): void {
    switch (event.type) {
      case 'node-started': {
        const phase = isModelLoader(event.classType) ? 'loading-model' : 'generating'
        return this.#set({ phase, node: event.nodeId, nodeClass: event.classType, step: null, steps: null })
      }
      case 'node-finished':
        return this.#set({ value: event.overall })
      case 'progress': {
        const { nodeId, value, max, overall } = event
        return this.#set({ value: overall, node: nodeId, step: value, steps: max })
      }
      case 'preview':
        if (event.bytes.length <= maxPreviewBytes) this.#preview.offer(event)
        return
      default: // the attempt itself tells of the rest
    }
  }

  /** Resolves when the snapshot is gone, or cannot be reached: it ends by itself, and no attempt hangs on it. */
  async end(): Promise<void> {
    for (const latest of [this.#progress, this.#snapshot, this.#preview]) latest[Symbol.dispose]()
    if (!this.#writing) return
    await this.#writing
    const { bus, snapshots } = this.#options
    const { jobId } = this.#state
    await snapshots.remove(jobId).catch((cause: unknown) => {
      bus.log.warn({ err: cause, job: jobId }, 'a snapshot was not removed')
    })
  }

  #set(change: Partial<State>): void {
    const value = Math.min(1, Math.max(this.#state.value, change.value ?? 0))
    this.#state = { ...this.#state, ...change, value }
    this.#progress.offer(this.#state)
    this.#snapshot.offer(this.#state)
  }

  #publish(state: State): void {
    const { spaceId, jobId } = this.#options.attempt
    this.#say({ spaceId, channel: 'job-progress', key: jobId, data: { ...state } })
  }

  #show({ nodeId, mime, bytes }: Preview): void {
    const { spaceId, jobId, attempt } = this.#options.attempt
    const data = { jobId, attempt, mime, node: nodeId ?? null }
    this.#say({ spaceId, channel: 'job-preview', key: jobId, data, bytes })
  }

  /** Runs in timers too: a bus that closes must not end the process. */
  #say(message: LiveMessage): void {
    const { bus } = this.#options
    try {
      publishLive(bus, message)
    } catch (cause) {
      bus.log.warn({ err: cause, job: message.key }, 'a live message was not sent')
    }
  }

  #keep(state: State): void {
    const { bus, snapshots } = this.#options
    const put = () => snapshots.put(state.jobId, state)
    this.#writing = (this.#writing ?? Promise.resolve())
      .then(put)
      .catch((cause: unknown) => bus.log.warn({ err: cause, job: state.jobId }, 'a snapshot was not kept'))
  }
}
