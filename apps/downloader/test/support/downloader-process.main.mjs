import { fileURLToPath } from 'node:url'
import { createServer } from 'vite'

// Node runs no decorators; Vite makes them what the build makes of them.
const conditions = ['@easel/source', 'node']
const vite = await createServer({
  configFile: false,
  logLevel: 'error',
  appType: 'custom',
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  optimizeDeps: { noDiscovery: true },
  resolve: { conditions },
  ssr: { resolve: { conditions } },
})
const { loadConfig, startDownloader } = await vite.ssrLoadModule(
  fileURLToPath(new URL('../../src/app.ts', import.meta.url)),
)
const config = loadConfig(process.env)
await startDownloader({ ...config, nats: { ...config.nats, prefix: process.env.EASEL_TEST_NATS_PREFIX } })
process.stdout.write('ready\n')
