import { recordedServer, waitFor } from '@easel/testing'
import { Webhook } from 'standardwebhooks'
import { adminKey } from './start-gateway.ts'
import type { RecordedRequest, RecordedServer } from '@easel/testing'
import type { TestGateway } from './start-gateway.ts'

const workflow = { '1': { class_type: 'EmptyImage', inputs: {} } }

export type Event = { type: string; timestamp: string; id?: string; data: { id?: string; status?: string } }

/** A receiver that answers 200 to `/hook`, unless told otherwise. */
export async function startReceiver(): Promise<RecordedServer> {
  return recordedServer({ 'POST /hook': { status: 200 } })
}

export function eventOf({ body }: RecordedRequest): Event {
  return JSON.parse(body.toString()) as Event
}

export function idOf({ headers }: RecordedRequest): string {
  return String(headers['webhook-id'])
}

/** With the published library. Throws when it does not hold. */
export function verify({ headers, body }: RecordedRequest, secret: string): unknown {
  return new Webhook(secret).verify(body, headers as Record<string, string>)
}

/** What a person does with webhooks, and a job's life. */
export class WebhookUser {
  constructor(
    readonly server: TestGateway,
    readonly key = adminKey,
  ) {}

  async create(url: string, more: object = {}): Promise<{ id: string; secret: string }> {
    const { status, body, text } = await this.send('POST', '/api/webhooks', { url, ...more })
    if (status !== 201) throw new Error(`Expected 201, got ${status}: ${text}`)
    return body
  }

  send(method: string, path: string, json?: object) {
    return this.server.call(path, { method, key: this.key, ...(json && { json }) })
  }

  async submit(more: object = {}): Promise<{ id: string; spaceId: string }> {
    return (await this.send('POST', '/api/jobs', { workflow, ...more })).body
  }

  /** A job from its beginning to its end. */
  async runJob(more: object = {}, status: 'succeeded' | 'failed' = 'succeeded'): Promise<string> {
    const { id } = await this.submit(more)
    await this.server.peers.changeJob(id, { status: 'running' })
    await this.server.peers.changeJob(id, { status })
    return id
  }

  async deliveries(webhookId: string, query = ''): Promise<Record<string, unknown>[]> {
    return (await this.send('GET', `/api/webhooks/${webhookId}/deliveries${query}`)).body.items
  }

  /** The only delivery of a webhook, once it is like this. */
  deliveryWith(webhookId: string, wanted: Record<string, unknown>): Promise<Record<string, unknown>> {
    return waitFor(
      async () => {
        const [first] = await this.deliveries(webhookId)
        return first && Object.entries(wanted).every(([name, value]) => first[name] === value) && first
      },
      { describe: `a delivery with ${JSON.stringify(wanted)}` },
    )
  }
}
