import type { IncomingHttpHeaders } from 'node:http'
import type { Attributes, Span } from '@opentelemetry/api'
import type { Logger } from 'pino'
import type { Counter, Gauge, Histogram } from 'prom-client'

export type { Logger } from 'pino'

export type LoggerOptions = {
  service: string
  level?: string
  /** Lines for people instead of JSON. */
  pretty?: boolean
  /** Default: standard output. */
  destination?: { write(line: string): void }
}
export declare function createLogger(options: LoggerOptions): Logger

export type Metrics = {
  counter<L extends string>(name: string, help: string, labels?: readonly L[]): Pick<Counter<L>, 'inc'>
  gauge<L extends string>(name: string, help: string, labels?: readonly L[]): Pick<Gauge<L>, 'inc' | 'dec' | 'set'>
  histogram<L extends string>(name: string, help: string, options?: { labels?: readonly L[]; buckets?: readonly number[] }): Pick<Histogram<L>, 'observe'>
  readonly contentType: string
  text(): Promise<string>
}
export declare function createMetrics(service: string, options?: { process?: boolean; maxSeries?: number }): Metrics

/** In telemetry.ts, loaded with `--import`: `await startTelemetry({ service: 'catalog', env: process.env })`. */
export declare function startTelemetry(options: { service: string; env: Readonly<Record<string, string | undefined>> }): Promise<void>
/** Sends what is left; `gracefulStop` does it by itself. */
export declare function stopTelemetry(): Promise<void>

export type Trace = { readonly traceId: string; readonly spanId: string }
export declare function currentTrace(): Trace | undefined
export declare function withSpan<T>(name: string, attributes: Attributes, run: (span: Span) => Promise<T>): Promise<T>
/** `{ traceparent }` (and `tracestate`) of the current trace, or of a new one. */
export declare function injectTrace(): Record<string, string>
/** Runs in the trace that the headers name, or in a new one. */
export declare function runWithTrace<T>(headers: Readonly<IncomingHttpHeaders>, run: () => T): T

export type Check = (signal: AbortSignal) => Promise<void>
export type Readiness = {
  ready: boolean
  checks: Record<string, { ok: boolean; ms: number; error?: string }>
}
export declare function readiness(checks: Readonly<Record<string, Check>>, options?: { log?: Logger; deadlineMs?: number }): () => Promise<Readiness>

export type HealthServer = AsyncDisposable & {
  readonly port: number
  /** From now on not ready: load balancers look elsewhere while the rest is finished. */
  drain(): void
}
export declare function startHealthServer(options: {
  host: string
  port: number
  checks: Readonly<Record<string, Check>>
  metrics?: Metrics
  log?: Logger
}): Promise<HealthServer>

export declare function gracefulStop(options: { log: Logger; graceMs: number; stop: () => Promise<void> }): void
