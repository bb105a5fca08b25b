import { Database, fromDatabaseError } from '@easel/database'
import { Injectable } from '@nestjs/common'
import { PrismaClient } from './generated/prisma/client.ts'
import type { Prisma } from './generated/prisma/client.ts'

/** The gateway's tables: Prisma for people, keys and audit; SQL for what is asked on every request. */
@Injectable()
export class GatewayStore {
  readonly prisma: PrismaClient

  constructor(readonly sql: Database) {
    this.prisma = new PrismaClient({ adapter: sql.adapter })
  }

  /** A read or a single write. */
  async run<T>(work: (prisma: PrismaClient) => Promise<T>): Promise<T> {
    try {
      return await work(this.prisma)
    } catch (cause) {
      throw fromDatabaseError(cause)
    }
  }

  transact<T>(work: (tx: Prisma.TransactionClient) => Promise<T>): Promise<T> {
    return this.run((prisma) => prisma.$transaction(work, { maxWait: 5_000, timeout: 10_000 }))
  }
}
