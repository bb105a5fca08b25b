import { randomBytes } from 'node:crypto'
import { isUniqueViolation } from '@easel/database'
import { AppError, newId, notFound } from '@easel/protocol'
import { Injectable } from '@nestjs/common'
import { GatewayStore } from '../gateway.store.ts'
import { IdentityChanges } from '../identity/identity-changes.ts'
import { LoginSessions } from '../identity/login-sessions.ts'
import { hashPassword } from '../identity/passwords.ts'
import { AccessFactsService } from './access-facts.service.ts'
import { actOf, AuditRepository } from './audit.repository.ts'
import { pageArguments, toPage } from './page.ts'
import type { UserRole } from '@easel/protocol'
import type { Prisma, User } from '../generated/prisma/client.ts'
import type { Acting } from './audit.repository.ts'
import type { CreateUser, ListUsers, UpdateUser, UserPage, UserView } from './people.messages.ts'

export type NewUser = { email: string; name: string; role: UserRole; passwordHash: string | null }

@Injectable()
export class UsersService {
  constructor(
    private readonly store: GatewayStore,
    private readonly audit: AuditRepository,
    private readonly sessions: LoginSessions,
    private readonly changes: IdentityChanges,
    private readonly access: AccessFactsService,
  ) {}

  async list(query: ListUsers): Promise<UserPage> {
    const { where, ...page } = pageArguments(query)
    const text = { contains: query.q ?? '', mode: 'insensitive' as const }
    const found = query.q === undefined ? {} : { OR: [{ name: text }, { email: text }] }
    const rows = await this.store.run((prisma) =>
      prisma.user.findMany({ ...page, where: { AND: [where, found] } }),
    )
    return toPage(rows, query, { id: (row) => row.id, view: toUserView })
  }

  async get(id: string): Promise<UserView> {
    const row = await this.store.run((prisma) => prisma.user.findUnique({ where: { id } }))
    if (!row) throw noUser()
    return toUserView(row)
  }

  async create(input: CreateUser, acting: Acting): Promise<UserView> {
    const { email, name = email.split('@')[0] ?? email, role = 'member' } = input
    const passwordHash = await hashPassword(input.password)
    try {
      const user = await this.store.transact(async (tx) => {
        const made = await insertUser(tx, { email, name, role, passwordHash })
        await this.audit.add(actOf(acting, 'user.created', `user:${made.id}`), tx)
        return made
      })
      return toUserView(user)
    } catch (cause) {
      if (!isUniqueViolation(cause, 'users_email_key')) throw cause
      throw new AppError('conflict', 'There is an account with this e-mail address', {
        reason: 'EMAIL_TAKEN',
        cause,
      })
    }
  }

  async update(id: string, input: UpdateUser, acting: Acting): Promise<UserView> {
    const { name, role, password, disabled } = input
    const passwordHash = password === undefined ? undefined : await hashPassword(password)
    // Before as well: after a crash in between, the log-ins of who knew the old password would live on.
    if (passwordHash !== undefined) await this.sessions.endAll(id)
    const user = await this.store.transact(async (tx) => {
      const before = await tx.user.findUnique({ where: { id } })
      if (!before) throw noUser()
      const after = await tx.user.update({
        where: { id },
        data: {
          name,
          role,
          passwordHash,
          ...(disabled !== undefined && { disabledAt: disabledAt(before, disabled) }),
        },
      })
      await keepAnAdmin(tx)
      const details = {
        ...(role && { role }),
        ...(disabled !== undefined && { disabled }),
        password: password !== undefined,
      }
      await this.audit.add({ ...actOf(acting, 'user.updated', `user:${id}`), details }, tx)
      if (role !== undefined || disabled !== undefined) await this.access.add(id, tx)
      return after
    })
    if (passwordHash !== undefined || disabled === true) await this.sessions.endAll(id)
    this.changes.announce(id)
    return toUserView(user)
  }

  /** What the user made stays, in its spaces. */
  async delete(id: string, acting: Acting): Promise<void> {
    await this.store.transact(async (tx) => {
      const { count } = await tx.user.deleteMany({ where: { id } })
      if (count === 0) throw noUser()
      await keepAnAdmin(tx)
      await this.audit.add(actOf(acting, 'user.deleted', `user:${id}`), tx)
      await this.access.add(id, tx)
    })
    await this.sessions.endAll(id)
    this.changes.announce(id)
  }
}

function disabledAt(before: User, disabled: boolean): Date | null {
  return disabled ? (before.disabledAt ?? new Date()) : null
}

/** With its personal space. */
export async function insertUser(tx: Prisma.TransactionClient, user: NewUser): Promise<User> {
  const id = newId()
  const email = user.email.toLowerCase()
  const slug = `${slugOf(user.name)}-${randomBytes(3).toString('hex')}`
  const space = await tx.space.create({ data: { id: newId(), slug, name: user.name, personal: true } })
  const made = await tx.user.create({ data: { ...user, email, id, personalSpaceId: space.id } })
  await tx.membership.create({ data: { userId: id, spaceId: space.id, role: 'owner' } })
  return made
}

export function slugOf(name: string): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
  return plain.replaceAll(/^-+|-+$/g, '').slice(0, 40) || 'space'
}

/** Concurrent changes wait for each other here, or two admins could remove each other. */
async function keepAnAdmin(tx: Prisma.TransactionClient): Promise<void> {
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtext('easel-admins'))`
  const admins = await tx.user.count({ where: { role: 'admin', disabledAt: null } })
  if (admins === 0) throw new AppError('conflict', 'Somebody has to be admin', { reason: 'LAST_ADMIN' })
}

function noUser(): AppError {
  return notFound('user', 'USER_NOT_FOUND')
}

export function toUserView(row: User): UserView {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    role: row.role as UserRole,
    personalSpaceId: row.personalSpaceId,
    disabled: row.disabledAt !== null,
    createdAt: row.createdAt.toISOString(),
  }
}
