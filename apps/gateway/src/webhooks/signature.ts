import { createHmac, randomBytes } from 'node:crypto'

const prefix = 'whsec_'

/** As Standard Webhooks writes them: 24 to 64 random bytes. */
export function newSigningSecret(): string {
  return prefix + randomBytes(32).toString('base64')
}

export type Signed = {
  /** The same in every attempt. */
  readonly id: string
  /** Of this attempt, in seconds since 1970. */
  readonly timestamp: number
  readonly body: string
}

/**
 * The headers of Standard Webhooks 1.0 (symmetric, `v1`), one signature for each secret: whoever still has the
 * secret of before a rotation can check the second.
 */
export function signatureHeaders({ id, timestamp, body }: Signed, secrets: readonly string[]) {
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(prefix.length), 'base64')
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
  })
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatures.join(' '),
  }
}
