import { AppError, newId, notFound, requireWrite, stringifyJson } from '@easel/protocol'
import { Injectable } from '@nestjs/common'
import { GatewayStore } from '../gateway.store.ts'
import { pageArguments, toPage } from '../people/page.ts'
import { Deliverer } from './deliverer.service.ts'
import { toDeliveryDetails, toDeliveryView } from './webhook-view.ts'
import { WebhooksService } from './webhooks.service.ts'
import type { Actor } from '@easel/protocol'
import type { WebhookDelivery } from '../generated/prisma/client.ts'
import type { DeliveryDetails, DeliveryPage, DeliveryView, ListDeliveries } from './webhooks.messages.ts'

const statusesOf = { pending: ['waiting', 'due'], delivered: ['delivered'], failed: ['failed'] }

type Of = { readonly webhookId: string; readonly id: string }

@Injectable()
export class DeliveriesService {
  constructor(
    private readonly store: GatewayStore,
    private readonly webhooks: WebhooksService,
    private readonly deliverer: Deliverer,
  ) {}

  async list(actor: Actor, webhookId: string, query: ListDeliveries): Promise<DeliveryPage> {
    await this.webhooks.get(actor, webhookId)
    const { status, ...rest } = query
    const { where, ...page } = pageArguments(rest)
    const only = status && { status: { in: statusesOf[status] } }
    const rows = await this.store.run((prisma) =>
      prisma.webhookDelivery.findMany({ ...page, where: { ...where, ...only, webhookId } }),
    )
    return toPage(rows, query, { id: (row) => row.id, view: toDeliveryView })
  }

  async get(actor: Actor, of: Of): Promise<DeliveryDetails> {
    await this.webhooks.get(actor, of.webhookId)
    return toDeliveryDetails(await this.#find(of))
  }

  /** Sends it again, with the id that it had: its receiver can see that it is the same. */
  async redeliver(actor: Actor, of: Of): Promise<DeliveryView> {
    const webhook = await this.webhooks.get(actor, of.webhookId)
    const found = await this.#find(of)
    requireWrite(actor, webhook.spaceId)
    requireEnabled(webhook)
    if (found.status === 'waiting') throw pending('It waits for an earlier one of its subject')
    await this.store.sql.query(
      `update webhook_deliveries
          set status = 'due', next_at = now(), first_at = null, before = attempts, finished_at = null
        where id = $1 and (status in ('delivered', 'failed') or attempts > 0 and last_error is not null)`,
      [of.id],
    )
    this.deliverer.wake()
    return toDeliveryView(await this.#find(of))
  }

  async test(actor: Actor, webhookId: string): Promise<DeliveryView> {
    const webhook = await this.webhooks.getChangeable(actor, webhookId)
    requireEnabled(webhook)
    if (webhook.url === null) {
      throw new AppError('conflict', 'It has no URL of its own', { reason: 'WEBHOOK_HAS_NO_URL' })
    }
    const id = newId()
    const { spaceId } = webhook
    const timestamp = new Date().toISOString()
    const body = stringifyJson({ type: 'webhook.test', timestamp, spaceId, data: { webhookId } })
    const data = { id, webhookId, type: 'webhook.test', subject: id, body, queue: webhookId, status: 'due' }
    const row = await this.store.run((prisma) => prisma.webhookDelivery.create({ data }))
    this.deliverer.wake()
    return toDeliveryView(row)
  }

  async #find({ webhookId, id }: Of): Promise<WebhookDelivery> {
    const row = await this.store.run((prisma) =>
      prisma.webhookDelivery.findFirst({ where: { id, webhookId } }),
    )
    if (!row) throw notFound('delivery', 'DELIVERY_NOT_FOUND')
    return row
  }
}

function requireEnabled({ enabled }: { enabled: boolean }): void {
  if (enabled) return
  throw new AppError('conflict', 'The webhook is switched off', { reason: 'WEBHOOK_DISABLED' })
}

function pending(message: string): AppError {
  return new AppError('conflict', message, { reason: 'DELIVERY_WAITS' })
}
