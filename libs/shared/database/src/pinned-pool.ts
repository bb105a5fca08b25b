import pg, { type PoolClient, type PoolConfig } from 'pg'

/**
 * A pool, because Prisma's adapter wants one, whose queries all run on one connection. A plain pool of one
 * drops the connection after a failed query, and with it the session's locks and the open transaction.
 */
export class PinnedPool extends pg.Pool {
  #client: Promise<PoolClient> | undefined

  constructor(config: PoolConfig) {
    super({ ...config, max: 1 })
    // The query that fails reports the loss.
    this.on('error', () => undefined)
    this.on('connect', (client) => client.on('error', () => undefined))
  }

  // `never` fits every one of the many overloads.
  override async query(...query: unknown[]): Promise<never> {
    this.#client ??= this.connect()
    const client = await this.#client
    return (await client.query(...(query as [string]))) as never
  }

  override async end(): Promise<void> {
    // Who could not connect knows it from its query.
    const client = await this.#client?.catch(() => undefined)
    client?.release(true)
    await super.end()
  }
}
