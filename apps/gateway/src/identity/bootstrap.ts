import { randomBytes } from 'node:crypto'
import { isUniqueViolation } from '@easel/database'
import { AppError, scopes } from '@easel/protocol'
import { Inject, Injectable } from '@nestjs/common'
import { GatewayStore } from '../gateway.store.ts'
import { AuditRepository } from '../people/audit.repository.ts'
import { insertUser } from '../people/users.service.ts'
import { CONFIG } from '../tokens.ts'
import { isApiKey, newApiKey } from './api-key.ts'
import { insertKey } from './keys.service.ts'
import { hashPassword } from './passwords.ts'
import type { GatewayConfig } from '../config.ts'

/** What the first start made: to be shown once and kept by whoever started us. */
export type Bootstrapped = {
  readonly email: string
  readonly password: string | undefined
  readonly apiKey: string | undefined
}

/** The first account, made when there is none: once, whoever starts at the same time. */
@Injectable()
export class Bootstrap {
  constructor(
    private readonly store: GatewayStore,
    private readonly audit: AuditRepository,
    @Inject(CONFIG) private readonly config: GatewayConfig,
  ) {}

  async run(): Promise<Bootstrapped | undefined> {
    const wanted = this.#wanted()
    if (!wanted || (await this.#hasUsers())) return undefined
    const passwordHash = wanted.password === undefined ? null : await hashPassword(wanted.password)
    try {
      return await this.store.transact(async (tx) => {
        await tx.$executeRaw`select pg_advisory_xact_lock(hashtext('easel-bootstrap'))`
        if ((await tx.user.count()) > 0) return undefined
        const user = await insertUser(tx, { email: wanted.email, name: 'Admin', role: 'admin', passwordHash })
        if (wanted.apiKey !== undefined) {
          const key = { userId: user.id, name: 'First key', scopes, key: wanted.apiKey, expiresAt: null }
          await insertKey(tx, key)
        }
        await this.audit.add({ action: 'bootstrap', target: `user:${user.id}` }, tx)
        return wanted
      })
    } catch (cause) {
      if (isUniqueViolation(cause)) return undefined
      throw cause
    }
  }

  #wanted(): Bootstrapped | undefined {
    const { email, password, apiKey, generate } = this.config.bootstrap
    const key = apiKey?.reveal() ?? (generate ? newApiKey() : undefined)
    if (key !== undefined && !isApiKey(key)) {
      throw new AppError('invalid', 'EASEL_BOOTSTRAP_API_KEY is esl_ and 32 or more letters and digits', {
        reason: 'BAD_BOOTSTRAP_KEY',
      })
    }
    const secret = password?.reveal() ?? (generate ? randomBytes(15).toString('base64url') : undefined)
    if (key === undefined && (secret === undefined || email === undefined)) return undefined
    return { email: email ?? 'admin@localhost', password: secret, apiKey: key }
  }

  async #hasUsers(): Promise<boolean> {
    return (await this.store.run((prisma) => prisma.user.findFirst({ select: { id: true } }))) !== null
  }
}
