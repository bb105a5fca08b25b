const digits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

function hex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += digits[byte]
  return text
}

function format(bytes: Uint8Array): string {
  const text = hex(bytes)
  return `${text.slice(0, 8)}-${text.slice(8, 12)}-${text.slice(12, 16)}-${text.slice(16, 20)}-${text.slice(20)}`
}

/** Drawn for many ids at once: drawing costs more than the rest of an id. */
const randomness = new Uint8Array(4_096)
let drawn = randomness.length

function randomBytes(count: number): Uint8Array {
  if (drawn + count > randomness.length) {
    crypto.getRandomValues(randomness)
    drawn = 0
  }
  return randomness.slice(drawn, (drawn += count))
}

let lastMs = 0
let counter = 0

/** UUIDv7 (RFC 9562 §5.7, 12-bit counter): ids made later in one process sort later. */
export function newId(nowMs = Date.now()): string {
  // A wall clock that steps back must not make ids that sort back.
  if (nowMs > lastMs) {
    lastMs = nowMs
    counter = Math.floor(Math.random() * 0x400)
  } else if (++counter > 0xfff) {
    lastMs += 1
    counter = 0
  }
  const bytes = randomBytes(16)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, Math.floor(lastMs / 2 ** 32))
  view.setUint32(2, lastMs >>> 0)
  view.setUint16(6, 0x7000 | counter)
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return format(bytes)
}

/** UUIDv5 (RFC 9562 §5.5): the same name in the same namespace always gives the same id. */
export async function idFromName(namespace: string, name: string): Promise<string> {
  const space = Uint8Array.from(namespace.replaceAll('-', '').match(/../g) ?? [], (pair) =>
    Number.parseInt(pair, 16),
  )
  const text = new TextEncoder().encode(name)
  const input = new Uint8Array(space.length + text.length)
  input.set(space)
  input.set(text, space.length)
  const bytes = (await sha1(input)).slice(0, 16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x50
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return format(bytes)
}

type NodeCrypto = {
  createHash(algorithm: 'sha1'): { update(bytes: Uint8Array): { digest(): Uint8Array } }
}
type Host = { process?: { getBuiltinModule?: (name: 'node:crypto') => NodeCrypto } }

/** In Node without the detour over a thread that WebCrypto takes: it would cost fifty times the hash. */
async function sha1(input: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const node = (globalThis as Host).process?.getBuiltinModule?.('node:crypto')
  if (node) return new Uint8Array(node.createHash('sha1').update(input).digest())
  return new Uint8Array(await crypto.subtle.digest('SHA-1', input))
}
