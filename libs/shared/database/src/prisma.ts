import { Inbox } from './inbox.ts'
import { Outbox, type HeaderSource } from './outbox.ts'

/** What is used of a `Prisma.TransactionClient`; every generated client has it. */
export type PrismaTransaction = {
  $executeRawUnsafe(sql: string, ...values: unknown[]): PromiseLike<number>
}

/**
 * The outbox of a Prisma transaction: `store.transact` gives it beside its repositories.
 * Pass `database.headers` so that the trace goes on in whoever consumes the fact.
 */
export function prismaOutbox(tx: PrismaTransaction, headers?: HeaderSource): Outbox {
  return new Outbox(async (sql, values) => {
    await tx.$executeRawUnsafe(sql, ...values)
    // Prisma does not say when it commits, so the wake-up is part of the transaction (see outbox-signal.ts).
    await tx.$executeRawUnsafe(`select pg_notify('outbox_' || current_schema(), '')`)
  }, headers)
}

export function prismaInbox(tx: PrismaTransaction): Inbox {
  return new Inbox((sql, values) => tx.$executeRawUnsafe(sql, ...values))
}
