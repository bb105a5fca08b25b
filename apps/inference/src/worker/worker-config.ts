import { createHash } from 'node:crypto'
import { hostname } from 'node:os'
import { blobsConfig, natsConfig, readConfig, runtimeConfig, Secret } from '@easel/config'
import type { BlobsConfig, Env, NatsConfig, Reader, RuntimeConfig } from '@easel/config'
import { modelCacheConfig } from './models/model-cache-config.ts'
import type { ModelCacheConfig } from './models/model-cache-config.ts'

/** One worker: it serves one ComfyUI. */
export type WorkerConfig = {
  readonly id: string
  /** May hold a name and password. */
  readonly comfyUrl: Secret
  readonly pool: string
  readonly labels: readonly string[]
  readonly runSlots: number
  readonly prefetchSlots: number
  /** What an hour of its GPU costs, in millionths of a dollar; null: unknown. */
  readonly costMicrosPerHour: number | null
  /** How long a ComfyUI that takes connections may leave a run without a sign of life. */
  readonly stallMs: number
  readonly maxOutputBytes: number
  readonly nats: NatsConfig & { readonly prefix: string }
  readonly blobs: BlobsConfig
  /** Where models are fetched to; undefined: they are where ComfyUI is, or they are not. */
  readonly modelCache: ModelCacheConfig | undefined
  readonly runtime: RuntimeConfig
}

/** A worker for each of `EASEL_COMFYUI_URLS`. `host` goes into ids that are not set. */
export function loadWorkerConfig(env: Env, host = hostname()): readonly WorkerConfig[] {
  return readConfig(env, (read) => workerSettings(read, host))
}

export function workerSettings(read: Reader, host: string): readonly WorkerConfig[] {
  const urls = read
    .secretUrl('EASEL_COMFYUI_URLS', {
      protocols: ['http', 'https'],
      list: true,
      help: 'The ComfyUI servers to work with, with commas; each gets a worker of its own.',
    })
    .reveal()
    .split(',')
    .map((url) => url.trim())
    .filter(Boolean)
  const name = read.optional('EASEL_WORKER_ID', {
    pattern: /^[A-Za-z0-9_-]{1,60}$/,
    rule: 'must be 1 to 60 letters, digits, _ and -',
    help: 'Stable name of this worker. Left out: made from the host and the address of its ComfyUI.',
  })
  const settings = sharedSettings(read)
  if (new Set(urls).size < urls.length) read.fault('EASEL_COMFYUI_URLS', 'must name each server once')
  return urls.map((url, index) => ({
    ...settings,
    id: name === undefined ? idOf(host, url) : urls.length === 1 ? name : `${name}-${index + 1}`,
    comfyUrl: new Secret(url),
  }))
}

function sharedSettings(read: Reader): Omit<WorkerConfig, 'id' | 'comfyUrl'> {
  return {
    pool: read.string('EASEL_WORKER_POOL', {
      default: 'default',
      pattern: /^[a-z0-9][a-z0-9-]{0,62}$/,
      rule: 'must be small letters, digits and -',
      help: 'The pool whose jobs this worker takes.',
    }),
    labels: read.list('EASEL_WORKER_LABELS', {
      default: [],
      help: 'What jobs may ask of their worker, with commas.',
    }),
    runSlots: read.integer('EASEL_WORKER_RUN_SLOTS', {
      default: 1,
      min: 1,
      max: 16,
      help: 'Jobs that one ComfyUI is given at once. It runs one after the other.',
    }),
    prefetchSlots: read.integer('EASEL_WORKER_PREFETCH_SLOTS', {
      default: 1,
      min: 0,
      max: 16,
      help: 'Jobs held ready beside them. More are held by itself while they are very short.',
    }),
    costMicrosPerHour: microsOf(
      read.optional('EASEL_WORKER_COST_PER_HOUR', {
        pattern: /^\d{1,6}(\.\d{1,6})?$/,
        rule: 'must be dollars, as in 1.99',
        help: 'What an hour of the GPU of this worker costs, in dollars. Jobs are charged by it.',
      }),
    ),
    stallMs: read.duration('EASEL_COMFYUI_STALL_TIME', {
      default: '30s',
      help: 'A ComfyUI that gives no sign for so long during a run is given up, and the job goes elsewhere.',
    }),
    maxOutputBytes: read.bytes('EASEL_MAX_OUTPUT', { default: '8GiB', help: 'The largest file to keep.' }),
    nats: { ...natsConfig(read), prefix: '' },
    blobs: blobsConfig(read),
    modelCache: modelCacheConfig(read),
    runtime: runtimeConfig(read),
  }
}

const microsOf = (dollars: string | undefined): number | null =>
  dollars === undefined ? null : Math.round(Number(dollars) * 1_000_000)

/** The same after a restart, so that a new process finds what the old one held. */
function idOf(host: string, url: string): string {
  const where = URL.parse(url)?.host ?? url
  const mark = createHash('sha256').update(`${host} ${where}`).digest('hex').slice(0, 8)
  const name = host.replace(/[^A-Za-z0-9_-]+/g, '-').slice(0, 48)
  return `${name || 'worker'}-${mark}`
}
