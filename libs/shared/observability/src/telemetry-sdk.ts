import { createRequire, syncBuiltinESMExports } from 'node:module'
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
  register({ include: ['pg', 'pg-pool'] })
  const sdk = startNodeSdk({
    resourceAttributes: { 'service.name': service },
    metricReaders: [],
    logRecordProcessors: [],
    instrumentations: [
      new HttpInstrumentation({ ignoreIncomingRequestHook: ({ url }) => probes.test(url ?? '') }),
      new UndiciInstrumentation(),
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
