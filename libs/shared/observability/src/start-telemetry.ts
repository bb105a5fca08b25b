export type TelemetryOptions = {
  service: string
  /** `process.env`, handed over by the app. */
  env: Readonly<Record<string, string | undefined>>
}

let running: { shutdown: () => Promise<void> } | undefined

/**
 * Starts OpenTelemetry where an OTLP endpoint is set, and otherwise nothing: nothing of it is even loaded. Call it in
 * an app's telemetry.ts, loaded with `--import`, because modules are instrumented as they are loaded.
 */
export async function startTelemetry({ service, env }: TelemetryOptions): Promise<void> {
  const endpoint = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? env.OTEL_EXPORTER_OTLP_ENDPOINT
  if (!endpoint || env.OTEL_SDK_DISABLED === 'true' || running) return
  const { startSdk } = await import('./telemetry-sdk.ts')
  running = startSdk(env.OTEL_SERVICE_NAME ?? `easel-${service}`)
}

/** False: nobody would ever see a span, so none need be made. */
export function isTraced(): boolean {
  return running !== undefined
}

/** Sends what is left. `gracefulStop` does it by itself. */
export async function stopTelemetry(): Promise<void> {
  const sdk = running
  running = undefined
  await sdk?.shutdown()
}
