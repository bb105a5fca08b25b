import { setTimeout as delay } from 'node:timers/promises'
import { Follower } from './follower.ts'
import { call } from './http.ts'
import { addTo, Ledger } from './ledger.ts'
import { Random } from './random.ts'
import type { Answer, Json } from './http.ts'
import type { LedgerUser, Priority } from './ledger.ts'

/** Something to ask for, as often as its weight says. */
export type Workload = {
  readonly name: string
  readonly weight: number
  graph(seed: number): object
}

export type LoadOptions = {
  /** Gateways; calls go round. */
  urls: readonly string[]
  users: readonly LedgerUser[]
  workloads: readonly Workload[]
  /**
   * How the jobs of a user who does not flood come: as a Poisson process, whatever becomes of them, or so that this
   * many are always under way.
   */
  arrivals: { perMinute: number } | { closed: number }
  /** How many jobs a flooder keeps under way; default 50. */
  flood?: number
  /** Shares of interactive, normal and bulk; default 2, 7, 1. */
  mix?: readonly [number, number, number]
  /** For how long is submitted, in virtual minutes. */
  minutes: number
  /** Stop earlier, when so many jobs have been accepted. */
  maxJobs?: number
  /** How long to wait for the end of what was accepted, in virtual minutes; then the rest is canceled. Default 30. */
  drainMinutes?: number
  /** Real seconds for each virtual one; default 1. */
  timeScale?: number
  /** Same seed, same jobs of each user in the same order, with the same pauses. Default 1. */
  seed?: number
  /** Each user's durable events, page by page, or the jobs themselves, one by one. Default `events`. */
  follow?: 'events' | 'poll'
  /** Real milliseconds between two looks; default 250. */
  followMs?: number
  /** To look at while it runs; one is made when not given. */
  ledger?: Ledger
  /** Ends the submitting; what runs is canceled. */
  signal?: AbortSignal
  /** Submitting is over, waiting for the rest begins. */
  onSubmitted?: () => void | Promise<void>
}

export const priorities: readonly Priority[] = ['interactive', 'normal', 'bulk']
const cancelMs = 30_000
const lookMs = 500
const retryMs = { first: 100, most: 2_000 }

/** Submits as told, follows every job to its end, and gives the account of it. */
export async function runLoad(options: LoadOptions): Promise<Ledger> {
  const { users, minutes, drainMinutes = 30, timeScale = 1, onSubmitted } = options
  const ledger = options.ledger ?? new Ledger(users)
  const load = new Load(options, ledger)
  const virtualMinutes = (count: number) => count * 60_000 * timeScale
  const until = performance.now() + virtualMinutes(minutes)

  const following = load.follow()
  await Promise.all(users.map((user, index) => load.submitAs(user, { index, until })))
  await onSubmitted?.()
  await load.drained(performance.now() + virtualMinutes(drainMinutes))
  if (ledger.open.length > 0) {
    await load.cancelRest()
    await load.ended(performance.now() + cancelMs)
  }
  load.stop()
  await following
  return ledger
}

type Turn = { index: number; until: number }
type Ask = { user: LedgerUser; index: number; number: number; random: Random }

class Load {
  readonly #options: LoadOptions
  readonly #ledger: Ledger
  readonly #followers: Follower[]
  readonly #stop = new AbortController()
  #calls = 0

  constructor(options: LoadOptions, ledger: Ledger) {
    this.#options = options
    this.#ledger = ledger
    const { follow = 'events', followMs = 250, users } = options
    const url = () => this.#url()
    const signal = this.#stop.signal
    this.#followers = users.map(
      (user, index) => new Follower({ user, index, ledger, url, way: follow, pauseMs: followMs, signal }),
    )
  }

  async follow(): Promise<void> {
    await Promise.all(this.#followers.map((follower) => follower.run()))
  }

  stop(): void {
    this.#stop.abort()
  }

  /** Until the time is over; nothing that one user draws depends on another or on what the cluster does. */
  async submitAs(user: LedgerUser, turn: Turn): Promise<void> {
    const { arrivals, flood = 50, seed = 1 } = this.#options
    const random = new Random(seed).fork(`user-${turn.index}`)
    if (user.flooder) await this.#submitClosed(user, turn, { random, under: flood })
    else if ('closed' in arrivals) await this.#submitClosed(user, turn, { random, under: arrivals.closed })
    else await this.#submitPoisson(user, turn, { random, perMinute: arrivals.perMinute })
  }

  async drained(deadline: number): Promise<void> {
    await this.#untilEnded(deadline, () => this.#options.signal?.aborted ?? false)
  }

  async ended(deadline: number): Promise<void> {
    await this.#untilEnded(deadline, () => false)
  }

  async cancelRest(): Promise<void> {
    for (const { id, user } of this.#ledger.open) {
      const { apiKey } = this.#ledger.users[user]!
      await this.#insist(
        () => call(`${this.#url()}/api/jobs/${id}/cancel`, { method: 'POST', apiKey }),
        cancelMs,
      )
    }
  }

  async #submitPoisson(
    user: LedgerUser,
    { index, until }: Turn,
    { random, perMinute }: { random: Random; perMinute: number },
  ): Promise<void> {
    if (perMinute <= 0) return
    const meanMs = (60_000 / perMinute) * (this.#options.timeScale ?? 1)
    const sent: Promise<unknown>[] = []
    let at = performance.now()
    for (let number = 0; ; number++) {
      at += random.exponential(meanMs)
      if (at >= until || !(await this.#pause(at - performance.now())) || this.#enough()) break
      sent.push(this.#submit({ user, index, number, random: random.fork(number) }))
    }
    await Promise.all(sent)
  }

  async #submitClosed(
    user: LedgerUser,
    { index, until }: Turn,
    { random, under }: { random: Random; under: number },
  ): Promise<void> {
    const follower = this.#followers[index]!
    for (let number = 0; performance.now() < until && !this.#enough();) {
      if (follower.open >= under) {
        await follower.change(Math.min(lookMs, until - performance.now()))
        if (this.#aborted()) return
        continue
      }
      const retryAfterMs = await this.#submit({ user, index, number, random: random.fork(number) })
      number++
      if (retryAfterMs > 0 && !(await this.#pause(Math.min(retryAfterMs, until - performance.now())))) return
    }
  }

  /** Sends one job until there is an answer; gives how long to wait when it was refused for now. */
  async #submit({ user, index, number, random }: Ask): Promise<number> {
    const { workloads, mix = [2, 7, 1], seed = 1 } = this.#options
    const workload = random.weighted(workloads.map(({ weight }) => weight))
    const priority = priorities[random.weighted(mix)]!
    const graph = workloads[workload]!.graph(random.below(2 ** 48))
    const idempotencyKey = `cluster-${seed}-${user.userId}-${number}`
    const sentMs = performance.now()
    const { answer, tries } = await this.#insist(() =>
      call(`${this.#url()}/api/jobs`, {
        apiKey: user.apiKey,
        body: { workflow: graph, priority, name: workloads[workload]!.name },
        headers: { 'idempotency-key': idempotencyKey },
      }),
    )
    if (!answer) return 0
    const { status, body, headers } = answer
    if (status !== 202 && status !== 200) {
      addTo(this.#ledger.refused, status)
      return status === 429 ? (Number(headers['retry-after']) || 1) * 1_000 : 0
    }
    const acceptedMs = performance.now()
    const id = String(body.id)
    this.#ledger.accept({ id, user: index, workload, priority, idempotencyKey, sentMs, acceptedMs, tries })
    this.#followers[index]!.expect(id)
    return 0
  }

  /** Again while there is no answer or one of 500 and more; nothing when the time for it is over. */
  async #insist(
    ask: () => Promise<Answer>,
    forMs = cancelMs,
  ): Promise<{
    answer: { status: number; headers: Answer['headers']; body: Json } | undefined
    tries: number
  }> {
    const deadline = performance.now() + forMs
    for (let tries = 1, pauseMs = retryMs.first; ; tries++, pauseMs = Math.min(retryMs.most, 2 * pauseMs)) {
      const answer = await ask().catch((cause: NodeJS.ErrnoException) => {
        addTo(this.#ledger.retried, cause.code ?? cause.message)
        return undefined
      })
      if (answer && answer.status < 500) return { answer, tries }
      if (answer) addTo(this.#ledger.retried, String(answer.status))
      if (performance.now() + pauseMs >= deadline) return { answer: undefined, tries }
      await delay(pauseMs)
    }
  }

  async #untilEnded(deadline: number, givenUp: () => boolean): Promise<void> {
    while (this.#ledger.open.length > 0 && performance.now() < deadline && !givenUp()) await delay(50)
  }

  /** False when it is all to end. */
  async #pause(ms: number): Promise<boolean> {
    if (ms > 0) await delay(ms, undefined, { signal: this.#options.signal }).catch(() => undefined)
    return !this.#aborted()
  }

  #aborted(): boolean {
    return this.#options.signal?.aborted ?? false
  }

  #enough(): boolean {
    return this.#aborted() || this.#ledger.jobs.size >= (this.#options.maxJobs ?? Infinity)
  }

  #url(): string {
    const { urls } = this.#options
    return urls[this.#calls++ % urls.length]!
  }
}
