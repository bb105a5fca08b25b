import { randomBytes } from 'node:crypto'
import { isUniqueViolation } from '@easel/database'
import { AppError, canRead, newId, notFound } from '@easel/protocol'
import { Injectable } from '@nestjs/common'
import { GatewayStore } from '../gateway.store.ts'
import { IdentityChanges } from '../identity/identity-changes.ts'
import { AccessFactsService } from './access-facts.service.ts'
import { actOf, AuditRepository } from './audit.repository.ts'
import { pageArguments, toPage } from './page.ts'
import { slugOf } from './users.service.ts'
import type { PageQuery } from '@easel/contracts'
import type { Actor, SpaceRole } from '@easel/protocol'
import type { Prisma, Space } from '../generated/prisma/client.ts'
import type { Acting } from './audit.repository.ts'
import type {
  AddMember,
  CreateSpace,
  MemberPage,
  MemberView,
  SpacePage,
  SpaceView,
} from './people.messages.ts'

@Injectable()
export class SpacesService {
  constructor(
    private readonly store: GatewayStore,
    private readonly audit: AuditRepository,
    private readonly changes: IdentityChanges,
    private readonly access: AccessFactsService,
  ) {}

  async list(actor: Actor, query: PageQuery): Promise<SpacePage> {
    const { where, ...page } = pageArguments(query)
    const own = actor.role === 'admin' ? {} : { memberships: { some: { userId: actor.userId } } }
    const rows = await this.store.run((prisma) =>
      prisma.space.findMany({ ...page, where: { AND: [where, own] } }),
    )
    return toPage(rows, query, { id: (row) => row.id, view: (row) => toSpaceView(row, actor) })
  }

  async get(actor: Actor, id: string): Promise<SpaceView> {
    return toSpaceView(await this.#find(actor, id), actor)
  }

  async create(input: CreateSpace, acting: Acting): Promise<SpaceView> {
    const { actor } = acting.caller
    if (actor.role === 'viewer') throw forbidden('A viewer makes no spaces', 'VIEWERS_LOOK')
    const slug = input.slug ?? `${slugOf(input.name)}-${randomBytes(3).toString('hex')}`
    try {
      const space = await this.store.transact(async (tx) => {
        const made = await tx.space.create({ data: { id: newId(), slug, name: input.name } })
        await tx.membership.create({ data: { spaceId: made.id, userId: actor.userId, role: 'owner' } })
        await this.audit.add(actOf(acting, 'space.created', `space:${made.id}`), tx)
        return made
      })
      this.changes.announce(actor.userId)
      return { ...toSpaceView(space, actor), role: 'owner' }
    } catch (cause) {
      if (!isUniqueViolation(cause, 'spaces_slug_key')) throw cause
      throw new AppError('conflict', 'There is a space with this short name', {
        reason: 'SLUG_TAKEN',
        cause,
      })
    }
  }

  async rename(id: string, name: string, acting: Acting): Promise<SpaceView> {
    await this.#requireOwner(acting.caller.actor, id)
    const space = await this.store.run((prisma) => prisma.space.update({ where: { id }, data: { name } }))
    await this.audit.add(actOf(acting, 'space.renamed', `space:${id}`))
    return toSpaceView(space, acting.caller.actor)
  }

  async listMembers(actor: Actor, id: string): Promise<MemberPage> {
    await this.#find(actor, id)
    const rows = await this.store.run((prisma) =>
      prisma.membership.findMany({
        where: { spaceId: id },
        include: { user: true },
        orderBy: { createdAt: 'asc' },
      }),
    )
    return { items: rows.map(toMemberView), nextCursor: null }
  }

  async addMember(id: string, input: AddMember, acting: Acting): Promise<MemberView> {
    const space = await this.#requireOwner(acting.caller.actor, id)
    if (space.personal) {
      throw new AppError('conflict', 'A personal space has one member', { reason: 'SPACE_PERSONAL' })
    }
    const member = await this.store.transact(async (tx) => {
      const user = await findUser(tx, input)
      const row = await tx.membership.upsert({
        where: { spaceId_userId: { spaceId: id, userId: user.id } },
        create: { spaceId: id, userId: user.id, role: input.role },
        update: { role: input.role },
        include: { user: true },
      })
      await keepAnOwner(tx, id)
      const details = { userId: user.id, role: input.role }
      await this.audit.add({ ...actOf(acting, 'member.added', `space:${id}`), details }, tx)
      await this.access.add(user.id, tx)
      return row
    })
    this.changes.announce(member.userId)
    return toMemberView(member)
  }

  async updateMember(
    id: string,
    member: { userId: string; role: SpaceRole },
    acting: Acting,
  ): Promise<MemberView> {
    await this.#requireOwner(acting.caller.actor, id)
    const { userId, role } = member
    const row = await this.store.transact(async (tx) => {
      const { count } = await tx.membership.updateMany({ where: { spaceId: id, userId }, data: { role } })
      if (count === 0) throw notFound('member', 'MEMBER_NOT_FOUND')
      await keepAnOwner(tx, id)
      await this.audit.add(
        { ...actOf(acting, 'member.updated', `space:${id}`), details: { userId, role } },
        tx,
      )
      await this.access.add(userId, tx)
      return tx.membership.findUniqueOrThrow({
        where: { spaceId_userId: { spaceId: id, userId } },
        include: { user: true },
      })
    })
    this.changes.announce(userId)
    return toMemberView(row)
  }

  /** Members may leave by themselves. */
  async removeMember(id: string, userId: string, acting: Acting): Promise<void> {
    const { actor } = acting.caller
    if (userId === actor.userId) await this.#find(actor, id)
    else await this.#requireOwner(actor, id)
    await this.store.transact(async (tx) => {
      const { count } = await tx.membership.deleteMany({ where: { spaceId: id, userId } })
      if (count === 0) throw notFound('member', 'MEMBER_NOT_FOUND')
      await keepAnOwner(tx, id)
      await this.audit.add({ ...actOf(acting, 'member.removed', `space:${id}`), details: { userId } }, tx)
      await this.access.add(userId, tx)
    })
    this.changes.announce(userId)
  }

  async #find(actor: Actor, id: string): Promise<Space> {
    const space = canRead(actor, id)
      ? await this.store.run((prisma) => prisma.space.findUnique({ where: { id } }))
      : null
    if (!space) throw notFound('space', 'SPACE_NOT_FOUND')
    return space
  }

  async #requireOwner(actor: Actor, id: string): Promise<Space> {
    const space = await this.#find(actor, id)
    if (actor.role === 'admin' || actor.spaces[id] === 'owner') return space
    throw forbidden('Only an owner of the space may do this', 'OWNERS_ONLY')
  }
}

async function findUser(tx: Prisma.TransactionClient, { userId, email }: AddMember) {
  const where = userId === undefined ? { email: email?.toLowerCase() ?? '' } : { id: userId }
  const user = await tx.user.findUnique({ where })
  if (!user) throw notFound('user', 'USER_NOT_FOUND')
  return user
}

/** Locks the space's row: two owners must not leave at the same time. */
async function keepAnOwner(tx: Prisma.TransactionClient, spaceId: string): Promise<void> {
  await tx.$executeRaw`select 1 from spaces where id = ${spaceId}::uuid for update`
  const owners = await tx.membership.count({ where: { spaceId, role: 'owner' } })
  if (owners === 0) throw new AppError('conflict', 'A space needs an owner', { reason: 'LAST_OWNER' })
}

function forbidden(message: string, reason: string): AppError {
  return new AppError('forbidden', message, { reason })
}

function toSpaceView(row: Space, actor: Actor): SpaceView {
  return {
    id: row.id,
    slug: row.slug,
    name: row.name,
    personal: row.personal,
    role: actor.spaces[row.id] ?? null,
    createdAt: row.createdAt.toISOString(),
  }
}

type MemberRow = { role: string; createdAt: Date; user: { id: string; email: string; name: string } }

function toMemberView({ role, createdAt, user }: MemberRow): MemberView {
  return {
    userId: user.id,
    email: user.email,
    name: user.name,
    role: role as SpaceRole,
    createdAt: createdAt.toISOString(),
  }
}
