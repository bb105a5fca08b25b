import type { BusLog } from '@easel/bus'
import { AppError } from '@easel/protocol'
import type { ComfyClient, ComfyEvent, Graph, RunResult } from '@easel/comfyui'
import type { AttemptEnded, GraphJson, RunAttempt } from '@easel/contracts'
import { traced } from '@easel/observability'
import { failed, handedBack, lost, outcomeOf, outcomeOfStop } from './attempt-outcome.ts'
import type { Outcome, StopReason } from './attempt-outcome.ts'
import type { AttemptFacts } from './attempt-facts.ts'
import { timingsOf } from './attempt-timings.ts'
import { traceAttempt, traceExecution } from './attempt-trace.ts'
import type { InputFiles } from './input-files.ts'
import type { LiveProgress } from './live-progress.ts'
import type { ModelCache } from './models/model-cache.ts'
import { inOrder } from './output-order.ts'
import type { OutputSaver } from './output-saver.ts'
import type { Prompts } from './prompts.ts'
import type { Slots } from './slots.ts'
import type { WarmModels } from './warm-models.ts'
import { whatRan } from './what-ran.ts'

export type AttemptRunParts = {
  client: ComfyClient
  facts: AttemptFacts
  inputs: InputFiles
  /** Prompts that may be inside ComfyUI. */
  slots: Slots
  live: LiveProgress
  log: BusLog
  /** Stopped work is not saved. */
  saver: (signal: AbortSignal) => OutputSaver
  prompts: Prompts
  warm: WarmModels
  /** Undefined where models are not fetched. */
  models: ModelCache | undefined
  /** Files have appeared that ComfyUI has not told of. */
  freshModels: () => void
  costMicrosPerHour: number | null
  /** How often the attempt was delivered. */
  deliveries: number
}

export type EndedAttempt = Omit<AttemptEnded, 'worker' | 'endedAt'>

/** How long ComfyUI may take to stop a prompt before the attempt ends without it. */
const stopPatienceMs = 700

class Stopped extends Error {
  readonly reason: StopReason

  constructor(reason: StopReason) {
    super(`The attempt was stopped: ${reason}`)
    this.reason = reason
  }
}

/**
 * One attempt of a job: inputs → models → (a slot) → running → (the slot is free for the next) → saving → ended. `stop`
 * ends it from any of these; the slot of a prompt that does not stop stays taken until it has.
 */
export class AttemptRun {
  readonly attempt: RunAttempt
  /** It has had its slot: ComfyUI may be at it. */
  running = false
  readonly #parts: AttemptRunParts
  readonly #stopping = new AbortController()
  readonly #saver: OutputSaver
  #inputsMs = 0
  #modelsMs = 0
  #saveMs = 0
  #told = false
  /** ComfyUI has the prompt, or may have it. */
  #sent = false
  /** When ComfyUI began, by this machine's clock. */
  #startedAt: number | undefined

  constructor(attempt: RunAttempt, parts: AttemptRunParts) {
    this.attempt = attempt
    this.#parts = parts
    this.#saver = parts.saver(this.#stopping.signal)
  }

  /** The first reason counts. */
  stop(reason: StopReason): void {
    if (!this.#stopping.signal.aborted) this.#stopping.abort(new Stopped(reason))
  }

  /** Why it was stopped, if it was. */
  get stopped(): StopReason | undefined {
    const { reason } = this.#stopping.signal as { reason: unknown }
    return reason instanceof Stopped ? reason.reason : undefined
  }

  /** Never throws. */
  run(): Promise<EndedAttempt> {
    return traceAttempt(this.attempt, this.#parts.facts.worker, () => this.#run())
  }

  async #run(): Promise<EndedAttempt> {
    let result: RunResult | undefined
    try {
      if (this.#parts.slots.free > 0) this.#tellStart()
      const graph = await this.#fetchInputs()
      using _models = await this.#fetchModels()
      result = await this.#execute(graph)
      return await this.#finish(result)
    } catch (cause) {
      return this.#ended(outcomeOfThrown(cause), result)
    } finally {
      await this.#parts.live.end()
    }
  }

  async #fetchInputs(): Promise<GraphJson> {
    const {
      attempt,
      attempt: { inputs },
    } = this
    if (inputs.length === 0) return attempt.graph
    const startedAt = performance.now()
    this.#parts.live.phase('fetching-inputs')
    try {
      return await traced('inputs', {}, () => this.#parts.inputs.place(attempt, this.#stopping.signal))
    } finally {
      this.#inputsMs = performance.now() - startedAt
    }
  }

  /** They stay on the node until the attempt has ended. */
  async #fetchModels(): Promise<Disposable | undefined> {
    const { models, live, freshModels } = this.#parts
    const { modelFiles } = this.attempt
    if (!models || !modelFiles?.length) return undefined
    const startedAt = performance.now()
    live.phase('downloading-models')
    try {
      const held = await traced('models', {}, () => models.hold(modelFiles, this.#stopping.signal))
      if (held.fresh) freshModels()
      return held
    } finally {
      this.#modelsMs = performance.now() - startedAt
    }
  }

  async #execute(graph: GraphJson): Promise<RunResult> {
    const { signal } = this.#stopping
    const slot = await this.#parts.slots.take(signal)
    const timer = this.#limitTime()
    this.running = true
    this.#tellStart()
    const run = this.#runOrAdopt(graph).finally(() => slot[Symbol.dispose]())
    try {
      return await traceExecution(
        () => this.#startedAt,
        () => Promise.race([run, afterStop(signal)]),
      )
    } finally {
      clearTimeout(timer)
    }
  }

  async #runOrAdopt(graph: GraphJson): Promise<RunResult> {
    const { client, prompts, deliveries } = this.#parts
    const { extra } = this.attempt
    using claim = await prompts.claim(this.attempt, deliveries)
    const { promptId } = claim
    const follow = { signal: this.#stopping.signal, onEvent: (event: ComfyEvent) => this.#event(event) }
    this.#sent = claim.adopted
    if (claim.adopted) {
      const found = await client.watch(promptId, { ...follow, graph: graph as Graph })
      if (found.status === 'succeeded') this.#parts.warm.ran(graph as Graph)
      return found
    }
    const result = await client.run({
      ...follow,
      graph: graph as Graph,
      promptId,
      previewMethod: 'auto',
      ...(extra && { extraData: { extra_pnginfo: extra } }),
    })
    if (result.nodeTimings.length > 0) this.#parts.warm.ran(graph as Graph)
    // Models that fill the memory would make the next one fail, too.
    if (result.error?.kind === 'out-of-memory') await this.#freeMemory()
    return result
  }

  async #freeMemory(): Promise<void> {
    this.#parts.warm.forget()
    try {
      await this.#parts.client.free({ unloadModels: true, freeMemory: true }, { timeoutMs: 5_000 })
    } catch (cause) {
      this.#parts.log.warn({ err: cause }, 'ComfyUI did not free its memory')
    }
  }

  #event(event: ComfyEvent): void {
    if (this.#stopping.signal.aborted) return
    if (event.type === 'queued') this.#sent = true
    if (event.type === 'started') this.#startedAt = Date.now()
    if (event.type === 'output') this.#saver.begin(event.outputs)
    this.#parts.live.event(event)
  }

  async #finish(result: RunResult): Promise<EndedAttempt> {
    this.#stopping.signal.throwIfAborted()
    if (result.status === 'lost' && !this.#sent) {
      return this.#ended(handedBack('ComfyUI did not answer, so nothing was begun'), result)
    }
    if (result.status !== 'succeeded') return this.#ended(outcomeOf(result, []), result)
    const startedAt = performance.now()
    this.#parts.live.phase('saving')
    const { outputs, warnings } = await traced('save', {}, () =>
      this.#saver.finish(inOrder(this.attempt.graph, result.outputs)),
    )
    this.#saveMs = performance.now() - startedAt
    const outcome = outcomeOf(result, outputs)
    return this.#ended({ ...outcome, warnings: [...outcome.warnings, ...warnings] }, result, outputs)
  }

  #ended(
    outcome: Outcome,
    result: RunResult | undefined,
    outputs: EndedAttempt['outputs'] = [],
  ): EndedAttempt {
    const { jobId, attempt } = this.attempt
    const { timings, gpuSeconds } = timingsOf(result, {
      inputsMs: this.#inputsMs,
      modelsMs: this.#modelsMs,
      saveMs: this.#saveMs,
    })
    const costMicros = Math.round((gpuSeconds * (this.#parts.costMicrosPerHour ?? 0)) / 3_600)
    const ran = whatRan(this.attempt.graph as Graph, result?.nodeTimings ?? [])
    return { jobId, attempt, ...outcome, ...ran, outputs, timings, usage: { gpuSeconds, costMicros } }
  }

  #tellStart(): void {
    if (this.#told) return
    this.#told = true
    this.#parts.facts.started(this.attempt)
  }

  #limitTime(): NodeJS.Timeout | undefined {
    const { timeoutSeconds } = this.attempt
    if (!timeoutSeconds || timeoutSeconds <= 0) return undefined
    return setTimeout(() => this.stop('timed-out'), Math.min(timeoutSeconds * 1_000, 2 ** 31 - 1))
  }
}

/** Rejects some time after a stop: by then the prompt is either gone or slow to go. */
function afterStop(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const wait = () => setTimeout(() => reject(signal.reason as Error), stopPatienceMs)
    if (signal.aborted) wait()
    else signal.addEventListener('abort', wait, { once: true })
  })
}

function outcomeOfThrown(cause: unknown): Outcome {
  if (cause instanceof Stopped) return outcomeOfStop(cause.reason)
  const error = AppError.from(cause)
  const code = error.reason ?? 'WORKER_FAILED'
  if (code === 'CLIENT_CLOSED') return handedBack('The worker was stopped')
  if (lossReasons.has(code)) return lost(error.message)
  const isFinal = error.code === 'invalid' || error.code === 'not_found'
  return failed({ code, message: error.message }, { retryable: !isFinal })
}

const lossReasons: ReadonlySet<string> = new Set(['COMFYUI_UNREACHABLE', 'COMFYUI_TIMEOUT', 'FILE_CUT'])
