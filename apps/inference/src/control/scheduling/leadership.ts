import type { Database, DatabaseLog } from '@easel/database'
import { Bell } from './bell.ts'

export type LeadershipOptions = {
  database: Database
  log: DatabaseLog
  /** What the leader does; it must end soon after the signal, and not before. */
  lead: (signal: AbortSignal) => Promise<void>
}

const askMs = 1_000
const checkMs = 1_000

const claim = `select pg_try_advisory_lock(hashtextextended('scheduler:' || $1, 0)) as leads`

/**
 * connecting → standby → leading → connecting … → stopped.
 *
 * One replica leads: it holds a session lock on a connection of its own, which Postgres frees when the
 * connection ends. Two who lead for a moment (a cut line that one side has not noticed) do no harm: a job is
 * bound only while its row says that it is free.
 */
export class Leadership implements AsyncDisposable {
  private readonly options: LeadershipOptions
  private readonly stopping = new AbortController()
  private readonly running: Promise<void>
  private current: AbortController | undefined

  constructor(options: LeadershipOptions) {
    this.options = options
    this.running = this.run()
  }

  get leads(): boolean {
    return this.current !== undefined
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stopping.abort()
    this.current?.abort()
    await this.running
  }

  private async run(): Promise<void> {
    const { log } = this.options
    const pause = new Bell()
    while (!this.stopping.signal.aborted) {
      try {
        await this.connected()
      } catch (cause) {
        log.warn({ err: cause }, 'the scheduler has no connection to its database')
      }
      await pause.wait(askMs, this.stopping.signal)
    }
  }

  /** From the connection's start to its end, or to the end of the leadership. */
  private async connected(): Promise<void> {
    const { database, log, lead } = this.options
    const client = await database.pool.connect()
    const term = new AbortController()
    const lost = () => term.abort()
    client.once('error', lost)
    client.once('end', lost)
    const pause = new Bell()
    try {
      while (!(await this.claimed(client))) {
        await pause.wait(askMs, this.stopping.signal)
        if (this.stopping.signal.aborted) return
      }
      log.info({}, 'this replica schedules')
      this.current = term
      if (this.stopping.signal.aborted) return
      const work = lead(term.signal)
      while (!term.signal.aborted) {
        await pause.wait(checkMs, term.signal)
        if (!term.signal.aborted) await client.query('select 1').catch(lost)
      }
      await work
    } finally {
      this.current = undefined
      term.abort()
      // Ends the session, and with it the lock.
      client.release(true)
    }
  }

  private async claimed(client: {
    query(text: string, values: string[]): Promise<{ rows: { leads: boolean }[] }>
  }) {
    const { rows } = await client.query(claim, [this.options.database.schema])
    return rows[0]?.leads ?? false
  }
}
