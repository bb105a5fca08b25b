import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from '@easel/observability'
import type { Redis } from 'ioredis'

const lockMs = 20_000
const lookMs = 100

const away: ReadonlySet<string> = new Set(['reconnecting', 'close', 'end'])

const release = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0`

/** One replica at a time asks a source for the same thing; the others look for its answer in the database. */
export class FlightLock {
  readonly #redis: Redis | undefined
  readonly #prefix: string
  readonly #log: Logger

  constructor({ redis, prefix, log }: { redis: Redis | undefined; prefix: string; log: Logger }) {
    this.#redis = redis
    this.#prefix = prefix
    this.#log = log
  }

  /** Runs `work`, unless `answered` gives what another replica brought meanwhile. Without Redis it just works. */
  async run<T>(key: string, work: () => Promise<T>, answered: () => Promise<T | undefined>): Promise<T> {
    const name = `${this.#prefix}source-flight:${key}`
    const owner = randomUUID()
    const giveUpAt = performance.now() + lockMs
    while (!(await this.#claim(name, owner))) {
      await delay(lookMs)
      const answer = await answered()
      if (answer !== undefined) return answer
      if (performance.now() > giveUpAt) return work()
    }
    try {
      return await work()
    } finally {
      await this.#redis?.eval(release, 1, name, owner).catch((error: unknown) => {
        this.#log.debug({ err: error }, 'a lock on a source was left to expire')
      })
    }
  }

  async #claim(name: string, owner: string): Promise<boolean> {
    // While it is away, whoever waits for it waits for nothing.
    if (!this.#redis || away.has(this.#redis.status)) return true
    try {
      return (await this.#redis.set(name, owner, 'PX', lockMs, 'NX')) === 'OK'
    } catch (error) {
      this.#log.debug({ err: error }, 'a source is asked without a lock: Redis does not answer')
      return true
    }
  }
}
