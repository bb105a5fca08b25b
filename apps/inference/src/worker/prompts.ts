import type { BusLog } from '@easel/bus'
import type { ComfyClient } from '@easel/comfyui'
import { AppError } from '@easel/protocol'
import type { AttemptId } from './attempt-facts.ts'
import { nameId } from './name-id.ts'

export type Claim = Disposable & {
  promptId: string
  /** It is in ComfyUI already: an earlier process of this worker, or an earlier attempt, began it. */
  adopted: boolean
}

/** Work that an earlier process left comes again within the inbox's 15 s; what is not wanted by then is stopped. */
const leftoverMs = 25_000
/** As far back as an attempt looks for what became of those before it. */
const maxEarlier = 5

/** Which prompts in ComfyUI are whose. Their ids follow from job and attempt, so a new process knows them. */
export class Prompts {
  readonly #client: ComfyClient
  readonly #log: BusLog
  readonly #followed = new Set<string>()
  /** Begun by this process: what became of them is known, they are not taken up again. */
  readonly #own = new Set<string>()
  /** Under our name, and there before us. */
  #leftovers: ReadonlySet<string> | undefined
  readonly #startedAt = performance.now()

  constructor(client: ComfyClient, log: BusLog) {
    this.#client = client
    this.#log = log
  }

  /** Dispose of it when the prompt is followed no longer. */
  async claim(id: AttemptId, deliveries: number): Promise<Claim> {
    const fresh = promptIdOf(id)
    const isRepeat = deliveries > 1 || id.attempt > 1
    const earlier = isRepeat ? await this.#findEarlier(id) : undefined
    const promptId = earlier ?? fresh
    this.#followed.add(promptId)
    if (this.#own.size > 10_000) this.#own.clear()
    this.#own.add(promptId)
    return {
      promptId,
      adopted: earlier !== undefined,
      [Symbol.dispose]: () => void this.#followed.delete(promptId),
    }
  }

  /**
   * Stops prompts of ours that nobody waits for: of a process that is gone, or given up while ComfyUI hung.
   * Others under our name are those of a newer process, which does not know yet that we are still here.
   */
  async sweep(): Promise<void> {
    const isOurs = (id: string) => this.#own.has(id) || this.#leftovers?.has(id)
    const client = this.#client
    const { running, pending } = await client.queue()
    this.#leftovers ??= new Set(
      [...running, ...pending]
        .filter(({ extraData }) => extraData.client_id === client.clientId)
        .map(({ promptId }) => promptId),
    )
    if (performance.now() - this.#startedAt < leftoverMs) return
    const isLeft = ({ promptId }: { promptId: string }) => isOurs(promptId) && !this.#followed.has(promptId)
    const left = pending.filter(isLeft).map(({ promptId }) => promptId)
    if (left.length > 0) await client.deleteQueued(left)
    for (const { promptId } of running.filter(isLeft)) {
      this.#log.warn({ promptId }, 'a prompt that nobody waits for is interrupted')
      await client.interrupt(promptId)
    }
  }

  async #findEarlier({ jobId, attempt }: AttemptId): Promise<string | undefined> {
    try {
      const numbers = Array.from({ length: Math.min(attempt, maxEarlier) }, (_, back) => attempt - back)
      const ids = numbers.map((number) => promptIdOf({ jobId, attempt: number }))
      const foreign = ids.filter((id) => !this.#own.has(id))
      const { running, pending } = await this.#client.queue()
      const queued = new Set([...running, ...pending].map(({ promptId }) => promptId))
      const waiting = foreign.find((id) => queued.has(id))
      if (waiting !== undefined) return waiting
      for (const id of foreign) {
        const entry = await this.#client.historyOf(id)
        if (entry?.status?.status_str === 'success') return id
      }
    } catch (cause) {
      // The run itself will say what is wrong with this ComfyUI.
      if (!AppError.from(cause).retryable) throw cause
    }
    return undefined
  }
}

function promptIdOf({ jobId, attempt }: AttemptId): string {
  return nameId(jobId, `attempt:${attempt}`)
}
