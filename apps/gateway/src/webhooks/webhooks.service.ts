import { addressPolicy, parseOutgoingUrl } from '@easel/http'
import { isUniqueViolation } from '@easel/database'
import { AppError, canRead, newId, notFound, requireWrite } from '@easel/protocol'
import { Inject, Injectable } from '@nestjs/common'
import { GatewayStore } from '../gateway.store.ts'
import { actOf, AuditRepository } from '../people/audit.repository.ts'
import { pageArguments, toPage } from '../people/page.ts'
import { CONFIG } from '../tokens.ts'
import { DeliveriesRepository } from './deliveries.repository.ts'
import { isPattern, jobEnds } from './event-filter.ts'
import { SigningSecrets } from './signing-secrets.ts'
import { toWebhookView } from './webhook-view.ts'
import type { Actor, Fault } from '@easel/protocol'
import type { GatewayConfig } from '../config.ts'
import type { Prisma, Webhook } from '../generated/prisma/client.ts'
import type { Acting } from '../people/audit.repository.ts'
import type {
  CreateWebhook,
  ListWebhooks,
  NewWebhook,
  UpdateWebhook,
  WebhookPage,
  WebhookView,
} from './webhooks.messages.ts'

const maxPerSpace = 20
const previousSecretMs = 24 * 3_600_000

@Injectable()
export class WebhooksService {
  constructor(
    private readonly store: GatewayStore,
    private readonly deliveries: DeliveriesRepository,
    private readonly audit: AuditRepository,
    private readonly secrets: SigningSecrets,
    @Inject(CONFIG) private readonly config: GatewayConfig,
  ) {}

  async list(actor: Actor, { spaceId, ...query }: ListWebhooks): Promise<WebhookPage> {
    const { where, ...page } = pageArguments(query)
    const spaceIds = spaceId === undefined ? Object.keys(actor.spaces) : [spaceId]
    const readable = spaceIds.filter((id) => canRead(actor, id))
    const seesAll = actor.role === 'admin' && spaceId === undefined
    const rows = await this.store.run((prisma) =>
      prisma.webhook.findMany({
        ...page,
        where: { ...where, ...(!seesAll && { spaceId: { in: readable } }) },
      }),
    )
    return toPage(rows, query, { id: (row) => row.id, view: toWebhookView })
  }

  /** Of a space that the actor may see. */
  async get(actor: Actor, id: string): Promise<Webhook> {
    const row = await this.store.run((prisma) => prisma.webhook.findUnique({ where: { id } }))
    if (!row || !canRead(actor, row.spaceId)) throw noWebhook()
    return row
  }

  async getChangeable(actor: Actor, id: string): Promise<Webhook> {
    const row = await this.get(actor, id)
    requireWrite(actor, row.spaceId)
    return row
  }

  async create(input: CreateWebhook, acting: Acting): Promise<NewWebhook> {
    const { actor } = acting.caller
    const { spaceId = actor.personalSpaceId, kind = 'endpoint', enabled = true, description = '' } = input
    requireWrite(actor, spaceId)
    const id = newId()
    const { secret, sealed } = this.secrets.make(id)
    const target = kind === 'job-urls' ? jobUrlsTarget(input, spaceId) : this.#endpointTarget(input)
    const data = { ...target, id, spaceId, description, enabled, secret: sealed }
    const owned = { createdBy: actor.userId, ownerId: actor.userId }
    try {
      const row = await this.store.transact(async (tx) => {
        await requireRoom(tx, spaceId)
        const made = await tx.webhook.create({ data: { ...data, ...owned, ...stateOf(enabled) } })
        await this.audit.add(actOf(acting, 'webhook.created', `webhook:${id}`), tx)
        return made
      })
      return { ...toWebhookView(row), secret }
    } catch (cause) {
      if (!isUniqueViolation(cause, 'webhooks_job_urls_of_key')) throw cause
      throw new AppError('conflict', 'This space has one already; rotate its secret to see a new one', {
        reason: 'WEBHOOK_EXISTS',
        cause,
      })
    }
  }

  async update(id: string, input: UpdateWebhook, acting: Acting): Promise<WebhookView> {
    const { actor } = acting.caller
    const before = await this.getChangeable(actor, id)
    if (before.jobUrlsOf !== null) jobUrlsTarget(input, before.jobUrlsOf)
    const { url, events, description, enabled } = input
    const change: Prisma.WebhookUpdateInput = {
      ...(url !== undefined && { url: this.#checkUrl(url), failingSince: null }),
      ...(events !== undefined && { events: checkEvents(events) }),
      ...(description !== undefined && { description }),
      ...(enabled !== undefined && enabled !== before.enabled && { enabled, ...stateOf(enabled) }),
      // Who points it somewhere, or switches it on, answers for it from now on.
      ...((url !== undefined || enabled === true) && { ownerId: actor.userId }),
      updatedAt: new Date(),
    }
    const row = await this.store.transact(async (tx) => {
      const changed = await tx.webhook.update({ where: { id }, data: change })
      const details = { changed: Object.keys(input) }
      await this.audit.add({ ...actOf(acting, 'webhook.updated', `webhook:${id}`), details }, tx)
      return changed
    })
    if (!row.enabled) await this.deliveries.endOpen(id, 'WEBHOOK_DISABLED')
    return toWebhookView(row)
  }

  async delete(id: string, acting: Acting): Promise<void> {
    await this.getChangeable(acting.caller.actor, id)
    await this.store.transact(async (tx) => {
      await tx.webhook.deleteMany({ where: { id } })
      await this.audit.add(actOf(acting, 'webhook.deleted', `webhook:${id}`), tx)
    })
  }

  async rotateSecret(id: string, acting: Acting): Promise<NewWebhook> {
    const before = await this.getChangeable(acting.caller.actor, id)
    const { secret, sealed } = this.secrets.make(id)
    const row = await this.store.transact(async (tx) => {
      const data = {
        secret: sealed,
        previousSecret: before.secret,
        previousUntil: new Date(Date.now() + previousSecretMs),
        updatedAt: new Date(),
      }
      // Two at once must not leave a secret that nobody was shown as the previous one.
      const { count } = await tx.webhook.updateMany({ where: { id, secret: before.secret }, data })
      if (count === 0) {
        throw new AppError('conflict', 'It was changed at the same moment', { reason: 'WEBHOOK_CHANGED' })
      }
      await this.audit.add(actOf(acting, 'webhook.secret-rotated', `webhook:${id}`), tx)
      return tx.webhook.findUniqueOrThrow({ where: { id } })
    })
    return { ...toWebhookView(row), secret }
  }

  /** Seals with the EASEL_SECRET of now what was sealed with the one before it. */
  async renewSecrets(): Promise<void> {
    const rows = await this.store.run((prisma) =>
      prisma.webhook.findMany({ select: { id: true, secret: true, previousSecret: true } }),
    )
    for (const { id, secret, previousSecret } of rows) {
      const renewed = this.secrets.renew(id, secret)
      if (renewed === undefined) continue
      const previous = previousSecret && (this.secrets.renew(id, previousSecret) ?? previousSecret)
      const data = { secret: renewed, previousSecret: previous }
      await this.store.run((prisma) => prisma.webhook.updateMany({ where: { id, secret }, data }))
    }
  }

  #endpointTarget({ url, events = [...jobEnds] }: CreateWebhook) {
    if (url === undefined) throw invalid([{ path: 'url', message: 'is needed' }])
    return { url: this.#checkUrl(url), events: checkEvents(events) }
  }

  /** Where a name leads is checked at each connect; an address can be told right now. */
  #checkUrl(text: string): string {
    const url = readUrl(text)
    const address = url.hostname.replace(/^\[|\]$/g, '')
    const isAddress = /^[\d.]+$|:/.test(address)
    if (isAddress && !addressPolicy(this.config.webhooks.allowPrivate)(address)) {
      throw new AppError('invalid', 'url: Webhooks may not go to this address', {
        reason: 'ADDRESS_NOT_ALLOWED',
        faults: [{ path: 'url', message: 'Webhooks may not go to this address' }],
      })
    }
    return url.href
  }
}

/** The fields that say where a webhook goes: the one for job URLs has none. */
function jobUrlsTarget({ url, events }: Pick<CreateWebhook, 'url' | 'events'>, spaceId: string) {
  const faults = Object.entries({ url, events })
    .filter(([, value]) => value !== undefined)
    .map(([path]) => ({ path, message: 'the jobs say where to, and hear of their ends only' }))
  if (faults.length > 0) throw invalid(faults)
  return { jobUrlsOf: spaceId, url: null, events: [...jobEnds] }
}

function readUrl(text: string): URL {
  try {
    return parseOutgoingUrl(text)
  } catch (cause) {
    throw invalid([{ path: 'url', message: AppError.from(cause).message }])
  }
}

function checkEvents(events: readonly string[]): string[] {
  const faults = events.flatMap((pattern, index) =>
    isPattern(pattern)
      ? []
      : [{ path: `events.${index}`, message: 'must be a known type of event, a group such as job.*, or *' }],
  )
  if (faults.length > 0) throw invalid(faults)
  return [...new Set(events)]
}

function stateOf(enabled: boolean) {
  return enabled
    ? { disabledAt: null, disabledReason: null, failingSince: null }
    : { disabledAt: new Date(), disabledReason: 'BY_USER' }
}

/** Locks the space's row: two at once must not both be the last one. */
async function requireRoom(tx: Prisma.TransactionClient, spaceId: string): Promise<void> {
  await tx.$executeRaw`select 1 from spaces where id = ${spaceId}::uuid for update`
  const count = await tx.webhook.count({ where: { spaceId } })
  if (count < maxPerSpace) return
  throw new AppError('conflict', `A space has ${maxPerSpace} webhooks at most`, {
    reason: 'TOO_MANY_WEBHOOKS',
    details: { limit: maxPerSpace },
  })
}

function invalid(faults: readonly Fault[]): AppError {
  const [first] = faults
  return new AppError('invalid', `${first?.path}: ${first?.message}`, { reason: 'INVALID_INPUT', faults })
}

function noWebhook(): AppError {
  return notFound('webhook', 'WEBHOOK_NOT_FOUND')
}
