import { createHash, randomBytes } from 'node:crypto'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const letters = 43

/** `esl_` and 43 letters or digits: 256 bits, so that guessing is hopeless and a plain hash is safe to keep. */
export function newApiKey(): string {
  let key = ''
  while (key.length < letters) {
    // Values beyond the last whole multiple of 62 would make the first letters likelier.
    for (const byte of randomBytes(64)) if (byte < 248 && key.length < letters) key += alphabet[byte % 62]
  }
  return `esl_${key}`
}

export function isApiKey(text: string): boolean {
  return /^esl_[0-9A-Za-z]{32,200}$/.test(text)
}

export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

/** What a list shows of a key. */
export function hintOf(key: string): string {
  return `${key.slice(0, 7)}…${key.slice(-4)}`
}

/** For sessions and tickets: 256 bits. */
export function newToken(): string {
  return randomBytes(32).toString('base64url')
}
