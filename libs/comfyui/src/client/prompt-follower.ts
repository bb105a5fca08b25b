import { AppError } from '@easel/protocol'
import type { ClientNotice, ComfyLimits } from './client-options.ts'
import type { PromptRun } from './prompt-run.ts'
import type { RunResult } from './run-result.ts'
import type { ServerCalls } from './server-calls.ts'
import type { HistoryEntry } from './server-answers.ts'

type Found =
  | { where: 'history'; entry: HistoryEntry }
  | { where: 'running' | 'pending' | 'nowhere' }
  | { where: 'unreachable'; cause: AppError }

export type FollowerOptions = {
  calls: ServerCalls
  limits: ComfyLimits
  onNotice: (notice: ClientNotice) => void
  /** The socket missed something: it must be replaced. */
  renewSocket: () => void
}

/** History is written a moment after the last message; so long it may say nothing. */
const historyDelayMs = 1_000
/** After a cancel, how often to look whether it has taken hold. */
const cancelEveryMs = 500

/**
 * Brings one prompt to its end: waits for a hint (a message, a reconnect, an abort, or silence), looks up the
 * truth, decides. A prompt that is nowhere, twice in a row, is lost: a restart forgets everything.
 */
export class PromptFollower {
  readonly #run: PromptRun
  readonly #options: FollowerOptions
  readonly #signal: AbortSignal | undefined
  #wake: (() => void) | undefined
  #hinted = false
  #absent = 0
  #hintedAt: number | undefined
  #unreachableSince: number | undefined
  #cancelAsked = false
  #failure: { cause: unknown } | undefined

  constructor(run: PromptRun, options: FollowerOptions, signal: AbortSignal | undefined) {
    this.#run = run
    this.#options = options
    this.#signal = signal
  }

  /** Something happened: look now. */
  hint(): void {
    this.#hinted = true
    this.#wake?.()
  }

  /** The caller's own listener threw: what it threw ends the following. */
  fail(cause: unknown): void {
    this.#failure ??= { cause }
    this.hint()
  }

  /** `lookFirst`: nothing is known of the prompt yet. */
  async follow(lookFirst = false): Promise<RunResult> {
    this.#hinted = lookFirst || this.#run.finishHinted || this.#signal?.aborted === true
    const onAbort = () => this.hint()
    this.#signal?.addEventListener('abort', onAbort)
    try {
      for (;;) {
        await this.#untilWorthALook()
        const result = this.#failure ? undefined : await this.#look()
        if (this.#failure) throw this.#failure.cause
        if (result) return result
      }
    } finally {
      this.#signal?.removeEventListener('abort', onAbort)
    }
  }

  async #look(): Promise<RunResult | undefined> {
    const told = this.#run.finishFromSuccess()
    if (told) return told
    const found = await this.#find()
    this.#unreachableSince =
      found.where === 'unreachable' ? (this.#unreachableSince ?? performance.now()) : undefined
    this.#absent = found.where === 'nowhere' ? this.#absent + 1 : 0
    switch (found.where) {
      case 'history':
        return this.#finished(found.entry)
      case 'unreachable':
        return this.#unreachable(found.cause)
      case 'nowhere':
        return this.#absent < 2 ? undefined : this.#gone()
      case 'running':
        this.#missed(!this.#run.started)
        this.#run.sawRunning()
        return this.#cancelIfAsked('running')
      case 'pending':
        return this.#cancelIfAsked('pending')
    }
  }

  #finished(entry: HistoryEntry): RunResult {
    this.#missed(!this.#run.finishHinted)
    return this.#run.finishFrom(entry)
  }

  /** A change that no message told, well after the last sign of life. */
  #missed(untold: boolean): void {
    const silentMs = performance.now() - this.#run.lastSignAt
    if (!untold || silentMs < this.#options.limits.quietMs * 0.9) return
    this.#run.comment('Messages of this run were missed; its state was looked up')
    this.#options.onNotice({ type: 'silent-socket', promptId: this.#run.promptId })
    this.#options.renewSocket()
  }

  #gone(): RunResult | undefined {
    if (this.#cancelAsked || this.#signal?.aborted) return this.#run.finish('interrupted')
    if (this.#run.finishHinted) {
      this.#hintedAt ??= performance.now()
      if (performance.now() - this.#hintedAt < historyDelayMs) return undefined
      const told = this.#run.finishFromMessages()
      if (told) return told
    }
    return this.#run.finish('lost', {
      kind: 'lost',
      message:
        'ComfyUI no longer knows this prompt: it was restarted, or the prompt was taken out of its queue',
    })
  }

  #unreachable(cause: AppError): RunResult | undefined {
    if (cause.reason === 'CLIENT_CLOSED') throw cause
    if (performance.now() - this.#unreachableSince! < this.#options.limits.unreachableMs) return undefined
    return this.#run.finish('lost', { kind: 'unreachable', message: cause.message })
  }

  /** History, queue, history again: between the first two it may have moved from the one to the other. */
  async #find(): Promise<Found> {
    const { promptId } = this.#run
    const { calls } = this.#options
    try {
      const before = await calls.historyOf(promptId)
      if (before) return { where: 'history', entry: before }
      const queue = await calls.queue()
      if (queue.running.some((item) => item.promptId === promptId)) return { where: 'running' }
      if (queue.pending.some((item) => item.promptId === promptId)) return { where: 'pending' }
      const after = await calls.historyOf(promptId)
      return after ? { where: 'history', entry: after } : { where: 'nowhere' }
    } catch (cause) {
      return { where: 'unreachable', cause: AppError.from(cause) }
    }
  }

  async #cancelIfAsked(where: 'running' | 'pending'): Promise<undefined> {
    if (!this.#signal?.aborted) return undefined
    const { calls } = this.#options
    const { promptId } = this.#run
    this.#cancelAsked = true
    try {
      if (where === 'running') await calls.interrupt(promptId)
      else await calls.change('queue', [promptId])
    } catch (cause) {
      if (!(cause instanceof AppError) || !cause.retryable) throw cause
      // It is asked again at the next look.
    }
    if (where === 'pending') this.hint() // leaves no trace but its absence
    return undefined
  }

  async #untilWorthALook(): Promise<void> {
    if (!this.#hinted) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#wake = resolve
      const timer = setTimeout(resolve, this.#patienceMs())
      await promise
      clearTimeout(timer)
      this.#wake = undefined
      const quietFor = performance.now() - this.#run.lastSignAt
      const busy = !this.#hinted && !this.#impatient() && quietFor < this.#options.limits.quietMs
      if (busy) return this.#untilWorthALook()
    }
    this.#hinted = false
  }

  #impatient(): boolean {
    return this.#absent > 0 || this.#run.finishHinted || this.#signal?.aborted === true
  }

  #patienceMs(): number {
    const { quietMs } = this.#options.limits
    if (this.#absent > 0 || this.#run.finishHinted) return 20
    if (this.#signal?.aborted) return cancelEveryMs
    const quietFor = performance.now() - this.#run.lastSignAt
    return quietFor >= quietMs ? quietMs : quietMs - quietFor
  }
}
