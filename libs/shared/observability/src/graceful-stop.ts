import type { Logger } from 'pino'
import { stopTelemetry } from './start-telemetry.ts'

export type GracefulStopOptions = {
  log: Logger
  /** How long `stop` may take. Kubernetes kills 30 s after SIGTERM unless told otherwise. */
  graceMs: number
  stop: () => Promise<void>
}

const flushMs = 3_000

/**
 * Ends the process as it should be ended. The first SIGTERM or SIGINT calls `stop` and leaves with 0; a second one, or
 * a `stop` that fails or takes longer than the grace, leaves with 1. What nobody catches is logged and ends it too.
 */
export function gracefulStop({ log, graceMs, stop }: GracefulStopOptions): void {
  let stopping = false

  const leave = async () => {
    await stop()
    // The work is done: a collector that is away must neither fail the stop nor hold it up.
    const giveUp = new Promise<void>((resolve) => setTimeout(resolve, flushMs).unref())
    await Promise.race([stopTelemetry(), giveUp]).catch((cause: unknown) => {
      log.warn({ err: cause }, 'the last spans were not sent')
    })
  }
  const onSignal = (signal: NodeJS.Signals) => {
    if (stopping) {
      log.warn({ signal }, 'stopped at once')
      process.exit(1)
    }
    stopping = true
    log.info({ signal }, 'stopping')
    setTimeout(() => {
      log.error({ graceMs }, 'the stop took too long')
      process.exit(1)
    }, graceMs)
    leave().then(
      () => {
        log.info('stopped')
        process.exit(0)
      },
      (cause: unknown) => {
        log.error({ err: cause }, 'the stop failed')
        process.exit(1)
      },
    )
  }
  const onFatal = (cause: unknown) => {
    log.fatal({ err: cause }, 'nobody caught this')
    process.exit(1)
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
  process.on('uncaughtException', onFatal)
  process.on('unhandledRejection', onFatal)
}
