import { setTimeout as delay } from 'node:timers/promises'
import { Api } from '../../support/api.ts'
import type { Answer } from '../../support/api.ts'
import type { Random } from './random.ts'

/** What all clients of a run have been answered. */
export class Tally {
  readonly statuses = new Map<string, number>()
  /** Answers that no client should ever get. */
  readonly lies: string[] = []
  unanswered = 0

  note(what: string, { status, headers, body }: Answer): void {
    this.statuses.set(String(status), (this.statuses.get(String(status)) ?? 0) + 1)
    const asksToComeAgain = [429, 503, 504].includes(status) && headers.has('retry-after')
    if (status >= 500 && !asksToComeAgain) {
      this.lies.push(`${what} answered ${status} ${JSON.stringify(body).slice(0, 300)}`)
    }
  }
}

const answerMs = 25_000
const pauseMs = 150

/** A careful client: any gateway, and the same request with the same key until somebody answers it for good. */
export class Client {
  readonly #apis: readonly Api[]
  readonly #random: Random
  readonly #tally: Tally

  constructor(gateways: readonly string[], key: string, { random, tally }: { random: Random; tally: Tally }) {
    this.#apis = gateways.map((url) => new Api(url, key))
    this.#random = random
    this.#tally = tally
  }

  /** One try; undefined when nobody answered. */
  async once(
    method: string,
    path: string,
    options: { body?: unknown; key?: string } = {},
  ): Promise<Answer | undefined> {
    const api = this.#random.pick(this.#apis)
    const headers: Record<string, string> =
      options.key === undefined ? {} : { 'idempotency-key': options.key }
    try {
      const answer = await within(answerMs, api.send(method, path, options.body, headers))
      this.#tally.note(`${method} ${path}`, answer)
      return answer
    } catch {
      this.#tally.unanswered += 1
      return undefined
    }
  }

  /** Until it is answered with anything but "come again"; undefined when that did not happen in time. */
  async send(
    method: string,
    path: string,
    { timeoutMs = 90_000, ...options }: { body?: unknown; key?: string; timeoutMs?: number } = {},
  ): Promise<Answer | undefined> {
    const end = performance.now() + timeoutMs
    for (;;) {
      const answer = await this.once(method, path, options)
      // 409: the first request with this key is still at work, on a gateway that may be dead.
      const again = answer === undefined || answer.status >= 500 || answer.status === 429 || isAtWork(answer)
      if (!again) return answer
      if (performance.now() > end) return undefined
      await delay(pauseMs + this.#random.integer(0, pauseMs))
    }
  }

  async bytes(path: string): Promise<Buffer> {
    return within(answerMs, this.#random.pick(this.#apis).bytes(path))
  }
}

const isAtWork = ({ status, body }: Answer) => status === 409 && body.code === 'IDEMPOTENCY_IN_PROGRESS'

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const late = new AbortController()
  const timeout = delay(ms, undefined, { signal: late.signal, ref: false }).then(
    () => {
      throw new Error(`No answer in ${ms} ms`)
    },
    () => new Promise<never>(() => undefined),
  )
  try {
    return await Promise.race([work, timeout])
  } finally {
    late.abort()
  }
}
