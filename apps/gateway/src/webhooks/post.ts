import { AppError } from '@easel/protocol'
import { readRetryAfter } from './back-off.ts'
import type { GuardedHttp } from '@easel/http'
import type { Readable } from 'node:stream'

export type Request = {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly signal: AbortSignal
}

/** What came of it. Of the answer itself nothing is kept: it may be a page of a network that is not the sender's. */
export type Answer = {
  readonly status: number | null
  /** None when it arrived. */
  readonly error: string | null
  readonly retryAfterMs?: number | undefined
  readonly durationMs: number
}

export const timeouts = { connectMs: 10_000, headersMs: 15_000, idleMs: 5_000, totalMs: 15_000 }
/** So much of an answer is read to keep its connection. */
const maxAnswerBytes = 65_536
const maxAnswerMs = 1_000

/**
 * One attempt. The head of the answer decides. A redirect is a failure, as Standard Webhooks has it: who moved
 * changes the URL. What is thrown is the sender's own fault, not the receiver's.
 */
export async function post(http: GuardedHttp, { url, headers, body, signal }: Request): Promise<Answer> {
  const started = performance.now()
  const elapsed = () => Math.round(performance.now() - started)
  try {
    const answer = await http.request({
      url,
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
      signal,
      maxRedirects: 0,
    })
    const durationMs = elapsed()
    await discard(answer.body)
    const retryAfterMs = readRetryAfter(answer.headers['retry-after'])
    return { status: answer.status, error: errorOfStatus(answer.status), retryAfterMs, durationMs }
  } catch (cause) {
    const error = errorOf(AppError.from(cause))
    if (error === undefined) throw cause
    // How long a name of an inner network took to resolve is nobody's business.
    return { status: null, error, durationMs: error === notAllowed ? 0 : elapsed() }
  }
}

const notAllowed = 'ADDRESS_NOT_ALLOWED'

function errorOfStatus(status: number): string | null {
  if (status >= 200 && status < 300) return null
  if (status === 410) return 'GONE'
  return status >= 300 && status < 400 ? 'REDIRECT' : 'STATUS'
}

function errorOf({ reason, code }: AppError): string | undefined {
  if (reason === 'URL_FORBIDDEN') return notAllowed
  if (reason !== 'URL_UNREACHABLE') return undefined
  return code === 'deadline' ? 'TIMEOUT' : 'UNREACHABLE'
}

/** Reads a short body to its end, so that its connection can be used again, and breaks off any other. */
async function discard(body: Readable): Promise<void> {
  const late = setTimeout(() => body.destroy(), maxAnswerMs)
  let bytes = 0
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > maxAnswerBytes) break
    }
  } catch {
    // The head has said all that counts.
  } finally {
    clearTimeout(late)
    body.destroy()
  }
}
