import { createLogger, gracefulStop, startHealthServer } from '@easel/observability'
import { loadConfig } from './config.ts'
import { startControl } from './control/control-app.ts'

const config = loadConfig(process.env)
const { runtime } = config
const log = createLogger({ service: 'inference', level: runtime.logLevel, pretty: runtime.logPretty })
const stack = new AsyncDisposableStack()
const control = stack.use(await startControl(config, { log }))
const health = stack.use(await startHealthServer({ ...runtime.health, checks: control.checks, log }))
gracefulStop({
  log,
  graceMs: runtime.graceMs,
  stop: async () => {
    health.drain()
    await stack.disposeAsync()
  },
})
log.info({ health: health.port }, 'inference control is ready')
