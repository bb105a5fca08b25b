import { lookup as dnsLookup } from 'node:dns'
import type { LookupAddress } from 'node:dns'
import { isIP } from 'node:net'
import type { LookupFunction } from 'node:net'
import { Agent, buildConnector } from 'undici'
import { urlForbidden } from './http-errors.ts'

type GuardedAgentOptions = {
  isAllowed: (address: string) => boolean
  connectMs: number
  lookup?: LookupFunction
}

/**
 * An undici agent that connects only to allowed addresses. The check sits between resolving and connecting, on the
 * very addresses the socket gets, so a name that resolves differently the next time gains nothing.
 */
export function createGuardedAgent({ isAllowed, connectMs, lookup = dnsLookup }: GuardedAgentOptions): Agent {
  const connect = buildConnector({
    timeout: connectMs,
    allowH2: false,
    lookup: guardedLookup(isAllowed, lookup),
  })
  return new Agent({
    connect: (options, callback) => {
      // Node does not look up what is an address already.
      if (isIP(bare(options.hostname)) && !isAllowed(bare(options.hostname)))
        return callback(urlForbidden(), null)
      connect(options, callback)
    },
  })
}

/** As the agent resolves names: for those who connect themselves, to these addresses and no others. */
export async function allowedAddresses(
  hostname: string,
  { isAllowed, lookup = dnsLookup }: Pick<GuardedAgentOptions, 'isAllowed' | 'lookup'>,
): Promise<string[]> {
  const address = bare(hostname)
  if (isIP(address) !== 0) {
    if (!isAllowed(address)) throw urlForbidden()
    return [address]
  }
  return await new Promise((resolve, reject) => {
    guardedLookup(isAllowed, lookup)(hostname, { all: true }, (error, found) => {
      if (error) reject(error)
      else resolve((found as LookupAddress[]).map((each) => each.address))
    })
  })
}

function bare(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
}

function guardedLookup(isAllowed: (address: string) => boolean, lookup: LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found, family) => {
      if (error) return callback(error, '')
      const addresses: LookupAddress[] = Array.isArray(found)
        ? found
        : [{ address: found, family: family ?? 4 }]
      // One bad address among good ones is how rebinding looks; none of them is used.
      const [first] = addresses
      if (!first || !addresses.every(({ address }) => isAllowed(address))) return callback(urlForbidden(), '')
      if (options.all) callback(null, addresses)
      else callback(null, first.address, first.family)
    })
  }
}
