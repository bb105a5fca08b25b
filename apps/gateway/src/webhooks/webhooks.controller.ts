import { Injectable } from '@nestjs/common'
import { route } from '../http/route.ts'
import { actingOf } from '../people/users.controller.ts'
import { DeliveriesService } from './deliveries.service.ts'
import { toWebhookView } from './webhook-view.ts'
import {
  CreateWebhook,
  DeliveryDetails,
  DeliveryPage,
  DeliveryView,
  ListDeliveries,
  ListWebhooks,
  NewWebhook,
  UpdateWebhook,
  WebhookPage,
  WebhookView,
} from './webhooks.messages.ts'
import { WebhooksService } from './webhooks.service.ts'
import type { Controller, Route } from '../http/route.ts'

type Params = Readonly<Record<string, string>>

/** What lasts longer than the key that made it asks for the whole account, as keys and members do. */
@Injectable()
export class WebhooksController implements Controller {
  readonly area = 'webhooks'
  readonly routes: readonly Route[] = [
    route({
      method: 'GET',
      path: '/webhooks',
      access: 'signed-in',
      summary: 'List the webhooks of your spaces',
      query: ListWebhooks,
      answer: WebhookPage,
      handle: ({ actor, query }) => this.webhooks.list(actor, query),
    }),
    route({
      method: 'POST',
      path: '/webhooks',
      access: 'account',
      summary: 'Make a webhook; the answer is the only place that shows its secret',
      description:
        'Events of the space are sent to `url`, signed as [Standard Webhooks](https://www.standardwebhooks.com) has it: at least once, those about one job or asset one after the other, and again for a day when they do not arrive. `{"kind": "job-urls"}` makes the secret for the URLs that jobs name in `webhookUrl`.',
      body: CreateWebhook,
      answer: NewWebhook,
      status: 201,
      reasons: [
        'SPACE_NOT_FOUND',
        'SPACE_READ_ONLY',
        'ADDRESS_NOT_ALLOWED',
        'TOO_MANY_WEBHOOKS',
        'WEBHOOK_EXISTS',
      ],
      handle: (call) => {
        call.reply.header('cache-control', 'no-store')
        return this.webhooks.create(call.body, actingOf(call))
      },
    }),
    route({
      method: 'GET',
      path: '/webhooks/:id',
      access: 'signed-in',
      summary: 'Get a webhook',
      answer: WebhookView,
      reasons: ['WEBHOOK_NOT_FOUND'],
      handle: async ({ actor, params }) => toWebhookView(await this.webhooks.get(actor, params.id ?? '')),
    }),
    route({
      method: 'PATCH',
      path: '/webhooks/:id',
      access: 'account',
      summary: 'Change a webhook, or switch it off and on',
      body: UpdateWebhook,
      answer: WebhookView,
      reasons: ['WEBHOOK_NOT_FOUND', 'SPACE_READ_ONLY', 'ADDRESS_NOT_ALLOWED'],
      handle: (call) => this.webhooks.update(call.params.id ?? '', call.body, actingOf(call)),
    }),
    route({
      method: 'DELETE',
      path: '/webhooks/:id',
      access: 'account',
      summary: 'Remove a webhook and its deliveries',
      reasons: ['WEBHOOK_NOT_FOUND', 'SPACE_READ_ONLY'],
      handle: (call) => this.webhooks.delete(call.params.id ?? '', actingOf(call)),
    }),
    route({
      method: 'POST',
      path: '/webhooks/:id/rotate-secret',
      access: 'account',
      summary: 'Give a webhook a new secret; for 24 hours the one before it signs as well',
      answer: NewWebhook,
      reasons: ['WEBHOOK_NOT_FOUND', 'SPACE_READ_ONLY', 'WEBHOOK_CHANGED'],
      handle: (call) => {
        call.reply.header('cache-control', 'no-store')
        return this.webhooks.rotateSecret(call.params.id ?? '', actingOf(call))
      },
    }),
    route({
      method: 'POST',
      path: '/webhooks/:id/test',
      access: 'account',
      summary: 'Send a `webhook.test`',
      answer: DeliveryView,
      status: 202,
      reasons: ['WEBHOOK_NOT_FOUND', 'SPACE_READ_ONLY', 'WEBHOOK_DISABLED', 'WEBHOOK_HAS_NO_URL'],
      handle: ({ actor, params }) => this.deliveries.test(actor, params.id ?? ''),
    }),
    route({
      method: 'GET',
      path: '/webhooks/:id/deliveries',
      access: 'signed-in',
      summary: 'List what was sent or will be, the newest first',
      query: ListDeliveries,
      answer: DeliveryPage,
      reasons: ['WEBHOOK_NOT_FOUND'],
      handle: ({ actor, params, query }) => this.deliveries.list(actor, params.id ?? '', query),
    }),
    route({
      method: 'GET',
      path: '/webhooks/:id/deliveries/:deliveryId',
      access: 'signed-in',
      summary: 'Get a delivery with its attempts',
      answer: DeliveryDetails,
      reasons: ['WEBHOOK_NOT_FOUND', 'DELIVERY_NOT_FOUND'],
      handle: ({ actor, params }) => this.deliveries.get(actor, deliveryOf(params)),
    }),
    route({
      method: 'POST',
      path: '/webhooks/:id/deliveries/:deliveryId/redeliver',
      access: 'account',
      summary: 'Send it again, now; it keeps its id',
      answer: DeliveryView,
      status: 202,
      reasons: [
        'WEBHOOK_NOT_FOUND',
        'DELIVERY_NOT_FOUND',
        'SPACE_READ_ONLY',
        'WEBHOOK_DISABLED',
        'DELIVERY_WAITS',
      ],
      handle: ({ actor, params }) => this.deliveries.redeliver(actor, deliveryOf(params)),
    }),
  ]

  constructor(
    private readonly webhooks: WebhooksService,
    private readonly deliveries: DeliveriesService,
  ) {}
}

function deliveryOf({ id = '', deliveryId = '' }: Params) {
  return { webhookId: id, id: deliveryId }
}
