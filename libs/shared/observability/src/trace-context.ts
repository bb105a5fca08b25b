import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'
import {
  ROOT_CONTEXT,
  SpanStatusCode,
  context,
  createTraceState,
  isSpanContextValid,
  trace,
} from '@opentelemetry/api'
import type { Attributes, Span, SpanContext } from '@opentelemetry/api'
import { scrubText } from './scrub.ts'
import { isTraced } from './start-telemetry.ts'

export type Trace = { readonly traceId: string; readonly spanId: string }

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>

/**
 * The trace of the present call where no OpenTelemetry SDK runs. Its API without an SDK forgets every context, and
 * log lines and problem documents want a trace id all the same. Where an SDK runs its active span comes first.
 */
const ownTrace = new AsyncLocalStorage<SpanContext>()

const sampled = 1
// https://www.w3.org/TR/trace-context/#traceparent-header: later versions may append fields, ff is no version.
const traceparentPattern = /^(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/

export function currentTrace(): Trace | undefined {
  const active = activeContext()
  return active && { traceId: active.traceId, spanId: active.spanId }
}

/** `{ traceparent }` (and `tracestate`) of the current trace, or of a new one. */
export function injectTrace(): Record<string, string> {
  const { traceId, spanId, traceFlags, traceState } = activeContext() ?? newContext()
  const flags = traceFlags.toString(16).padStart(2, '0')
  const traceparent = `00-${traceId}-${spanId}-${flags}`
  return traceState ? { traceparent, tracestate: traceState.serialize() } : { traceparent }
}

/** Runs in the trace that the headers name; without one in the present trace, else in a new one. */
export function runWithTrace<T>(headers: Headers, run: () => T): T {
  const remote = parseTraceparent(headers)
  const active = activeContext()
  // An instrumented server has its span already, as a child of what the headers say.
  if (active && (!remote || remote.traceId === active.traceId)) return run()
  return runIn(remote ?? newContext(), run)
}

/** Runs in a span; what is thrown is noted in it and thrown on. Without an SDK it only sees to a trace id. */
export function withSpan<T>(
  name: string,
  attributes: Attributes,
  run: (span: Span) => Promise<T>,
): Promise<T> {
  const start = () =>
    trace.getTracer('easel').startActiveSpan(name, { attributes }, async (span) => {
      try {
        return await run(span)
      } catch (cause) {
        const message = scrubText(cause instanceof Error ? cause.message : String(cause))
        span.recordException({ name: cause instanceof Error ? cause.name : 'Error', message })
        span.setStatus({ code: SpanStatusCode.ERROR, message })
        throw cause
      } finally {
        span.end()
      }
    })
  return activeContext() ? start() : runIn(newContext(), start)
}

export type SpanOptions = {
  /** Asked for only when there will be a span. */
  readonly attributes?: () => Attributes
}

/** Like `withSpan` where an SDK runs; where none does, `run` alone without a span. */
export function traced<T>(
  name: string,
  { attributes }: SpanOptions,
  run: (span?: Span) => Promise<T>,
): Promise<T> {
  return isTraced() ? withSpan(name, attributes?.() ?? {}, run) : run()
}

/** Marks a span as failed without a throw. Without one it does nothing. */
export function failSpan(span: Span | undefined, message: string): void {
  span?.setStatus({ code: SpanStatusCode.ERROR, message: scrubText(message) })
}

/** Work that is over, as a span of the trace that the headers name: for what was done for many at once. */
export function recordSpan(
  name: string,
  { headers, startedAt, attributes }: SpanOptions & { headers: Headers; startedAt: Date },
): void {
  const parent = isTraced() ? parseTraceparent(headers) : undefined
  if (!parent) return
  const within = trace.setSpanContext(ROOT_CONTEXT, parent)
  const options = { startTime: startedAt, ...(attributes && { attributes: attributes() }) }
  trace.getTracer('easel').startSpan(name, options, within).end()
}

function activeContext(): SpanContext | undefined {
  const span = trace.getActiveSpan()?.spanContext()
  return span && isSpanContextValid(span) ? span : ownTrace.getStore()
}

function runIn<T>(spanContext: SpanContext, run: () => T): T {
  return ownTrace.run(spanContext, () => context.with(trace.setSpanContext(ROOT_CONTEXT, spanContext), run))
}

function newContext(): SpanContext {
  // Marked as sampled, or services that do run an SDK would record nothing of it.
  // Never all zeros, as a UUID has its version; and Node draws the randomness of many at once.
  const [traceId, other] = [hexId(), hexId()]
  return { traceId, spanId: other.slice(0, 16), traceFlags: sampled, isRemote: true }
}

const hexId = () => randomUUID().replaceAll('-', '')

function parseTraceparent(headers: Headers): SpanContext | undefined {
  const [, version, traceId = '', spanId = '', flags = '', more] =
    traceparentPattern.exec(single(headers.traceparent) ?? '') ?? []
  if (version === undefined || (version === '00' && more)) return undefined
  const state = single(headers.tracestate)
  const parsed: SpanContext = {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & sampled,
    isRemote: true,
    ...(state && state.length <= 512 && { traceState: createTraceState(state) }),
  }
  return isSpanContextValid(parsed) ? parsed : undefined
}

function single(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}
