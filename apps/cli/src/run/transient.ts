import { EaselError } from '@easel/client'

/** May the same call succeed in a moment? A stream that breaks in the middle gives an error of the network. */
export function isTransient(cause: unknown): boolean {
  if (cause instanceof EaselError) return cause.isNetwork || cause.status === 429 || cause.status >= 500
  return cause instanceof TypeError || (cause instanceof Error && 'code' in cause)
}

const neverReached = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']

/** Can the server have got the call? */
export function wasSent(cause: unknown): boolean {
  const { cause: inner, code } = cause as Error & { code?: string }
  return !neverReached.includes(code ?? '') && (!(inner instanceof Error) || wasSent(inner))
}
