import { Client } from 'pg'

/** Reads what the services have written, and changes nothing: each question on a connection of its own. */
export class Ledger {
  readonly #url: string

  constructor(url: string) {
    this.#url = url
  }

  async ask<T extends object>(text: string, values: unknown[] = []): Promise<T[]> {
    const client = new Client({
      connectionString: this.#url,
      options: '-c default_transaction_read_only=on',
      connectionTimeoutMillis: 5_000,
      query_timeout: 60_000,
    })
    client.on('error', () => undefined)
    await client.connect()
    try {
      return (await client.query<T>(text, values)).rows
    } finally {
      await client.end()
    }
  }

  async count(text: string, values: unknown[] = []): Promise<number> {
    const [row] = await this.ask<{ count: string }>(text, values)
    return Number(row?.count ?? 0)
  }
}

export const terminal = ['succeeded', 'failed', 'canceled', 'expired']
