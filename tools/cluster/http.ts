import { Agent, request } from 'node:http'
import { Agent as TlsAgent, request as tlsRequest } from 'node:https'

export type Json = Record<string, unknown>
export type Answer = { status: number; headers: Readonly<Record<string, unknown>>; body: Json }
export type Call = {
  method?: string
  body?: object
  apiKey?: string
  headers?: Readonly<Record<string, string>>
  timeoutMs?: number
}

const agents = { 'http:': new Agent({ keepAlive: true }), 'https:': new TlsAgent({ keepAlive: true }) }

/**
 * One call of the API, whatever its status; throws when no answer comes. Not `fetch`, whose own work is several times
 * as much: the load shares the machine with what it loads.
 */
export function call(url: string, options: Call = {}): Promise<Answer> {
  const { method = options.body ? 'POST' : 'GET', body, apiKey, headers, timeoutMs = 30_000 } = options
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const sent = body === undefined ? undefined : Buffer.from(JSON.stringify(body))
  const secure = url.startsWith('https:')
  const outgoing = (secure ? tlsRequest : request)(url, {
    agent: agents[secure ? 'https:' : 'http:'],
    method,
    timeout: timeoutMs,
    headers: {
      ...(sent && { 'content-type': 'application/json', 'content-length': sent.length }),
      ...(apiKey && { authorization: `Bearer ${apiKey}` }),
      ...headers,
    },
  })
  outgoing.on('response', (answer) => {
    let text = ''
    answer.setEncoding('utf8')
    answer.on('data', (part: string) => (text += part))
    answer.on('error', reject)
    answer.on('end', () =>
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: jsonOf(text) }),
    )
  })
  outgoing.on('timeout', () => outgoing.destroy(new Error(`No answer in ${timeoutMs} ms`)))
  outgoing.on('error', reject)
  outgoing.end(sent)
  return promise
}

function jsonOf(text: string): Json {
  if (text === '') return {}
  try {
    return JSON.parse(text) as Json
  } catch {
    return { text }
  }
}

/** The body of an answer that must have this status. */
export async function must(answer: Promise<Answer>, status: number): Promise<Json> {
  const given = await answer
  if (given.status === status) return given.body
  throw new Error(`Expected the answer ${status}, got ${given.status}: ${JSON.stringify(given.body)}`)
}
