import { AppError } from '@easel/protocol'
import { headers } from '@nats-io/nats-core'
import type { Bus } from './connect.ts'

export type StreamMessage = {
  subject: string
  /** A repeat under the same id is a no-op. */
  id: string
  payload: string
  headers: Readonly<Record<string, string>>
}

/** As the client's own `publish` of JetStream. */
const timeoutMs = 5_000

/** The answer of a stream: https://docs.nats.io/reference/reference-protocols/nats_api_reference#publishing-to-a-stream */
type PublishAnswer = {
  stream?: string
  seq?: number
  duplicate?: boolean
  error?: { code: number; err_code?: number; description?: string }
}

/** Durable when it resolves, to its place in the stream. */
export async function publishToStream(bus: Bus, message: StreamMessage): Promise<number> {
  const sent = headers()
  for (const [name, value] of Object.entries(message.headers)) sent.set(name, value)
  sent.set('Nats-Msg-Id', message.id)
  const { payload } = message
  const answer = await bus.requests.send({
    subject: bus.subject(message.subject),
    payload,
    headers: sent,
    timeoutMs,
  })
  const { stream, seq, error } = answer.json<PublishAnswer>()
  if (error || !stream || seq === undefined) {
    throw new AppError('unavailable', 'A stream did not take a message', {
      reason: 'STREAM_REFUSED',
      details: { code: error?.err_code ?? error?.code, description: error?.description },
    })
  }
  return seq
}
