export { Database, openDatabase, type DatabaseOptions, type TransactOptions } from './database.ts'
export type { ConnectionOptions } from './connection.ts'
export type { DatabaseLog } from './database-log.ts'
export {
  fromDatabaseError,
  isConnectionLoss,
  isTransactionConflict,
  isUniqueViolation,
} from './database-error.ts'
export type { Inbox } from './inbox.ts'
export { cleanInbox } from './inbox-cleanup.ts'
export { migrate, type MigrateOptions, type MigrateResult } from './migrate.ts'
export type { HeaderSource, Outbox, OutboxEntry, OutboxMessage, OutboxOptions } from './outbox.ts'
export { startOutboxRelay, type OutboxRelay, type OutboxRelayOptions } from './outbox-relay.ts'
export { prismaInbox, prismaOutbox, type PrismaTransaction } from './prisma.ts'
export type { IsolationLevel, QueryOptions, SqlTransaction } from './transaction.ts'
