import type { GuardedHttp, HttpResponse } from '@easel/http'
import { AppError } from '@easel/protocol'
import { dispositionFileName } from '../sources/content-disposition.ts'
import { parseContentRange } from '../sources/content-range.ts'
import { magicBytes } from '../sources/model-magic.ts'
import { refusalWords } from '../sources/refusal-words.ts'
import { retryAfterMs } from '../sources/retry-after.ts'
import type { FetchTarget } from './lane/lane-messages.ts'
import type { FileAddress } from './wanted-file.ts'

/** What tells whether a file is the one it was. */
export type Validators = { etag: string | null; lastModified: string | null }

export type Probed = {
  target: FetchTarget
  /** Gives parts, and says how long the whole is. */
  ranged: boolean
  total: number | null
  validators: Validators
  /** What the server or the URL call the file, best first. */
  names: readonly string[]
  contentType: string
  /** The first bytes. */
  head: Buffer
}

const probedBytes = 1_024
/** More is no model but a mistake. */
const mostBytes = 16 * 2 ** 40
const longestValidator = 512

/**
 * Asks for the first bytes of a file: where it is after redirects (each is checked, and none takes a token to
 * another origin), how long it is, what it is called, and whether it looks like what it should be. Failures that a
 * repeat may heal are retryable; the others are final for the address.
 */
export async function probe(http: GuardedHttp, address: FileAddress, signal: AbortSignal): Promise<Probed> {
  const headers = { accept: '*/*', ...address.headers, range: `bytes=0-${probedBytes - 1}` }
  const privateHeaders = Object.keys(address.headers ?? {})
  const response = await http.request({ url: address.url, headers, privateHeaders, signal, maxRedirects: 10 })
  try {
    const { status } = response
    if (refusing.has(status))
      throw refusal(status, undefined, await refusalWords(response.body, response.headers))
    const answer = read(address.url, response)
    const head = await readHead(response)
    return { ...answer, head, target: await targetOf(http, address, response) }
  } finally {
    response.body.destroy()
  }
}

export const hostOf = (address: FileAddress): string => new URL(address.url).host

/** They say in words why, and what to do. */
const refusing = new Set([401, 403, 451])
const setToken =
  'An admin sets the tokens of CivitAI and Hugging Face, in the settings or by `easel tokens set`; then retry'

/** What a status other than that of a file says; `words`: in the server's own. */
export function refusal(status: number, retryAfter: string | undefined, words?: string): AppError {
  const said = words === undefined ? '' : `: “${words}”`
  const wait = retryAfterMs(retryAfter)
  const later = { reason: 'SOURCE_BUSY', ...(wait !== undefined && { retryAfterMs: wait }) }
  if (status === 429) return new AppError('exhausted', 'The server asks for a pause', later)
  if (status === 408 || status === 425 || status >= 500)
    return new AppError('unavailable', `The server has trouble of its own (${status})`, later)
  if (status === 401)
    return refused(
      'SOURCE_UNAUTHORIZED',
      `The server asks for a token, or does not know the one it got${said}. ${setToken}`,
    )
  if (status === 403) return refused('SOURCE_FORBIDDEN', `The server does not give this file to you${said}`)
  if (status === 404 || status === 410) return refused('SOURCE_NOT_FOUND', 'There is no file at this URL')
  return refused('SOURCE_REFUSED', `The server refuses the file (${status})${said}`)
}

export const refused = (reason: string, message: string): AppError =>
  new AppError('conflict', message, { reason })

export const notAModelFile = (fault: string): AppError =>
  refused('NOT_A_MODEL_FILE', `The URL gives no model file. ${fault}.`)

type Answer = Omit<Probed, 'head' | 'target'>

function read(asked: string, response: HttpResponse): Answer {
  const { status, headers } = response
  const range = parseContentRange(headers['content-range'])
  if (status === 416 && range?.total === 0) throw notAModelFile('It is empty')
  if (status !== 200 && status !== 206) throw refusal(status, headers['retry-after'])
  const coding = headers['content-encoding']
  if (coding !== undefined && coding !== 'identity')
    throw refused('SOURCE_REFUSED', 'The server sends the file compressed, although it was asked not to')
  if (status === 206 && range?.start !== 0)
    throw refused('SOURCE_REFUSED', 'The server gives another part of the file than it was asked for')
  const length = headers['content-length']
  const total = (status === 206 ? range?.total : length === undefined ? undefined : Number(length)) ?? null
  if (total !== null && total > mostBytes)
    throw refused('SOURCE_REFUSED', 'The server announces an impossible length')
  return {
    ranged: status === 206 && total !== null,
    total,
    validators: { etag: validator(headers.etag), lastModified: validator(headers['last-modified']) },
    names: namesOf(asked, response),
    contentType: headers['content-type'] ?? '',
  }
}

const validator = (header: string | undefined) =>
  header === undefined || header.length > longestValidator ? null : header

async function readHead({ body }: HttpResponse): Promise<Buffer> {
  let head = Buffer.alloc(0)
  for await (const chunk of body as AsyncIterable<Buffer>) {
    head = Buffer.concat([head, chunk.subarray(0, magicBytes)])
    if (head.length >= magicBytes) break
  }
  return head
}

async function targetOf(
  http: GuardedHttp,
  address: FileAddress,
  { url, redirects }: HttpResponse,
): Promise<FetchTarget> {
  const final = new URL(url)
  const { origin } = new URL(address.url)
  const stays = [...redirects, url].every((each) => new URL(each).origin === origin)
  const secure = final.protocol === 'https:'
  return {
    secure,
    hostname: final.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: final.port === '' ? (secure ? 443 : 80) : Number(final.port),
    addresses: await http.addressesOf(final),
    path: final.pathname + final.search,
    headers: {
      'User-Agent': 'Easel',
      Accept: '*/*',
      'Accept-Encoding': 'identity',
      ...(stays && sendable(address.headers ?? {})),
    },
  }
}

/** Nothing that could end a line of the request. */
function sendable(headers: Readonly<Record<string, string>>): Record<string, string> {
  const sound = Object.entries(headers).filter(
    ([name, value]) => /^[\w-]+$/.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value),
  )
  return Object.fromEntries(sound)
}

function namesOf(asked: string, { headers, url }: HttpResponse): string[] {
  const header = headers['content-disposition']
  return [dispositionFileName(header), lastSegment(url), lastSegment(asked)].filter(
    (name) => name !== undefined,
  )
}

function lastSegment(url: string): string | undefined {
  const segment = new URL(url).pathname.split('/').at(-1) ?? ''
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
