import { settingsOrExit } from '@easel/config'
import { createLogger, createMetrics, gracefulStop, startHealthServer } from '@easel/observability'
import { loadConfig, loadRole } from './config.ts'
import { startControl } from './control/control-app.ts'
import { startWorker } from './worker/worker-app.ts'
import { loadWorkerConfig } from './worker/worker-config.ts'
import type { Checks } from '@easel/observability'

const { env } = process
const role = settingsOrExit(loadRole, env)
const control = role === 'worker' ? undefined : settingsOrExit(loadConfig, env)
const workers = role === 'control' ? [] : settingsOrExit(loadWorkerConfig, env)
const runtime = control?.runtime ?? workers[0]?.runtime
if (!runtime) throw new Error('This process has nothing to do')

const log = createLogger({ service: 'inference', level: runtime.logLevel, pretty: runtime.logPretty })
const metrics = createMetrics('inference')
const stack = new AsyncDisposableStack()
const checks: Checks[] = []
if (control) checks.push(stack.use(await startControl(control, { log, metrics })).checks)
for (const worker of workers) checks.push(stack.use(await startWorker(worker, { log })).checks)
const health = stack.use(
  await startHealthServer({
    ...runtime.health,
    checks: Object.assign({}, ...checks) as Checks,
    metrics,
    log,
  }),
)
gracefulStop({
  log,
  graceMs: runtime.graceMs,
  stop: async () => {
    health.drain()
    await stack.disposeAsync()
  },
})
log.info({ role, workers: workers.length, health: health.port }, 'inference is ready')
