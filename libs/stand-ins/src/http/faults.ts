export type ServerName = 'civitai' | 'huggingface' | 'delivery'

/**
 * What goes wrong. On which requests: `server`, `path` (how the path begins, or a pattern) and `method`; left out is
 * any. `after` lets so many pass first, then it strikes `times` times (default: for ever).
 *
 * - `offline`: the connection is reset without a word. (`goOffline` refuses it instead.)
 * - `hang`: no answer at all. `slow`: the head comes `delayMs` late. `drip`: the body comes at `bytesPerSecond`.
 * - `status`: that status, with `retryAfterS` and `body` where given. 429 and 503 come without Retry-After unless told.
 * - `html`: a page with 200 instead of what was asked for. `not-json`: broken JSON with 200.
 * - `cut`: the connection breaks at the share `at` of the body (default 0.4).
 * - `wrong-length`: the head announces `more` bytes more than come. `wrong-bytes`: one byte in the middle is another.
 * - `ignore-range`: a range is answered with 200 and everything.
 * - `changed`: the ETag is another one each time.
 * - `redirect`: 302 to `location`. `loop`: 302 to the same address.
 * - `login`, `gated`, `early-access`, `archived`: refused as the service does it.
 * - `expired`: what a signed address answers after its time.
 */
export type Fault = {
  kind: FaultKind
  server?: ServerName
  path?: string | RegExp
  method?: string
  after?: number
  times?: number
  status?: number
  retryAfterS?: number
  body?: unknown
  headers?: Record<string, string>
  delayMs?: number
  bytesPerSecond?: number
  at?: number
  more?: number
  location?: string
}

export const faultKinds = [
  'offline',
  'hang',
  'slow',
  'drip',
  'status',
  'html',
  'not-json',
  'cut',
  'wrong-length',
  'wrong-bytes',
  'ignore-range',
  'changed',
  'redirect',
  'loop',
  'login',
  'gated',
  'early-access',
  'archived',
  'expired',
] as const
export type FaultKind = (typeof faultKinds)[number]

type Asked = { server: ServerName; method: string; path: string; header: string | undefined }

export class Faults {
  readonly #rules: { fault: Fault; seen: number }[] = []

  /** Newer ones come first. Dispose of it to end it. */
  add(fault: Fault): Disposable {
    const rule = { fault, seen: 0 }
    this.#rules.unshift(rule)
    return {
      [Symbol.dispose]: () => {
        const index = this.#rules.indexOf(rule)
        if (index >= 0) this.#rules.splice(index, 1)
      },
    }
  }

  clear(): void {
    this.#rules.length = 0
  }

  /** The one that strikes this request; a header `x-stand-in-fault` with its JSON comes before all rules. */
  take(asked: Asked): Fault | undefined {
    if (asked.header !== undefined) return parseFault(asked.header)
    for (const rule of this.#rules) {
      if (!fits(rule.fault, asked)) continue
      rule.seen++
      const strikes = rule.seen - (rule.fault.after ?? 0)
      if (strikes >= 1 && strikes <= (rule.fault.times ?? Number.POSITIVE_INFINITY)) return rule.fault
    }
    return undefined
  }
}

function fits(fault: Fault, { server, method, path }: Asked): boolean {
  if (fault.server !== undefined && fault.server !== server) return false
  if (fault.method !== undefined && fault.method !== method) return false
  if (fault.path === undefined) return true
  return typeof fault.path === 'string' ? path.startsWith(fault.path) : fault.path.test(path)
}

/** `cut` alone is short for `{"kind":"cut"}`. */
export function parseFault(text: string): Fault {
  const fault = (text.startsWith('{') ? JSON.parse(text) : { kind: text }) as Fault
  if (!faultKinds.includes(fault.kind)) throw new Error(`No such fault: ${String(fault.kind)}`)
  return fault
}
