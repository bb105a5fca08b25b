import { addressPolicy } from './address-policy.ts'
import { exchange } from './exchange.ts'
import type { Transport } from './exchange.ts'
import { createGuardedAgent } from './guarded-agent.ts'
import { exchangeJson, withJson } from './json-exchange.ts'
import type { GuardedHttp, GuardedHttpOptions, HttpTimeouts } from './http-client.ts'

const defaultTimeouts: HttpTimeouts = { connectMs: 10_000, headersMs: 30_000, idleMs: 30_000, totalMs: 0 }

export function createGuardedHttp(options: GuardedHttpOptions = {}): GuardedHttp {
  const timeouts = { ...defaultTimeouts, ...options.timeouts }
  const agent = createGuardedAgent({
    isAllowed: addressPolicy(options.allowPrivate),
    connectMs: timeouts.connectMs,
    ...(options.lookup && { lookup: options.lookup }),
  })
  const transport: Transport = {
    agent,
    timeouts,
    maxRedirects: options.maxRedirects ?? 5,
    maxBytes: options.maxBytes ?? Number.POSITIVE_INFINITY,
    userAgent: options.userAgent ?? 'Easel',
  }
  const requestJson: GuardedHttp['requestJson'] = ({ json, ...request }) =>
    exchangeJson(transport, json === undefined ? request : withJson(request, json))

  return {
    request: (request) => exchange(transport, request),
    requestJson,
    getJson: (url, rest = {}) => requestJson({ ...rest, url, method: 'GET' }),
    // Answers that are still being read are cut off: who closes the client is done with it.
    [Symbol.asyncDispose]: () => agent.destroy(),
  }
}
