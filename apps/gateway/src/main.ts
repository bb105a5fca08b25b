import { settingsOrExit } from '@easel/config'
import { createLogger, gracefulStop } from '@easel/observability'
import { startGateway } from './app.ts'
import { loadConfig } from './config.ts'

const config = settingsOrExit(loadConfig, process.env)
const log = createLogger({
  service: 'gateway',
  level: config.runtime.logLevel,
  pretty: config.runtime.logPretty,
})
const gateway = await startGateway(config, { log })
gracefulStop({
  log,
  graceMs: config.runtime.graceMs,
  stop: async () => {
    await gateway[Symbol.asyncDispose]()
  },
})
log.info({ url: gateway.url }, 'the gateway is open')
