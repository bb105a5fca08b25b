import { Database, fromDatabaseError } from '@easel/database'
import type { Outbox } from '@easel/database'
import { Injectable } from '@nestjs/common'
import { PrismaClient } from './generated/prisma/client.ts'
import { CareRepository } from './library/care.repository.ts'
import { LibraryRepository } from './library/library.repository.ts'
import { LinkRepository } from './library/link.repository.ts'
import { ScanRepository } from './scan/scan.repository.ts'

/** The outbox exists only inside a transaction, so a fact cannot be sent without its row. */
export type CatalogTx = { scan: ScanRepository; links: LinkRepository; outbox: Outbox }

/** Prisma reads single files and sums; lists and the scan, which work on many rows at once, are SQL. */
@Injectable()
export class CatalogStore {
  readonly library: LibraryRepository
  readonly care: CareRepository
  readonly links: LinkRepository
  readonly scan: ScanRepository

  constructor(private readonly database: Database) {
    const prisma = new PrismaClient({ adapter: database.adapter })
    const guarded = prisma.$extends({
      query: {
        $allOperations: ({ args, query }) =>
          query(args).catch((cause: unknown) => {
            throw fromDatabaseError(cause)
          }),
      },
    }) as unknown as PrismaClient
    this.library = new LibraryRepository(database, guarded)
    this.care = new CareRepository(database)
    this.links = new LinkRepository(database)
    this.scan = new ScanRepository(database)
  }

  transact<T>(work: (tx: CatalogTx) => Promise<T>): Promise<T> {
    return this.database.transact((tx) =>
      work({ scan: new ScanRepository(tx), links: new LinkRepository(tx), outbox: tx.outbox }),
    )
  }
}
