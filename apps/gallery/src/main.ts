import { settingsOrExit } from '@easel/config'
import { createLogger, createMetrics, gracefulStop, startHealthServer } from '@easel/observability'
import { loadConfig, startGallery } from './app.ts'

const config = settingsOrExit(loadConfig, process.env)
const { runtime } = config
const log = createLogger({ service: 'gallery', level: runtime.logLevel, pretty: runtime.logPretty })
const gallery = await startGallery(config, { log, metrics: createMetrics('gallery') })
const health = await startHealthServer({
  ...runtime.health,
  checks: gallery.checks,
  metrics: gallery.metrics,
  log,
})
log.info('the gallery is ready')
gracefulStop({
  log,
  graceMs: runtime.graceMs,
  stop: async () => {
    health.drain()
    await gallery[Symbol.asyncDispose]()
    await health[Symbol.asyncDispose]()
  },
})
