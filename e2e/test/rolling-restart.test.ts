import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { waitFor } from '@easel/testing'
import { expect, test } from 'vitest'
import { Api } from '../support/api.ts'
import { startBalancer } from '../support/balancer.ts'
import { Follower } from '../support/follower.ts'
import { colourGraph } from '../support/graphs.ts'
import { serviceNames, startServices } from '../support/services.ts'
import { bootstrapKey } from '../support/standalone.ts'
import type { Json } from '../support/api.ts'

const grace = 10_000

test(
  'two replicas of all, restarted one after the other under load, lose nothing and do nothing twice',
  { timeout: 300_000 },
  async () => {
    await using services = await startServices({ replicas: 2 })
    await using balancer = await startBalancer(services.gatewayUrls)
    const api = new Api(balancer.url, bootstrapKey)
    await using followers = new AsyncDisposableStack()
    const listening = [followers.use(await Follower.start(api)), followers.use(await Follower.start(api))]
    const load = new Load(api)

    for (const name of serviceNames) {
      for (let replica = 0; replica < services.replicas; replica++) {
        const before = load.accepted.size
        const startedAt = performance.now()
        expect(await services.stop(name, replica), `${name} ${replica}`).toBe(0)
        expect(performance.now() - startedAt, `the stop of ${name} ${replica}`).toBeLessThan(grace)
        await services.start(name, replica)
        await waitFor(() => load.accepted.size > before, { describe: 'the load to go on' })
      }
    }
    await load.stop()

    expect(load.wrong).toEqual([])
    const ids = [...load.accepted.values()]
    expect(new Set(ids).size).toBe(ids.length)
    const jobs = await Promise.all(ids.map((id) => api.finished(id, 60_000)))
    expect(jobs.filter(({ status }) => status !== 'succeeded')).toEqual([])
    expect((await listAll(api, '/api/jobs')).map(({ id }) => id).toSorted(byText)).toEqual(
      ids.toSorted(byText),
    )
    const made = () => listAll(api, '/api/assets')
    await waitFor(async () => (await made()).length >= ids.length, { timeoutMs: 30_000 })
    expect(new Set((await made()).map(({ jobId }) => jobId)).size).toBe(ids.length)
    expect(await made()).toHaveLength(ids.length)

    await expectNoGap(api, listening)
  },
)

/** Submits as a good client does: what fails is sent again under the same key. */
class Load {
  /** The job of each key. */
  readonly accepted = new Map<string, string>()
  /** Answers that a good server does not give. */
  readonly wrong: string[] = []
  readonly #api: Api
  readonly #senders: Promise<void>[]
  #stopping = false
  #colour = 0

  constructor(api: Api) {
    this.#api = api
    this.#senders = Array.from({ length: 4 }, () => this.#send())
  }

  async stop(): Promise<void> {
    this.#stopping = true
    await Promise.all(this.#senders)
  }

  async #send(): Promise<void> {
    while (!this.#stopping) {
      await this.#submit(randomUUID(), { workflow: colourGraph(++this.#colour) })
      await delay(200)
    }
  }

  async #submit(key: string, body: Json): Promise<void> {
    for (const deadline = performance.now() + 30_000; performance.now() < deadline; await delay(100)) {
      // No answer at all is what a lost connection gives; the same key makes the repeat harmless.
      const answer = await this.#api
        .send('POST', '/api/jobs', body, { 'idempotency-key': key })
        .catch(() => undefined)
      if (answer?.status === 202) return void this.accepted.set(key, answer.body.id as string)
      // What a process was asked in its last moment may go unanswered: it says so, and the repeat is answered.
      if (answer && !([503, 504].includes(answer.status) && answer.headers.has('retry-after'))) {
        this.wrong.push(`${answer.status} ${JSON.stringify(answer.body)}`)
      }
    }
    this.wrong.push(`${key} was not accepted within half a minute`)
  }
}

async function expectNoGap(api: Api, followers: readonly Follower[]): Promise<void> {
  const told: string[] = []
  for (let after = '0'; ;) {
    const { body } = await api.get(`/api/events?limit=200&after=${after}`)
    const items = body.items as Json[]
    if (items.length === 0) break
    told.push(...items.map(({ id }) => id as string))
    after = body.nextCursor as string
  }
  for (const follower of followers) {
    await waitFor(() => follower.ids.at(-1) === told.at(-1), { describe: 'the last event' })
    expect(follower.ids).toEqual(told)
    // Each was connected to a gateway that went away.
    expect(follower.connections).toBeGreaterThan(1)
  }
}

async function listAll(api: Api, path: string): Promise<Json[]> {
  const items: Json[] = []
  for (let cursor: string | null = ''; cursor !== null;) {
    const { body } = await api.get(`${path}?limit=200${cursor && `&cursor=${encodeURIComponent(cursor)}`}`)
    items.push(...(body.items as Json[]))
    cursor = (body.nextCursor as string | null | undefined) ?? null
  }
  return items
}

const byText = (a: unknown, b: unknown): number => String(a).localeCompare(String(b))
