import type { Logger } from 'pino'

/** Resolves when the part answers. The signal says that nobody waits any more. */
export type Check = (signal: AbortSignal) => Promise<void>
export type Checks = Readonly<Record<string, Check>>

export type Readiness = { readonly ready: boolean; readonly checks: Readonly<Record<string, CheckResult>> }
export type CheckResult = {
  readonly ok: boolean
  readonly ms: number
  readonly error?: 'failed' | 'timed out'
}

export type ReadinessOptions = {
  /** Where a part that begins or ceases to fail is told. */
  log?: Logger
  /** Default 2000. */
  deadlineMs?: number
}

const cacheMs = 1_000

/**
 * Asks every part at once, each within the deadline. Callers at the same time share one answer, and it is kept for a
 * second: a busy prober must not become a load. Errors go to the log; outside they are only `failed` or `timed out`.
 */
export function readiness(
  checks: Checks,
  { log, deadlineMs = 2_000 }: ReadinessOptions = {},
): () => Promise<Readiness> {
  const failing = new Set<string>()
  let answer: Promise<Readiness> | undefined
  let expiresAt = 0

  const ask = async ([name, check]: [string, Check]) => {
    const { result, cause } = await runCheck(check, deadlineMs)
    if (!result.ok && !failing.has(name)) log?.warn({ check: name, err: cause }, 'not ready')
    if (result.ok && failing.has(name)) log?.info({ check: name }, 'ready again')
    if (result.ok) failing.delete(name)
    else failing.add(name)
    return [name, result] as const
  }
  const askAll = async (): Promise<Readiness> => {
    const results = await Promise.all(Object.entries(checks).map(ask))
    expiresAt = performance.now() + cacheMs
    return { ready: results.every(([, { ok }]) => ok), checks: Object.fromEntries(results) }
  }

  return () => {
    if (!answer || performance.now() >= expiresAt) {
      expiresAt = Number.POSITIVE_INFINITY
      answer = askAll()
    }
    return answer
  }
}

type Outcome = { result: CheckResult; cause?: unknown }

async function runCheck(check: Check, deadlineMs: number): Promise<Outcome> {
  const started = performance.now()
  const abort = new AbortController()
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    late.reject(new Error(`No answer within ${deadlineMs} ms`))
    abort.abort()
  }, deadlineMs)
  const passed = () => Math.round(performance.now() - started)
  try {
    await Promise.race([check(abort.signal), late.promise])
    return { result: { ok: true, ms: passed() } }
  } catch (cause) {
    return {
      result: { ok: false, ms: passed(), error: abort.signal.aborted ? 'timed out' : 'failed' },
      cause,
    }
  } finally {
    clearTimeout(timer)
  }
}
