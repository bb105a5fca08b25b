import { addressPolicy } from './address-policy.ts'
import { exchange } from './exchange.ts'
import type { Transport } from './exchange.ts'
import { allowedAddresses, createGuardedAgent } from './guarded-agent.ts'
import { fromTransport } from './http-errors.ts'
import { exchangeJson, withJson } from './json-exchange.ts'
import type { GuardedHttp, GuardedHttpOptions, HttpTimeouts } from './http-client.ts'

const defaultTimeouts: HttpTimeouts = { connectMs: 10_000, headersMs: 30_000, idleMs: 30_000, totalMs: 0 }

export function createGuardedHttp(options: GuardedHttpOptions = {}): GuardedHttp {
  const timeouts = { ...defaultTimeouts, ...options.timeouts }
  const rules = {
    isAllowed: addressPolicy(options.allowPrivate),
    ...(options.lookup && { lookup: options.lookup }),
  }
  const agent = createGuardedAgent({ ...rules, connectMs: timeouts.connectMs })
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
    addressesOf: ({ hostname }) =>
      allowedAddresses(hostname, rules).catch((cause: unknown) => {
        throw fromTransport(cause)
      }),
    // Answers that are still being read are cut off: who closes the client is done with it.
    [Symbol.asyncDispose]: () => agent.destroy(),
  }
}
