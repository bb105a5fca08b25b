import { Injectable } from '@nestjs/common'
import { GatewayStore } from '../gateway.store.ts'
import { pageArguments, readCursor, toPage } from './page.ts'
import type { Prisma } from '../generated/prisma/client.ts'
import type { Caller } from '../identity/caller.ts'
import type { AuditPage, ListAudit } from './people.messages.ts'

export type Act = {
  readonly userId?: string
  /** `login.succeeded`, `key.created`, `member.added`, … */
  readonly action: string
  readonly target?: string
  readonly address?: string
  readonly details?: Prisma.InputJsonObject
}

/** Who acts, and from where. */
export type Acting = { readonly caller: Caller; readonly address: string }

export function actOf({ caller, address }: Acting, action: string, target: string): Act {
  return { userId: caller.actor.userId, address, action, target }
}

@Injectable()
export class AuditRepository {
  constructor(private readonly store: GatewayStore) {}

  /** In the transaction of what it tells, where there is one. */
  async add(act: Act, tx: Prisma.TransactionClient = this.store.prisma): Promise<void> {
    const { userId = null, target = null, address = null, details = {}, action } = act
    await tx.audit.create({ data: { userId, target, address, details, action } })
  }

  async list(query: ListAudit): Promise<AuditPage> {
    const { take, orderBy } = pageArguments({ ...query, cursor: undefined })
    const before = readCursor(query.cursor, (id) => /^\d{1,18}$/.test(id))
    const rows = await this.store.run((prisma) =>
      prisma.audit.findMany({
        take,
        orderBy,
        where: {
          ...(before !== undefined && { id: { lt: BigInt(before) } }),
          ...(query.userId !== undefined && { userId: query.userId }),
          ...(query.action !== undefined && { action: query.action }),
        },
      }),
    )
    return toPage(rows, query, {
      id: (row) => String(row.id),
      view: (row) => ({
        id: String(row.id),
        at: row.at.toISOString(),
        userId: row.userId,
        action: row.action,
        target: row.target,
        address: row.address,
        details: row.details as Record<string, unknown>,
      }),
    })
  }
}
