import { ModelCache } from '../../src/worker/models/model-cache.ts'

// A worker's cache in a process of its own: holds a model until it is killed.
const [directory, path, file] = process.argv.slice(2) as [string, string, string]
const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const cache = await ModelCache.open(
  { directory, maxBytes: null, hub: { kind: 'directory', path } },
  { log, recentMs: 0 },
)
await cache.hold([JSON.parse(file) as never], new AbortController().signal)
process.stdout.write('held\n')
setInterval(() => undefined, 60_000)
