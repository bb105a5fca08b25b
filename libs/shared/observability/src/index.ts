export { gracefulStop } from './graceful-stop.ts'
export type { GracefulStopOptions } from './graceful-stop.ts'
export { startHealthServer } from './health-server.ts'
export type { HealthServer, HealthServerOptions } from './health-server.ts'
export { createLogger } from './logger.ts'
export type { Logger, LoggerOptions } from './logger.ts'
export { createMetrics } from './metrics.ts'
export type {
  BoundCounter,
  BoundGauge,
  BoundHistogram,
  HistogramOptions,
  Metrics,
  MetricsOptions,
} from './metrics.ts'
export { readiness } from './readiness.ts'
export type { Check, CheckResult, Checks, Readiness, ReadinessOptions } from './readiness.ts'
export { isTraced, startTelemetry, stopTelemetry } from './start-telemetry.ts'
export type { TelemetryOptions } from './start-telemetry.ts'
export {
  currentTrace,
  failSpan,
  injectTrace,
  recordSpan,
  runWithTrace,
  traced,
  withSpan,
} from './trace-context.ts'
export type { SpanOptions, Trace } from './trace-context.ts'
