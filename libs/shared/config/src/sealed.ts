import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { AppError } from '@easel/protocol'
import type { Secret } from './secret.ts'

export type Sealer = {
  /**
   * Encrypts a text. `context` names where it is kept (`provider-key:<id>`): it is not stored, and the text opens
   * only with the same one, so that a sealed text cannot be moved to another row.
   */
  seal: (text: string, context: string) => string
  /** Throws `internal` with `SEALED_TEXT_BROKEN`, or `SEALED_KEY_UNKNOWN` where no configured secret fits. */
  open: (sealed: string, context: string) => string
  /** Was it sealed with a secret of before? Then seal it anew. */
  isStale: (sealed: string) => boolean
}

type Key = { readonly id: string; readonly key: Buffer }

const version = 's1'
const nonceBytes = 12
const tagBytes = 16

/**
 * Seals small secrets (provider keys, tokens) with AES-256-GCM under a key derived from `secret` by HKDF-SHA-256.
 * A sealed text is `s1.<key id>.<base64url of nonce, ciphertext, tag>`. Nonces are random: good for 2^32 texts a key.
 */
export function sealer(secret: Secret, previous: readonly Secret[] = []): Sealer {
  const current = deriveKey(secret)
  const keys = new Map([...previous.map(deriveKey), current].map((key) => [key.id, key]))

  return {
    seal: (text, context) => seal(current, text, context),
    open: (sealed, context) => {
      const key = keys.get(sealed.split('.', 2)[1] ?? '')
      if (!key)
        throw new AppError('internal', 'Sealed with a secret that is not set', {
          reason: 'SEALED_KEY_UNKNOWN',
        })
      return open(key, sealed, context)
    },
    isStale: (sealed) => !sealed.startsWith(`${version}.${current.id}.`),
  }
}

function deriveKey(secret: Secret): Key {
  const derive = (info: string, bytes: number) =>
    Buffer.from(hkdfSync('sha256', secret.reveal(), 'easel/sealed/v1', info, bytes))
  // The id comes from its own derivation: it says which key fits and nothing about it.
  return { id: derive('key id', 6).toString('base64url'), key: derive('aes-256-gcm', 32) }
}

function associated({ id }: Key, context: string): Buffer {
  return Buffer.from(`${version}.${id}.${context}`, 'utf8')
}

function seal(key: Key, text: string, context: string): string {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', key.key, nonce).setAAD(associated(key, context))
  const body = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
  return `${version}.${key.id}.${body.toString('base64url')}`
}

function open(key: Key, sealed: string, context: string): string {
  const [format, , payload = ''] = sealed.split('.')
  const body = Buffer.from(payload, 'base64url')
  if (format !== version || body.length < nonceBytes + tagBytes) throw broken()
  const decipher = createDecipheriv('aes-256-gcm', key.key, body.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  })
  decipher.setAAD(associated(key, context)).setAuthTag(body.subarray(-tagBytes))
  const text = decipher.update(body.subarray(nonceBytes, -tagBytes))
  try {
    return Buffer.concat([text, decipher.final()]).toString('utf8')
  } catch (cause) {
    throw broken(cause)
  }
}

function broken(cause?: unknown): AppError {
  return new AppError('internal', 'A sealed text was changed or moved', {
    reason: 'SEALED_TEXT_BROKEN',
    cause,
  })
}
