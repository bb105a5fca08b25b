import type { Webhook, WebhookDelivery } from '../generated/prisma/client.ts'
import type { DeliveryAttempt, DeliveryDetails, DeliveryView, WebhookView } from './webhooks.messages.ts'

export function toWebhookView(row: Webhook): WebhookView {
  return {
    id: row.id,
    kind: row.jobUrlsOf === null ? 'endpoint' : 'job-urls',
    url: row.url,
    description: row.description,
    events: row.events,
    enabled: row.enabled,
    disabledAt: row.disabledAt?.toISOString() ?? null,
    disabledReason: row.disabledReason,
    failingSince: row.failingSince?.toISOString() ?? null,
    previousSecretUntil: row.previousUntil?.toISOString() ?? null,
    spaceId: row.spaceId,
    createdBy: row.createdBy,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  }
}

export function toDeliveryView(row: WebhookDelivery): DeliveryView {
  const pending = row.status === 'waiting' || row.status === 'due'
  return {
    id: row.id,
    webhookId: row.webhookId,
    type: row.type,
    subject: row.subject,
    eventId: row.cursor === null ? null : String(row.cursor),
    url: row.url,
    status: pending ? 'pending' : (row.status as 'delivered' | 'failed'),
    attempts: row.attempts,
    nextAttemptAt: row.status === 'due' ? row.nextAt.toISOString() : null,
    lastStatus: row.lastStatus,
    lastError: row.lastError,
    createdAt: row.createdAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
  }
}

export function toDeliveryDetails(row: WebhookDelivery): DeliveryDetails {
  return { ...toDeliveryView(row), log: row.log as unknown as DeliveryAttempt[] }
}
