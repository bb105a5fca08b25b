import { AppError } from '@easel/protocol'
import type { IncomingHttpHeaders } from 'node:http'
import { hashSecret, isApiKey } from '../identity/api-key.ts'
import type { Presented } from '../identity/authenticator.service.ts'

export const sessionCookie = 'easel_session'

/** What a request says of itself. A header wins over the cookie: a script means what it sends. */
export function credentialsOf(headers: IncomingHttpHeaders): Presented | undefined {
  if (headers.authorization !== undefined) {
    const [, secret] = /^Bearer +(\S+)$/i.exec(headers.authorization) ?? []
    if (secret === undefined) {
      throw new AppError('unauthenticated', 'The Authorization header must be: Bearer esl_…', {
        reason: 'BAD_CREDENTIALS',
      })
    }
    return presentKey(secret)
  }
  const key = headers['x-api-key']
  if (typeof key === 'string') return presentKey(key)
  const session = cookieOf(headers.cookie, sessionCookie)
  return session === undefined ? undefined : { kind: 'session', hash: hashOf(session) }
}

function presentKey(key: string): Presented {
  if (isApiKey(key)) return { kind: 'key', hash: hashOf(key) }
  throw new AppError('unauthenticated', 'The credentials are not valid', { reason: 'BAD_CREDENTIALS' })
}

function hashOf(secret: string): string {
  return hashSecret(secret).toString('hex')
}

export function cookieOf(header: string | undefined, name: string): string | undefined {
  for (const pair of header?.split(';') ?? []) {
    const [key, ...value] = pair.trim().split('=')
    if (key === name && value.length > 0) return value.join('=')
  }
  return undefined
}

export type OriginRules = { readonly publicUrl: string | undefined; readonly corsOrigins: readonly string[] }

/**
 * Browsers send a cookie whoever wrote the page; `Origin` says who did. Only our own pages, and those that the
 * settings name, may act with it.
 */
export function isOwnOrigin(headers: IncomingHttpHeaders, host: string, rules: OriginRules): boolean {
  const { origin } = headers
  if (origin === undefined) return false
  if (rules.corsOrigins.includes(origin)) return true
  if (rules.publicUrl !== undefined && new URL(rules.publicUrl).origin === origin) return true
  const url = URL.parse(origin)
  return url?.origin === origin && url.host === host && host !== ''
}
