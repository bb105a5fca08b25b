import type { Database } from './database.ts'
import type { DatabaseLog } from './database-log.ts'
import type { OutboxMessage } from './outbox.ts'

export type OutboxRelayOptions = {
  readonly database: Database
  /** Resolves when every message is stored by the bus; a rejection leaves all of them for the next try. */
  readonly publish: (messages: readonly OutboxMessage[]) => Promise<void>
  /** At most so many messages in one `publish`. 200 by default. */
  readonly batchSize?: number
  readonly log?: DatabaseLog
  readonly onError?: (error: unknown) => void
}

export type OutboxRelay = AsyncDisposable & {
  /** Look now instead of at the next poll. */
  notify(): void
}

export function startOutboxRelay(_options: OutboxRelayOptions): OutboxRelay {
  throw new Error('Not yet')
}
