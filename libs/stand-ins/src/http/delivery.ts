import { createHmac } from 'node:crypto'
import { fileAnswer, text, type Answer, type Call } from './answer.ts'

export type Signed = { path: string; bytes: Buffer; etag: string; filename?: string }

export type Signer = { sign(file: Signed): string }

/** The storage host: gives bytes for signed addresses until they expire, and refuses a second way of proving oneself. */
export class Delivery implements Signer {
  readonly #files = new Map<string, Signed>()
  readonly #origin: () => string
  readonly #validMs: () => number

  constructor(options: { origin: () => string; validMs: () => number }) {
    this.#origin = options.origin
    this.#validMs = options.validMs
  }

  sign(file: Signed): string {
    this.#files.set(file.path, file)
    const until = String(Date.now() + this.#validMs())
    const url = new URL(file.path, this.#origin())
    url.searchParams.set('Expires', until)
    url.searchParams.set('Signature', signature(file.path, until))
    return url.href
  }

  answer(call: Call): Answer {
    const file = this.#files.get(call.path)
    const until = call.query.get('Expires') ?? ''
    if (!file || call.query.get('Signature') !== signature(call.path, until))
      return xml(403, 'SignatureDoesNotMatch')
    if (call.headers['authorization'] !== undefined) return xml(400, 'InvalidArgument')
    if (Date.now() > Number(until)) return xml(403, 'AccessDenied')
    if (call.method !== 'GET' && call.method !== 'HEAD') return xml(405, 'MethodNotAllowed')
    return fileAnswer(call, file.bytes, {
      etag: file.etag,
      ...(file.filename && { filename: file.filename }),
    })
  }
}

function xml(status: number, code: string): Answer {
  return text(status, `<Error><Code>${code}</Code></Error>`, { 'content-type': 'application/xml' })
}

function signature(path: string, until: string): string {
  return createHmac('sha256', 'stand-in').update(`${path}\n${until}`).digest('hex')
}
