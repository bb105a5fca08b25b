import { AppError } from '@easel/protocol'
import { ConfigError, describeConfig } from '@easel/config'
import { createLogger, gracefulStop } from '@easel/observability'
import { loadConfig, readSettings } from './config.ts'
import { printWelcome } from './welcome.ts'
import { startStandalone } from './app.ts'

if (process.argv.includes('--help')) {
  process.stdout.write(`Easel, all in one process.\n\n${describeConfig(readSettings)}\n`)
  process.exit(0)
}

try {
  const startedAt = performance.now()
  const config = loadConfig(process.env)
  const logOf = (service: string) =>
    createLogger({ service, level: config.logLevel, pretty: process.stdout.isTTY })
  const log = logOf('standalone')
  const easel = await startStandalone(config, {
    env: process.env,
    logOf,
    say: (line) => process.stdout.write(`${line}\n`),
  })
  gracefulStop({
    log,
    graceMs: 20_000,
    stop: async () => {
      await easel[Symbol.asyncDispose]()
    },
  })
  printWelcome(easel, performance.now() - startedAt)
} catch (cause) {
  process.stderr.write(`${sentence(cause)}\n`)
  process.exit(1)
}

/** What a person can act on; anything unexpected with its stack, since it is a bug. */
function sentence(cause: unknown): string {
  if (cause instanceof ConfigError) return cause.message
  if (cause instanceof AppError && cause.code !== 'internal') return `Easel cannot start: ${cause.message}`
  return `Easel cannot start.\n${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`
}
