import { accessChanged } from '@easel/contracts'
import type { AccessChanged } from '@easel/contracts'
import { prismaOutbox } from '@easel/database'
import { canWrite } from '@easel/protocol'
import type { SpaceRole, UserRole } from '@easel/protocol'
import { Injectable } from '@nestjs/common'
import { GatewayStore } from '../gateway.store.ts'
import type { Prisma } from '../generated/prisma/client.ts'

/** Tells the services what a user may change from now on: what waits in his name may be nothing any more. */
@Injectable()
export class AccessFactsService {
  constructor(private readonly store: GatewayStore) {}

  /** In the transaction of the change, after it. */
  async add(userId: string, tx: Prisma.TransactionClient): Promise<void> {
    const user = await tx.user.findUnique({ where: { id: userId }, include: { memberships: true } })
    const outbox = prismaOutbox(tx, this.store.sql.headers)
    await outbox.add(accessChanged, accessOf(userId, user), { key: userId })
  }
}

type UserRow = Prisma.UserGetPayload<{ include: { memberships: true } }>

function accessOf(userId: string, user: UserRow | null): AccessChanged {
  if (!user) return { userId, state: 'deleted', everywhere: false, spaceIds: [] }
  const role = user.role as UserRole
  const spaces = Object.fromEntries(user.memberships.map((each) => [each.spaceId, each.role as SpaceRole]))
  const actor = { userId, role, personalSpaceId: user.personalSpaceId, spaces, scopes: [] }
  return {
    userId,
    state: user.disabledAt === null ? 'active' : 'disabled',
    everywhere: role === 'admin',
    spaceIds: Object.keys(spaces).filter((spaceId) => canWrite(actor, spaceId)),
  }
}
