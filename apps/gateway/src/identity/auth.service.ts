import { AppError, notFound } from '@easel/protocol'
import { Injectable } from '@nestjs/common'
import { GatewayStore } from '../gateway.store.ts'
import { readNsfw } from '../models/viewing.ts'
import { actOf, AuditRepository } from '../people/audit.repository.ts'
import { CallerRepository } from './caller.repository.ts'
import { IdentityChanges } from './identity-changes.ts'
import { LoginSessions } from './login-sessions.ts'
import { hashPassword, verifyPassword } from './passwords.ts'
import { RateLimits } from './rate-limits.ts'
import type { Acting } from '../people/audit.repository.ts'
import type { Caller } from './caller.ts'
import type { LogIn, LogInList, Me, UpdateMe } from './me.messages.ts'

export type From = { readonly address: string; readonly userAgent: string }

@Injectable()
export class AuthService {
  constructor(
    private readonly store: GatewayStore,
    private readonly callers: CallerRepository,
    private readonly sessions: LoginSessions,
    private readonly limits: RateLimits,
    private readonly audit: AuditRepository,
    private readonly changes: IdentityChanges,
  ) {}

  /** The same words and the same work, whether the account or the password is wrong. */
  async logIn(input: LogIn, from: From): Promise<{ token: string; me: Me }> {
    const email = input.email.trim().toLowerCase()
    await this.limits.countLogin(email, from.address)
    const user = await this.store.run((prisma) => prisma.user.findUnique({ where: { email } }))
    const right = await verifyPassword(user?.passwordHash, input.password)
    const caller = user && right ? await this.callers.findByUser(user.id, '') : undefined
    if (!user || !caller) {
      const userId = user ? { userId: user.id } : {}
      await this.audit.add({
        ...userId,
        action: 'login.failed',
        address: from.address,
        details: { email: email.slice(0, 320) },
      })
      throw new AppError('unauthenticated', 'E-mail address or password is wrong', { reason: 'BAD_LOGIN' })
    }
    await this.limits.forgiveLogin(email, from.address)
    const token = await this.sessions.create({ ...from, userId: user.id })
    await this.audit.add({ userId: user.id, action: 'login.succeeded', address: from.address })
    return { token, me: toMe(caller) }
  }

  async logOut(token: string, caller: Caller): Promise<void> {
    await this.sessions.end(token)
    this.changes.announce(caller.actor.userId)
  }

  async listLogIns(caller: Caller): Promise<LogInList> {
    const sessions = await this.sessions.list(caller.actor.userId)
    const items = sessions.map(({ id, createdAt, address, userAgent }) => ({
      id,
      createdAt,
      address,
      userAgent,
      current: id === caller.credential.id,
    }))
    return { items }
  }

  async endLogIn(id: string, acting: Acting): Promise<void> {
    const { userId } = acting.caller.actor
    if (!(await this.sessions.endOne(userId, id))) throw notFound('log-in', 'LOGIN_NOT_FOUND')
    await this.audit.add(actOf(acting, 'login.ended', `user:${userId}`))
    this.changes.announce(userId)
  }

  async logOutEverywhere(acting: Acting): Promise<void> {
    const { userId } = acting.caller.actor
    await this.sessions.endAll(userId)
    await this.audit.add(actOf(acting, 'login.ended-all', `user:${userId}`))
    this.changes.announce(userId)
  }

  async updateMe(input: UpdateMe, acting: Acting): Promise<Me> {
    const { caller } = acting
    const { userId } = caller.actor
    const passwordHash = input.password === undefined ? undefined : await this.#newPassword(input, acting)
    // Before as well: after a crash in between, the log-ins of who knew the old password would live on.
    if (passwordHash !== undefined) await this.sessions.endAll(userId)
    const row = await this.store.transact(async (tx) => {
      const updated = await tx.user.update({
        where: { id: userId },
        data: { name: input.name, maxNsfw: input.maxNsfw, passwordHash },
      })
      if (passwordHash) await this.audit.add(actOf(acting, 'password.changed', `user:${userId}`), tx)
      return updated
    })
    if (passwordHash !== undefined) await this.sessions.endAll(userId)
    this.changes.announce(userId)
    return { ...toMe(caller), name: row.name, maxNsfw: readNsfw(row.maxNsfw) }
  }

  async #newPassword(
    { password = '', oldPassword = '' }: UpdateMe,
    { caller, address }: Acting,
  ): Promise<string> {
    await this.limits.countLogin(caller.email, address)
    const user = await this.store.run((prisma) =>
      prisma.user.findUnique({ where: { id: caller.actor.userId } }),
    )
    if (!(await verifyPassword(user?.passwordHash, oldPassword))) {
      throw new AppError('invalid', 'oldPassword: is wrong', {
        reason: 'BAD_PASSWORD',
        faults: [{ path: 'oldPassword', message: 'is wrong' }],
      })
    }
    await this.limits.forgiveLogin(caller.email, address)
    return hashPassword(password)
  }
}

export function toMe({ actor, email, name, maxNsfw, slugs }: Caller): Me {
  return {
    id: actor.userId,
    email,
    name,
    role: actor.role,
    personalSpaceId: actor.personalSpaceId,
    maxNsfw,
    spaces: [...slugs].map(([slug, id]) => ({ id, slug, role: actor.spaces[id] ?? 'viewer' })),
    scopes: [...actor.scopes],
  }
}
