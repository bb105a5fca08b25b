import type { Connection } from './connection.ts'
import type {
  CreateWebhook,
  DeliveryDetails,
  DeliveryPage,
  DeliveryView,
  GetWebhooksIdDeliveriesQuery,
  GetWebhooksQuery,
  NewWebhook,
  UpdateWebhook,
  WebhookPage,
  WebhookView,
} from './api-schemas.ts'

/** Where events of a space are sent. */
export class Webhooks {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  list(query: GetWebhooksQuery = {}): Promise<WebhookPage> {
    return this.#connection.json('GET', '/api/webhooks', { query })
  }

  /** The answer is the only place that shows the secret. */
  create(webhook: CreateWebhook): Promise<NewWebhook> {
    return this.#connection.json('POST', '/api/webhooks', { json: webhook })
  }

  get(id: string): Promise<WebhookView> {
    return this.#connection.json('GET', pathOf(id))
  }

  update(id: string, change: UpdateWebhook): Promise<WebhookView> {
    return this.#connection.json('PATCH', pathOf(id), { json: change })
  }

  delete(id: string): Promise<void> {
    return this.#connection.json('DELETE', pathOf(id))
  }

  /** The secret of before signs as well, for a day. */
  rotateSecret(id: string): Promise<NewWebhook> {
    return this.#connection.json('POST', `${pathOf(id)}/rotate-secret`)
  }

  /** Sends a `webhook.test`. */
  test(id: string): Promise<DeliveryView> {
    return this.#connection.json('POST', `${pathOf(id)}/test`)
  }

  deliveries(id: string, query: GetWebhooksIdDeliveriesQuery = {}): Promise<DeliveryPage> {
    return this.#connection.json('GET', `${pathOf(id)}/deliveries`, { query })
  }

  /** With its attempts. */
  delivery(id: string, deliveryId: string): Promise<DeliveryDetails> {
    return this.#connection.json('GET', deliveryPath(id, deliveryId))
  }

  redeliver(id: string, deliveryId: string): Promise<DeliveryView> {
    return this.#connection.json('POST', `${deliveryPath(id, deliveryId)}/redeliver`)
  }
}

function pathOf(id: string): string {
  return `/api/webhooks/${encodeURIComponent(id)}`
}

function deliveryPath(id: string, deliveryId: string): string {
  return `${pathOf(id)}/deliveries/${encodeURIComponent(deliveryId)}`
}
