import { json, page, redirect, text, type Answer, type Call } from './answer.ts'
import type { Fault, ServerName } from './faults.ts'

/** The answer of a fault that keeps the server from working at all. */
export function insteadOfHandling(
  fault: Fault | undefined,
  call: Call,
  server: ServerName,
): Answer | undefined {
  switch (fault?.kind) {
    case 'status':
      return failed(fault)
    case 'html':
      return page(200, 'Just a moment...')
    case 'not-json':
      return {
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: Buffer.from('{"items": [{'),
      }
    case 'redirect':
      return redirect(302, fault.location ?? 'http://localhost:9/elsewhere')
    case 'loop':
      return redirect(302, call.url.href)
    case 'login':
    case 'gated':
    case 'early-access':
    case 'archived':
      return refusal(fault.kind, server)
    case 'expired':
      return text(403, '<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>', {
        'content-type': 'application/xml',
      })
    default:
      return undefined
  }
}

/** What a fault makes of an answer. */
export function afterHandling(fault: Fault | undefined, answer: Answer): Answer {
  if (fault?.kind === 'wrong-bytes' && answer.body.length > 0) {
    const body = Buffer.from(answer.body)
    const middle = body.length >> 1
    body[middle] = body[middle]! ^ 1
    return { ...answer, body }
  }
  if (fault?.kind === 'changed') {
    return { ...answer, headers: { ...answer.headers, etag: `"changed-${performance.now()}"` } }
  }
  return answer
}

function failed({ status = 500, retryAfterS, body, headers }: Fault): Answer {
  const all = { ...headers, ...(retryAfterS !== undefined && { 'retry-after': String(retryAfterS) }) }
  if (typeof body === 'string') return text(status, body, all)
  return json(status, body ?? { error: `Stand-in fault ${status}` }, all)
}

export function refusal(kind: 'login' | 'gated' | 'early-access' | 'archived', server: ServerName): Answer {
  if (server === 'huggingface') {
    const message = 'Access to this model is restricted. Log in, and ask for access on its page.'
    const headers = { 'x-error-code': 'GatedRepo', 'x-error-message': message }
    return text(kind === 'login' ? 401 : 403, message, headers)
  }
  if (kind === 'login') {
    const message = 'This needs you to be logged in'
    return json(401, { error: 'Unauthorized', message })
  }
  if (kind === 'archived') return json(410, { error: 'Model archived' })
  if (kind === 'gated') return json(403, { error: 'You do not have access to download this file' })
  return json(403, {
    error: 'Early Access',
    deadline: new Date(Date.now() + 86_400_000).toISOString(),
    message: 'In Early Access: pay or wait',
  })
}
