import { AppError } from '@easel/protocol'
import type { SourceId } from './source-model.ts'
import { rateLimited } from './http/rate.ts'

export type Refused = {
  readonly source: SourceId
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  /** The page where a person can do something about it. */
  readonly pageUrl?: string
}

const longestWaitMs = 10 * 60_000
const usualWaitMs = 5_000

/** A bad status as an error with a reason of its own. */
export function refusal(refused: Refused): AppError {
  return refused.source === 'civitai' ? ofCivitai(refused) : ofHuggingFace(refused)
}

function ofCivitai({ status, headers, text, pageUrl }: Refused): AppError {
  const { error, message, deadline } = jsonOf(text)
  const told = [error, message].filter((part) => typeof part === 'string').join(': ')
  const details = pageUrl === undefined ? {} : { approvalUrl: pageUrl }
  if (status === 401) {
    if (/disabled downloads/i.test(told)) {
      return forbidden('DOWNLOADS_DISABLED', 'Its creator has switched downloads off: no account helps', {})
    }
    return forbidden('TOKEN_REQUIRED', 'CivitAI gives this to signed-in users only: set its API key', details)
  }
  if (status === 403 && /early access/i.test(told)) {
    const until = typeof deadline === 'string' ? deadline : null
    return forbidden('EARLY_ACCESS', early(until), { ...details, until })
  }
  if (status === 403 && !isPage(headers)) {
    return forbidden('GATED', 'CivitAI does not give this to this account', details)
  }
  if (status === 410)
    return new AppError('not_found', 'This model was archived', { reason: 'MODEL_ARCHIVED' })
  if (status === 404)
    return new AppError('not_found', 'CivitAI has no such model', { reason: 'MODEL_NOT_FOUND' })
  return common(status, headers)
}

function ofHuggingFace({ status, headers, text, pageUrl }: Refused): AppError {
  const code = headers['x-error-code']
  const details = pageUrl === undefined ? {} : { approvalUrl: pageUrl }
  switch (code) {
    case 'GatedRepo':
      return status === 401
        ? forbidden(
            'TOKEN_REQUIRED',
            'This repository is gated: set a token of Hugging Face, and ask for access',
            details,
          )
        : forbidden('GATED', 'This repository is gated: ask for access on its page', details)
    case 'RepoNotFound':
      return new AppError('not_found', 'Hugging Face has no such repository, or it is private', {
        reason: 'MODEL_NOT_FOUND',
      })
    case 'RevisionNotFound':
      return new AppError('not_found', 'This repository has no such revision', {
        reason: 'REVISION_NOT_FOUND',
      })
    case 'EntryNotFound':
      return new AppError('not_found', 'This repository has no such file', { reason: 'FILE_NOT_FOUND' })
    default:
  }
  if (status === 401) {
    return /invalid credentials|invalid username/i.test(text)
      ? forbidden('TOKEN_INVALID', 'Hugging Face does not know this token', {})
      : forbidden('TOKEN_REQUIRED', 'Hugging Face wants a token for this', details)
  }
  if (status === 403 && !isPage(headers))
    return forbidden('GATED', 'Hugging Face refuses access to this', details)
  if (status === 404)
    return new AppError('not_found', 'Hugging Face has no such thing', { reason: 'MODEL_NOT_FOUND' })
  return common(status, headers)
}

function common(status: number, headers: Readonly<Record<string, string>>): AppError {
  if (status === 429) return rateLimited(waitOf(headers), status)
  if (status === 451) {
    return forbidden('LEGALLY_UNAVAILABLE', 'The source may not give this where this server is', {})
  }
  if (status === 400 || status === 405 || status === 422) {
    return new AppError('invalid', 'The source did not understand the question', {
      reason: 'SOURCE_REFUSED',
      details: { status },
    })
  }
  return new AppError('unavailable', `The source answers with status ${status}`, {
    reason: 'SOURCE_UNAVAILABLE',
    retryAfterMs: waitOf(headers),
    details: { status },
  })
}

/** From `Retry-After` (seconds or a date), else from Hugging Face's `ratelimit: "api";r=0;t=55`. */
export function waitOf(headers: Readonly<Record<string, string>>): number {
  const retryAfter = headers['retry-after']
  if (retryAfter !== undefined) {
    const ms = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1_000 : Date.parse(retryAfter) - Date.now()
    if (Number.isFinite(ms)) return Math.min(longestWaitMs, Math.max(0, ms))
  }
  const reset = /;\s*r=0\s*;\s*t=(\d+)/.exec(headers['ratelimit'] ?? '')
  return reset ? Math.min(longestWaitMs, Number(reset[1]) * 1_000) : usualWaitMs
}

/** A page for people where an API should answer: the edge in front of it, a log-in, a notice. */
export function isPage(headers: Readonly<Record<string, string>>): boolean {
  return /^\s*text\/html/i.test(headers['content-type'] ?? '')
}

function forbidden(reason: string, message: string, details: Record<string, unknown>): AppError {
  return new AppError('forbidden', message, { reason, details })
}

function early(until: string | null): string {
  return until === null
    ? 'This is in early access: pay on its page, or wait'
    : `This is in early access until ${until}`
}

function jsonOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    // A page or plain text: it has no fields.
    return {}
  }
}
