import { AppError, newId, notFound } from '@easel/protocol'
import { Injectable } from '@nestjs/common'
import { GatewayStore } from '../gateway.store.ts'
import { actOf, AuditRepository } from '../people/audit.repository.ts'
import { pageArguments, toPage } from '../people/page.ts'
import { hashSecret, hintOf, newApiKey } from './api-key.ts'
import { IdentityChanges } from './identity-changes.ts'
import type { PageQuery } from '@easel/contracts'
import type { Scope } from '@easel/protocol'
import type { ApiKey, Prisma } from '../generated/prisma/client.ts'
import type { Acting } from '../people/audit.repository.ts'
import type { CreateKey, KeyPage, KeyView, NewKey } from '../people/people.messages.ts'

@Injectable()
export class KeysService {
  constructor(
    private readonly store: GatewayStore,
    private readonly audit: AuditRepository,
    private readonly changes: IdentityChanges,
  ) {}

  async list(userId: string, query: PageQuery): Promise<KeyPage> {
    const { where, ...page } = pageArguments(query)
    const rows = await this.store.run((prisma) =>
      prisma.apiKey.findMany({ ...page, where: { ...where, userId } }),
    )
    return toPage(rows, query, { id: (row) => row.id, view: toKeyView })
  }

  async create(input: CreateKey, acting: Acting): Promise<NewKey> {
    const { actor } = acting.caller
    const { name, scopes = [...actor.scopes], expiresAt } = input
    const missing = scopes.find((scope) => !actor.scopes.includes(scope))
    if (missing !== undefined) {
      throw new AppError('forbidden', `A key cannot give what it has not: ${missing}`, {
        reason: 'MISSING_SCOPE',
        details: { scope: missing },
      })
    }
    if (expiresAt !== undefined && !(Date.parse(expiresAt) > Date.now())) {
      throw new AppError('invalid', 'expiresAt: must lie ahead', {
        reason: 'INVALID_INPUT',
        faults: [{ path: 'expiresAt', message: 'must lie ahead' }],
      })
    }
    const key = newApiKey()
    const row = await this.store.transact(async (tx) => {
      const expires = expiresAt === undefined ? null : new Date(expiresAt)
      const made = await insertKey(tx, { userId: actor.userId, name, scopes, key, expiresAt: expires })
      const details = { scopes: [...scopes] }
      await this.audit.add({ ...actOf(acting, 'key.created', `key:${made.id}`), details }, tx)
      return made
    })
    return { ...toKeyView(row), key }
  }

  /** One's own, or as admin anybody's. A revoked key stays revoked. */
  async revoke(id: string, acting: Acting): Promise<void> {
    const { actor } = acting.caller
    const owner = await this.store.transact(async (tx) => {
      const row = await tx.apiKey.findUnique({ where: { id } })
      if (!row || (row.userId !== actor.userId && actor.role !== 'admin')) {
        throw notFound('key', 'KEY_NOT_FOUND')
      }
      if (row.revokedAt === null) {
        await tx.apiKey.update({ where: { id }, data: { revokedAt: new Date() } })
        await this.audit.add(actOf(acting, 'key.revoked', `key:${id}`), tx)
      }
      return row.userId
    })
    this.changes.announce(owner)
  }
}

type KeyRow = Pick<ApiKey, 'userId' | 'name' | 'expiresAt'> & { scopes: readonly Scope[]; key: string }

export function insertKey(tx: Prisma.TransactionClient, { key, scopes, ...row }: KeyRow): Promise<ApiKey> {
  const hash = Uint8Array.from(hashSecret(key))
  return tx.apiKey.create({ data: { ...row, id: newId(), scopes: [...scopes], hash, hint: hintOf(key) } })
}

function toKeyView(row: ApiKey): KeyView {
  return {
    id: row.id,
    name: row.name,
    hint: row.hint,
    scopes: row.scopes as Scope[],
    createdAt: row.createdAt.toISOString(),
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    expiresAt: row.expiresAt?.toISOString() ?? null,
    revokedAt: row.revokedAt?.toISOString() ?? null,
  }
}
