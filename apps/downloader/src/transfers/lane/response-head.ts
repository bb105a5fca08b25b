/** The head of an HTTP/1.x answer. Names are in lower case; repeated ones are joined with `, `. */
export type ResponseHead = {
  status: number
  /** Without a prototype: a server may name a header as it likes. */
  headers: Readonly<Record<string, string | undefined>>
  /** May another request go over this connection after the body? */
  keepsAlive: boolean
}

const mostBytes = 64 * 1024
const mostHeaders = 200
const statusLine = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const badValue = /[\0-\x08\x0a-\x1f\x7f]/
/** Saying one of these twice in different words is how requests are smuggled. */
const single = new Set(['content-length', 'content-range', 'transfer-encoding', 'etag', 'last-modified'])

/** The answer breaks HTTP: nothing that follows on its connection can be trusted. */
export class BadAnswer extends Error {}

/**
 * Gathers the head of an answer from what a socket brings. Strict (RFC 9112): no folded lines, no bare line feeds,
 * no blanks before a colon. Answers 1xx are left out.
 */
export class HeadReader {
  #bytes: Buffer = Buffer.alloc(0)

  /** Gives the head and the bytes behind it, or undefined while it is not whole. */
  read(piece: Uint8Array): { head: ResponseHead; rest: Buffer } | undefined {
    this.#bytes = Buffer.concat([this.#bytes, piece])
    for (;;) {
      const end = this.#bytes.indexOf('\r\n\r\n')
      if (end < 0 ? this.#bytes.length > mostBytes : end > mostBytes)
        throw new BadAnswer('The head of the answer is too long')
      if (end < 0) return undefined
      const head = parseHead(this.#bytes.toString('latin1', 0, end))
      const rest = this.#bytes.subarray(end + 4)
      this.#bytes = Buffer.alloc(0)
      if (head.status >= 200) return { head, rest }
      if (head.status === 101) throw new BadAnswer('The server changes the protocol')
      this.#bytes = rest
    }
  }
}

function parseHead(text: string): ResponseHead {
  const [first, ...lines] = text.split('\r\n')
  const status = statusLine.exec(first!)
  if (!status) throw new BadAnswer('The answer does not begin as HTTP does')
  if (lines.length > mostHeaders) throw new BadAnswer('The answer has too many headers')
  const headers = Object.create(null) as Record<string, string | undefined>
  for (const line of lines) addHeader(headers, line)
  const connection = (headers.connection ?? '').toLowerCase().split(/\s*,\s*/)
  const keepsAlive = status[1] === '1' ? !connection.includes('close') : connection.includes('keep-alive')
  return { status: Number(status[2]), headers, keepsAlive }
}

function addHeader(headers: Record<string, string | undefined>, line: string): void {
  const colon = line.indexOf(':')
  const name = line.slice(0, Math.max(0, colon))
  const value = line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '')
  if (!token.test(name) || badValue.test(value)) throw new BadAnswer('The answer has a malformed header')
  const key = name.toLowerCase()
  const before = headers[key]
  if (before !== undefined && single.has(key) && before !== value)
    throw new BadAnswer(`The answer has two different ${key} headers`)
  headers[key] = before === undefined || before === value ? value : `${before}, ${value}`
}

/** How long a body is: bytes, chunks, or until the connection is closed. */
export type Framing = { kind: 'length'; bytes: number } | { kind: 'chunked' } | { kind: 'close' }

export function framingOf({ status, headers }: ResponseHead): Framing {
  const coding = headers['transfer-encoding']
  const length = headers['content-length']
  if (status === 204 || status === 304) return { kind: 'length', bytes: 0 }
  if (coding !== undefined) {
    if (coding.toLowerCase() !== 'chunked' || length !== undefined)
      throw new BadAnswer('The length of the body is in doubt')
    return { kind: 'chunked' }
  }
  if (length === undefined) return { kind: 'close' }
  if (!/^\d{1,15}$/.test(length)) throw new BadAnswer('The length of the body is no number')
  return { kind: 'length', bytes: Number(length) }
}
