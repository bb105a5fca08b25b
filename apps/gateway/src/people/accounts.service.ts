import { notFound } from '@easel/protocol'
import { Injectable } from '@nestjs/common'
import { requireAccess } from '../http/gate.ts'
import { Services } from '../services.ts'
import { actOf, AuditRepository } from './audit.repository.ts'
import { SpacesService } from './spaces.service.ts'
import { UsersService } from './users.service.ts'
import type { AccountId, GetUsage, Limits, LimitsView, UsageReport } from '@easel/contracts'
import type { Actor } from '@easel/protocol'
import type { Acting } from './audit.repository.ts'

/** Limits and usage of spaces and users: inference keeps them, and only the gateway knows who is there. */
@Injectable()
export class AccountsService {
  constructor(
    private readonly services: Services,
    private readonly spaces: SpacesService,
    private readonly users: UsersService,
    private readonly audit: AuditRepository,
  ) {}

  async getLimits(actor: Actor, account: AccountId): Promise<LimitsView> {
    await this.#find(actor, account)
    return this.services.inference.getLimits(account, { actor })
  }

  /** What is not theirs is not there; what is theirs only admins may limit. */
  async setLimits(account: AccountId, limits: Limits, acting: Acting): Promise<LimitsView> {
    const { actor } = acting.caller
    await this.#find(actor, account)
    requireAccess(acting.caller, 'admin')
    const view = await this.services.inference.setLimits({ ...account, limits }, { actor })
    const target = account.id === undefined ? account.scope : `${account.scope}:${account.id}`
    await this.audit.add({ ...actOf(acting, 'limits.set', target), details: { ...limits } })
    return view
  }

  async getUsage(actor: Actor, query: GetUsage): Promise<UsageReport> {
    await this.#find(actor, query)
    return this.services.inference.getUsage(query, { actor })
  }

  async #find(actor: Actor, { scope, id = '' }: AccountId): Promise<void> {
    if (scope === 'space') await this.spaces.get(actor, id)
    if (scope !== 'user' || id === actor.userId) return
    if (actor.role !== 'admin') throw notFound('user', 'USER_NOT_FOUND')
    await this.users.get(id)
  }
}
