import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg'
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici'
import { startNodeSdk } from '@opentelemetry/sdk-node'
import { register } from 'import-in-the-middle/register-hooks.mjs'

const probes = /^\/(healthz|readyz|metrics)\b/

/**
 * Traces over OTLP (protobuf unless `OTEL_EXPORTER_OTLP_PROTOCOL` says otherwise). Metrics are Prometheus' and logs go
 * to standard output, so neither is sent. The default resource detectors leave out the command line: it may hold secrets.
 */
export function startSdk(service: string): { shutdown: () => Promise<void> } {
  register({ include: ['http', 'https', 'node:http', 'node:https', 'pg', 'pg-pool'] })
  return startNodeSdk({
    resourceAttributes: { 'service.name': service },
    metricReaders: [],
    logRecordProcessors: [],
    instrumentations: [
      new HttpInstrumentation({ ignoreIncomingRequestHook: ({ url }) => probes.test(url ?? '') }),
      new UndiciInstrumentation(),
      new PgInstrumentation({ requireParentSpan: true }),
    ],
  })
}
