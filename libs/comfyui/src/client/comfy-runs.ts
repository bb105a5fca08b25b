import { AppError, newId } from '@easel/protocol'
import type { Graph } from '../graph/graph.ts'
import type { ClientNotice, ComfyLimits, RunOptions, SubmitRequest } from './client-options.ts'
import { ComfySocket } from './comfy-socket.ts'
import type { ImageFrame, TextFrame } from './frames.ts'
import type { HttpCalls } from './http-calls.ts'
import { PromptFollower } from './prompt-follower.ts'
import { PromptRun } from './prompt-run.ts'
import type { ComfyError, RunResult } from './run-result.ts'
import type { ServerCalls } from './server-calls.ts'

/** Longest wait for the socket before a prompt is sent without it. */
const socketWaitMs = 3_000

export type ComfyRunsOptions = {
  http: HttpCalls
  calls: ServerCalls
  clientId: string
  limits: ComfyLimits
  onNotice: (notice: ClientNotice) => void
}

type Followed = { run: PromptRun; follower: PromptFollower }

/** The socket and the prompts that are followed over it. Messages are given to the prompt they name. */
export class ComfyRuns implements Disposable {
  readonly socket: ComfySocket
  readonly #options: ComfyRunsOptions
  readonly #followed = new Map<string, Followed>()
  /** ComfyUI executes one prompt at a time; frames without a prompt id belong to it. */
  #executing: string | undefined

  constructor(options: ComfyRunsOptions) {
    this.#options = options
    const { http, clientId, limits, onNotice } = options
    const url = new URL(`${http.baseUrl.replace(/^http/, 'ws')}/ws`)
    url.searchParams.set('clientId', clientId)
    this.socket = new ComfySocket(
      { url: url.href, headers: http.headers, frameBytes: limits.frameBytes, handshakeMs: limits.callMs },
      {
        onText: (frame) => this.#text(frame),
        onImage: (frame) => this.#image(frame),
        onChange: (connected) => this.#changed(connected),
        onNotice,
      },
    )
  }

  async run(request: SubmitRequest & RunOptions): Promise<RunResult> {
    const promptId = request.promptId ?? newId()
    const { run, follower } = this.#follow(promptId, request.graph, request)
    try {
      run.heardAll = await this.socket.connect(socketWaitMs, false)
      if (request.signal?.aborted) return run.finish('interrupted')
      const failed = await this.#submit({ ...request, promptId }, run)
      if (failed) return run.finish(failed.kind === 'unreachable' ? 'lost' : 'failed', failed)
      return await follower.follow()
    } finally {
      this.#followed.delete(promptId)
    }
  }

  async watch(promptId: string, options: RunOptions & { graph?: Graph }): Promise<RunResult> {
    const graph = options.graph ?? (await this.#graphOf(promptId)) ?? {}
    const { follower } = this.#follow(promptId, graph, options)
    try {
      void this.socket.connect(socketWaitMs)
      return await follower.follow(true)
    } finally {
      this.#followed.delete(promptId)
    }
  }

  #follow(promptId: string, graph: Graph, { onEvent, signal }: RunOptions): Followed {
    if (this.#followed.has(promptId)) {
      throw new AppError('conflict', 'This prompt is followed already', { reason: 'PROMPT_FOLLOWED' })
    }
    const run = new PromptRun({
      promptId,
      graph,
      onEvent: (event) => {
        try {
          onEvent?.(event)
        } catch (cause) {
          follower.fail(cause) // thrown here, it would hit the socket
        }
      },
      now: () => performance.now(),
    })
    const { calls, limits, onNotice } = this.#options
    const renewSocket = () => this.socket.renew()
    const follower: PromptFollower = new PromptFollower(run, { calls, limits, onNotice, renewSocket }, signal)
    const followed = { run, follower }
    this.#followed.set(promptId, followed)
    return followed
  }

  /** What went wrong; undefined when the server has it, or may have it. */
  async #submit(
    request: SubmitRequest & { promptId: string },
    run: PromptRun,
  ): Promise<ComfyError | undefined> {
    try {
      run.queued(await this.#options.calls.submit(request))
      return undefined
    } catch (cause) {
      const error = AppError.from(cause)
      if (error.reason === 'CLIENT_CLOSED') throw error
      if (error.reason === 'GRAPH_INVALID') {
        return { kind: 'validation', message: error.message, faults: error.extra.faults }
      }
      if (error.code === 'invalid') return { kind: 'validation', message: error.message }
      if (!error.retryable) return { kind: 'protocol', message: error.message }
      if (error.extra.details?.sent === false) return { kind: 'unreachable', message: error.message }
      // The answer is lost, the prompt perhaps not. Sending it again could run it twice: look it up instead.
      run.comment('The answer to the submission was lost; the prompt was looked up')
      run.queued({})
      return undefined
    }
  }

  async #graphOf(promptId: string): Promise<Graph | undefined> {
    const { calls } = this.#options
    try {
      const { running, pending } = await calls.queue()
      const item = [...running, ...pending].find((entry) => entry.promptId === promptId)
      return item?.graph ?? (await calls.historyOf(promptId))?.graph
    } catch (cause) {
      if (cause instanceof AppError && cause.retryable) return undefined // the follower will see it too
      throw cause
    }
  }

  #text(frame: TextFrame): void {
    const { type, data } = frame
    const promptId = typeof data.prompt_id === 'string' ? data.prompt_id : undefined
    if (type === 'execution_start') this.#executing = promptId
    // After a reconnect, `executing` comes without an id.
    const owner = promptId ?? (type === 'executing' ? this.#runningId() : undefined)
    if (type === 'executing') this.#executing = data.node === null ? undefined : owner
    const followed = owner === undefined ? undefined : this.#followed.get(owner)
    if (!followed) return
    followed.run.text(frame)
    // `executing {node: null}` is the end; without a client id in the prompt only these two come.
    const over =
      type === 'execution_success' || type === 'execution_interrupted' || type === 'execution_error'
    if (over || followed.run.finishHinted) followed.follower.hint()
  }

  #image(frame: ImageFrame): void {
    const owner = frame.promptId ?? this.#executing
    if (owner !== undefined) this.#followed.get(owner)?.run.image(frame)
  }

  #runningId(): string | undefined {
    const started = [...this.#followed.values()].filter(({ run }) => run.started)
    return started.length === 1 ? started[0]!.run.promptId : undefined
  }

  #changed(connected: boolean): void {
    this.#executing = undefined
    for (const { run, follower } of this.#followed.values()) {
      run.heardAll = false
      if (!connected) run.comment('The connection broke during the run; previews and timings may be missing')
      follower.hint()
    }
  }

  [Symbol.dispose](): void {
    this.socket[Symbol.dispose]()
    for (const { follower } of this.#followed.values()) follower.hint()
  }
}
