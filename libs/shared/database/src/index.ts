export * from './database.ts'
export * from './database-log.ts'
export {
  fromDatabaseError,
  isConnectionLoss,
  isTransactionConflict,
  isUniqueViolation,
} from './database-error.ts'
export * from './inbox.ts'
export * from './inbox-cleanup.ts'
export * from './migrate.ts'
export * from './outbox.ts'
export * from './outbox-relay.ts'
export * from './prisma.ts'
