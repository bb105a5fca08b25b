const mask = '[secret]'
const secretName =
  /^(authorization|proxy-?authorization|cookie|set-?cookie|password|passwd|pass|token|\w*[_-]?(token|secret|password|apikey)|x?[_-]?api[_-]?key|secret|secret[_-]?access[_-]?key|private[_-]?key|credentials?|easel_session)$/i
const urlCredentials = /\b([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/@"'\\]{1,500}@/gi
const querySecret =
  /([?&](?:[a-z0-9_-]*token|api_?key|key|secret|password|signature|sig|x-amz-[a-z-]*(?:signature|credential|token))=)[^&\s"'\\#]+/gi
const bearer = /\b(bearer|basic)\s+[a-z0-9._~+/=-]{8,}/gi
const easelKey = /\besl_[a-z0-9]{16,}/gi

const maxDepth = 8
const maxItems = 100
const maxText = 16_384

/** A text without the credentials that people put into URLs, headers and messages. */
export function maskCredentials(text: string): string {
  return text
    .replace(urlCredentials, `$1${mask}@`)
    .replace(querySecret, `$1${mask}`)
    .replace(bearer, `$1 ${mask}`)
    .replace(easelKey, mask)
}

/** As `maskCredentials`, and cut to a length that a log line can bear. */
export function scrubText(text: string): string {
  const isLong = text.length > maxText
  return maskCredentials(isLong ? `${text.slice(0, maxText)}… (${text.length} characters)` : text)
}

/** A plain copy of what is to be logged: bounded, without secrets, whatever it was. Never throws. */
export function scrub(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return scrubText(value)
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'function' || typeof value === 'symbol') return `[${typeof value}]`
  if (typeof value !== 'object' || value === null) return value
  if (depth >= maxDepth) return '[too deep]'
  if (value instanceof Error) return scrubError(value, depth)
  if (value instanceof Uint8Array) return `[${value.byteLength} bytes]`
  if (Array.isArray(value)) return value.slice(0, maxItems).map((item) => scrub(item, depth + 1))
  if (value instanceof Map || value instanceof Set) return scrub([...value], depth)
  const toJson = read(value, 'toJSON')
  if (typeof toJson === 'function') return attempt(() => scrub(toJson.call(value), depth + 1))
  return scrubFields(value, depth)
}

/** As `scrub`, for what has fields of its own: gives a plain object. */
export function scrubFields(value: object, depth = 0): Record<string, unknown> {
  const fields = Object.keys(value)
    .slice(0, maxItems)
    .map((name) => [name, read(value, name)] as const)
    .filter(([, field]) => field !== undefined)
  // `fromEntries` makes plain fields of names like `__proto__` too.
  return Object.fromEntries(
    fields.map(([name, field]) => [
      name,
      secretName.test(name) && isText(field) ? mask : scrub(field, depth + 1),
    ]),
  )
}

function read(value: object, name: string): unknown {
  return attempt(() => (value as Record<string, unknown>)[name])
}

/** A getter that throws must not cost the line it is in. */
function attempt(get: () => unknown): unknown {
  try {
    return get()
  } catch {
    return '[unreadable]'
  }
}

/** Counts and flags (`maxTokens: 5`, `secret: true`) are no secrets. */
function isText(value: unknown): boolean {
  return typeof value === 'string' || (typeof value === 'object' && value !== null)
}

function scrubError(error: Error, depth: number): Record<string, unknown> {
  const { name, message, stack = '', cause, ...rest } = error
  return {
    type: name,
    message: scrubText(message),
    ...scrubFields(rest, depth + 1),
    stack: scrubText(stack),
    ...(cause !== undefined && { cause: scrub(cause, depth + 1) }),
  }
}
