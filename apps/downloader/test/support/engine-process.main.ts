import { existsSync } from 'node:fs'
import { link, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createGuardedHttp } from '@easel/http'
import { bring } from '../../src/transfers/bringing.ts'
import { Hosts } from '../../src/transfers/hosts.ts'
import { Lanes } from '../../src/transfers/lane/lanes.ts'

// The engine in a process of its own, to be killed: brings one file and gives it its name by a link.
const [url, directory, expectedSha256] = process.argv.slice(2) as [string, string, string]
const path = join(directory, 'partial', 'file')
await mkdir(join(directory, 'partial'), { recursive: true })
await mkdir(join(directory, 'models'), { recursive: true })
// Placed before a kill: the database says so in the whole service.
if (existsSync(join(directory, 'models', 'file.safetensors'))) process.exit(0)
await using http = createGuardedHttp({ allowPrivate: true })
await using lanes = new Lanes(1)
await bring(
  {
    http,
    lanes,
    hosts: new Hosts(8),
    bandwidth: { limited: false, take: () => Promise.resolve() },
    space: { require: () => Promise.resolve() },
    retryMs: 50,
    retries: 5,
    stallMs: 5_000,
    chunkBytes: 1024 * 1024,
    paths: { path, journal: `${path}.ranges`, bad: `${path}.bad` },
    boot: 'one boot',
    durable: true,
    signal: new AbortController().signal,
    onOpen: () => undefined,
    onAttempt: () => Promise.resolve(),
    onAnswer: () => Promise.resolve(),
  },
  { urls: [{ url }], folder: 'loras', filename: 'file.safetensors', expectedSha256, expectedBytes: null },
)
await link(path, join(directory, 'models', 'file.safetensors')).catch((cause: NodeJS.ErrnoException) => {
  if (cause.code !== 'EEXIST') throw cause
})
await rm(path)
await rm(`${path}.ranges`)
