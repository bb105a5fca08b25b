import { Database, fromDatabaseError } from '@easel/database'
import type { Outbox } from '@easel/database'
import { Injectable } from '@nestjs/common'
import { DownloadsRepository } from './downloads/downloads.repository.ts'
import { PrismaClient } from './generated/prisma/client.ts'
import { HubRepository } from './hub/hub.repository.ts'
import { SettingsRepository } from './settings/settings.repository.ts'
import { TokensRepository } from './tokens/tokens.repository.ts'
import { ClaimsRepository } from './transfers/claims.repository.ts'
import { TransfersRepository } from './transfers/transfers.repository.ts'

/** The outbox exists only inside a transaction, so a fact cannot be sent without its row. */
export type DownloaderTx = {
  transfers: TransfersRepository
  claims: ClaimsRepository
  downloads: DownloadsRepository
  hub: HubRepository
  outbox: Outbox
}

/** Settings are Prisma's; what is claimed, renewed and listed all the time is SQL. */
@Injectable()
export class DownloaderStore {
  readonly transfers: TransfersRepository
  readonly claims: ClaimsRepository
  readonly downloads: DownloadsRepository
  readonly settings: SettingsRepository
  readonly tokens: TokensRepository
  readonly hub: HubRepository

  constructor(private readonly database: Database) {
    const prisma = new PrismaClient({ adapter: database.adapter }).$extends({
      query: {
        $allOperations: ({ args, query }) =>
          query(args).catch((cause: unknown) => {
            throw fromDatabaseError(cause)
          }),
      },
    })
    this.transfers = new TransfersRepository(database)
    this.claims = new ClaimsRepository(database)
    this.downloads = new DownloadsRepository(database)
    this.settings = new SettingsRepository(prisma as unknown as PrismaClient)
    this.tokens = new TokensRepository(prisma as unknown as PrismaClient)
    this.hub = new HubRepository(database)
  }

  transact<T>(work: (tx: DownloaderTx) => Promise<T>): Promise<T> {
    return this.database.transact((tx) =>
      work({
        transfers: new TransfersRepository(tx),
        claims: new ClaimsRepository(tx),
        downloads: new DownloadsRepository(tx),
        hub: new HubRepository(tx),
        outbox: tx.outbox,
      }),
    )
  }
}
