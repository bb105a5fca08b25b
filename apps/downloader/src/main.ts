import { settingsOrExit } from '@easel/config'
import { createLogger, createMetrics, gracefulStop, startHealthServer } from '@easel/observability'
import { loadConfig, startDownloader } from './app.ts'

const config = settingsOrExit(loadConfig, process.env)
const log = createLogger({
  service: 'downloader',
  level: config.runtime.logLevel,
  pretty: config.runtime.logPretty,
})
const app = await startDownloader(config, { log })
const health = await startHealthServer({
  ...config.runtime.health,
  checks: app.checks,
  metrics: createMetrics('downloader'),
  log,
})
gracefulStop({
  log,
  graceMs: config.runtime.graceMs,
  stop: async () => {
    health.drain()
    await app[Symbol.asyncDispose]()
    await health[Symbol.asyncDispose]()
  },
})
log.info({ models: config.modelsDirectory }, 'the downloader is ready')
