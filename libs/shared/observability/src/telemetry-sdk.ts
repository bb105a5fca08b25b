import { randomUUID } from 'node:crypto'
import { createRequire, syncBuiltinESMExports } from 'node:module'
import type { Span } from '@opentelemetry/api'
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg'
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici'
import { startNodeSdk } from '@opentelemetry/sdk-node'
import { register } from 'import-in-the-middle/register-hooks.mjs'

const probes = /^\/(healthz|readyz|metrics)\b/

/**
 * Traces over OTLP (protobuf unless `OTEL_EXPORTER_OTLP_PROTOCOL` says otherwise). Metrics are Prometheus' and logs go
 * to standard output, so neither is sent. No secrets in traces: the resource detectors would send the command line,
 * and queries of URLs hold tickets and signatures.
 */
export function startSdk(service: string): { shutdown: () => Promise<void> } {
  register({ include: ['pg', 'pg-pool'] })
  const sdk = startNodeSdk({
    resourceAttributes: { 'service.name': service, 'service.instance.id': randomUUID() },
    resourceDetectors: [],
    metricReaders: [],
    logRecordProcessors: [],
    instrumentations: [
      new HttpInstrumentation({
        ignoreIncomingRequestHook: ({ url }) => probes.test(url ?? ''),
        requestHook: dropQueries,
      }),
      new UndiciInstrumentation({ requestHook: dropQueries }),
      new PgInstrumentation({ requireParentSpan: true }),
    ],
  })
  patchBuiltins()
  return sdk
}

/** `http` is patched when it is required next; who imported it by name before sees that only after a sync. */
function patchBuiltins(): void {
  const require = createRequire(import.meta.url)
  require('node:http')
  require('node:https')
  syncBuiltinESMExports()
}

function dropQueries(span: Span): void {
  const { attributes = {} } = span as Span & { attributes?: Readonly<Record<string, unknown>> }
  for (const name of ['url.full', 'http.url', 'http.target', 'url.query']) {
    const value = attributes[name]
    if (typeof value === 'string')
      span.setAttribute(name, name === 'url.query' ? '' : value.replace(/\?.*$/s, ''))
  }
}
