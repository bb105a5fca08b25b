import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectBus, createClient } from '@easel/bus'
import { catalog } from '@easel/contracts'
import { freePort, startServers } from '@easel/embedded'
import { waitFor } from '@easel/testing'
import { ServiceProcess } from '../../tools/cluster/service-process.ts'
import type { ScanView } from '@easel/contracts'

export type ScannedFolder = { first: ScanView; again: ScanView; peakMiB: number }

/** A catalog of its own, with an empty database, over a folder: the first scan of it and a second one. */
export async function scanFolder(directory: string): Promise<ScannedFolder> {
  await using stack = new AsyncDisposableStack()
  const home = await mkdtemp(join(tmpdir(), 'easel-bench-scan-'))
  stack.defer(() => rm(home, { recursive: true, force: true }))
  const { urls } = stack.use(await startServers({ home }))
  const health = await freePort()
  const healthUrl = `http://127.0.0.1:${health}`
  const service = stack.use(
    new ServiceProcess({
      name: 'catalog',
      entry: 'apps/catalog/dist/main.js',
      healthUrl,
      env: {
        EASEL_DATABASE_URL: urls.postgres,
        EASEL_NATS_URL: urls.nats,
        EASEL_MODELS_DIR: directory,
        EASEL_BLOBS: `file:${join(home, 'blobs')}`,
        EASEL_CIVITAI_URL: 'http://127.0.0.1:9',
        EASEL_HF_URL: 'http://127.0.0.1:9',
        EASEL_LIBRARY_RESCAN: '1h',
        EASEL_HEALTH_PORT: String(health),
        EASEL_LOG_LEVEL: 'error',
        EASEL_STANDALONE: '1',
      },
    }),
  )
  await service.start()
  const bus = stack.use(await connectBus({ url: urls.nats, name: 'bench', log: console }))
  const client = createClient(bus, catalog)
  const personalSpaceId = randomUUID()
  const actor = {
    userId: randomUUID(),
    role: 'member' as const,
    personalSpaceId,
    spaces: { [personalSpaceId]: 'owner' as const },
    scopes: [],
  }
  const scanAfter = (before: ScanView | undefined) =>
    waitFor(
      async () => {
        const { scan } = await client.getStats({}, { actor, timeoutMs: 30_000 })
        const done = scan.state === 'idle' && scan.finishedAt && scan.startedAt !== before?.startedAt
        return done ? scan : undefined
      },
      { timeoutMs: 600_000 },
    )
  const first = await scanAfter(undefined)
  const status = await readFile(`/proc/${service.pid}/status`, 'utf8')
  const peak = /^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]
  await client.scan({}, { actor })
  return { first, again: await scanAfter(first), peakMiB: Number(peak) / 1024 }
}

export const secondsOf = ({ startedAt, finishedAt }: ScanView): number =>
  (Date.parse(finishedAt!) - Date.parse(startedAt!)) / 1_000
