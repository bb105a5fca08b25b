import { fileURLToPath } from 'node:url'
import { isAbsolute } from 'node:path'
import type { Reader } from './reader.ts'
import type { Secret } from './secret.ts'

type Maybe = { readonly optional: true }

export type DatabaseConfig = { readonly url: Secret }
export type NatsConfig = { readonly url: Secret; readonly credentialsFile: string | undefined }
export type RedisConfig = { readonly url: Secret }
export type SecretConfig = { readonly secret: Secret; readonly previous: readonly Secret[] }
export type S3Credentials = { readonly accessKeyId: string; readonly secretAccessKey: Secret }
export type BlobsConfig =
  | { readonly kind: 'directory'; readonly path: string }
  | {
      readonly kind: 's3'
      readonly bucket: string
      /** Goes before every key; ends with `/` unless empty. */
      readonly prefix: string
      readonly region: string
      /** Undefined is AWS itself. */
      readonly endpoint: string | undefined
      readonly pathStyle: boolean
      /** Undefined leaves it to the machine's role. */
      readonly credentials: S3Credentials | undefined
    }
export type RuntimeConfig = {
  readonly logLevel: (typeof logLevels)[number]
  readonly logPretty: boolean
  readonly health: { readonly host: string; readonly port: number }
  readonly graceMs: number
}
export type ListenConfig = { readonly host: string; readonly port: number }

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

export function databaseConfig(read: Reader): DatabaseConfig
export function databaseConfig(read: Reader, maybe: Maybe): Partial<DatabaseConfig>
export function databaseConfig(read: Reader, maybe?: Maybe): Partial<DatabaseConfig> {
  const help = 'The Postgres database. Each service keeps to its own schema in it.'
  return {
    url: read.secretUrl('EASEL_DATABASE_URL', { ...maybe, help, protocols: ['postgres', 'postgresql'] }),
  }
}

export function natsConfig(read: Reader): NatsConfig
export function natsConfig(read: Reader, maybe: Maybe): Partial<NatsConfig>
export function natsConfig(read: Reader, maybe?: Maybe): Partial<NatsConfig> {
  return {
    url: read.secretUrl('EASEL_NATS_URL', {
      ...maybe,
      help: 'The NATS servers, with JetStream on.',
      protocols: ['nats', 'tls', 'ws', 'wss'],
      list: true,
    }),
    credentialsFile: read.path('EASEL_NATS_CREDENTIALS_FILE', {
      optional: true,
      help: 'A NATS .creds file, where the servers use accounts.',
    }),
  }
}

export function redisConfig(read: Reader): RedisConfig
export function redisConfig(read: Reader, maybe: Maybe): Partial<RedisConfig>
export function redisConfig(read: Reader, maybe?: Maybe): Partial<RedisConfig> {
  const help = 'The Redis server: rate limits and caches, nothing that must last.'
  return { url: read.secretUrl('EASEL_REDIS_URL', { ...maybe, help, protocols: ['redis', 'rediss'] }) }
}

/** The secret that stored keys are encrypted with, and those it was before. */
export function secretConfig(read: Reader): SecretConfig
export function secretConfig(read: Reader, maybe: Maybe): Partial<SecretConfig>
export function secretConfig(read: Reader, maybe?: Maybe): Partial<SecretConfig> {
  const secret = read.secret('EASEL_SECRET', {
    ...maybe,
    minLength: 32,
    help: 'Encrypts stored keys. Keep it: without it they are lost. `openssl rand -hex 32` makes one.',
  })
  const previous = read.secret('EASEL_SECRET_PREVIOUS', {
    optional: true,
    minLength: 32,
    help: 'The EASEL_SECRET of before a rotation: still opens what it sealed, seals nothing new.',
  })
  return { secret, previous: previous ? [previous] : [] }
}

/** `EASEL_BLOBS`: `file:/var/lib/easel/blobs` or `s3://bucket/prefix?region=…&endpoint=https://…&pathStyle=true`. */
export function blobsConfig(read: Reader): BlobsConfig
export function blobsConfig(read: Reader, maybe: Maybe): BlobsConfig | undefined
export function blobsConfig(read: Reader, maybe?: Maybe): BlobsConfig | undefined {
  const help =
    'Where bytes are kept: file:/absolute/folder or s3://bucket/prefix?region=…&endpoint=https://…&pathStyle=true.'
  return storeConfig(read, 'EASEL_BLOBS', { ...maybe, help })
}

/** `EASEL_HUB`, in the same form: where each content of a model is kept once. */
export function hubConfig(read: Reader): BlobsConfig | undefined {
  const help =
    'Where contents of models are kept once, in the form of EASEL_BLOBS. Left out: below the models folder; with S3: there, too.'
  return storeConfig(read, 'EASEL_HUB', { optional: true, help })
}

function storeConfig(
  read: Reader,
  name: string,
  options: { optional?: true; help: string },
): BlobsConfig | undefined {
  const text = read.url(name, { ...(options as Maybe), help: options.help, protocols: ['file', 's3'] })
  const accessKeyId = read.optional('EASEL_S3_ACCESS_KEY_ID', {
    help: 'Without it the role of the machine is used.',
  })
  const secretAccessKey = read.secret('EASEL_S3_SECRET_ACCESS_KEY', {
    optional: true,
    help: 'Goes with the key id.',
  })
  if ((accessKeyId === undefined) !== (secretAccessKey === undefined)) {
    read.fault('EASEL_S3_ACCESS_KEY_ID', 'must be set together with EASEL_S3_SECRET_ACCESS_KEY')
  }
  if (text === undefined) return undefined
  const credentials = accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey } : undefined
  const url = new URL(text)
  if (url.protocol === 's3:') return s3From(read, { name, url, credentials })
  // Anything else is the stand-in of a setting that is missing or faulty, which is on the list already.
  return url.protocol === 'file:' ? directoryFrom(read, name, text) : { kind: 'directory', path: '/' }
}

function directoryFrom(read: Reader, name: string, text: string): BlobsConfig {
  const path = decodePath(text)
  if (path === undefined) read.fault(name, 'must name an absolute folder, as in file:/var/lib/easel/blobs')
  return { kind: 'directory', path: path ?? '/' }
}

function decodePath(text: string): string | undefined {
  // `file:blobs` parses as `file:///blobs`, which is not what was meant.
  if (!/^file:\//i.test(text)) return undefined
  try {
    const path = fileURLToPath(text)
    return isAbsolute(path) && path !== '/' ? path : undefined
  } catch {
    // Another host, or a separator in disguise (%2F): no path of this machine.
    return undefined
  }
}

function s3From(
  read: Reader,
  { name, url, credentials }: { name: string; url: URL; credentials: S3Credentials | undefined },
): BlobsConfig {
  const { searchParams } = url
  const known = new Set(['region', 'endpoint', 'pathStyle'])
  const endpoint = searchParams.get('endpoint') ?? undefined
  const faulty =
    !/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(url.hostname) ||
    url.username !== '' ||
    [...searchParams.keys()].some((key) => !known.has(key)) ||
    (endpoint !== undefined && !/^https?:$/.test(URL.parse(endpoint)?.protocol ?? ''))
  if (faulty) read.fault(name, 'must be s3://bucket/prefix with region, endpoint and pathStyle at most')
  const prefix = decodeURIComponent(url.pathname).replace(/^\/+|\/+$/g, '')
  return {
    kind: 's3',
    bucket: url.hostname,
    prefix: prefix === '' ? '' : `${prefix}/`,
    region: searchParams.get('region') ?? 'us-east-1',
    endpoint,
    pathStyle: searchParams.get('pathStyle') === 'true' || searchParams.get('pathStyle') === '1',
    credentials,
  }
}

/** Where the public server listens. */
export function listenConfig(read: Reader): ListenConfig {
  return {
    host: read.string('EASEL_HOST', { default: '127.0.0.1', help: 'The address to listen on.' }),
    port: read.port('EASEL_PORT', { default: 8080, help: 'The port to listen on; 0 takes a free one.' }),
  }
}

/** What every process has: a log, a health server, an end. */
export function runtimeConfig(read: Reader): RuntimeConfig {
  return {
    logLevel: read.oneOf('EASEL_LOG_LEVEL', logLevels, { default: 'info', help: 'The least level to log.' }),
    logPretty: read.flag('EASEL_LOG_PRETTY', { default: false, help: 'Lines for people instead of JSON.' }),
    health: {
      host: read.string('EASEL_HEALTH_HOST', {
        default: '127.0.0.1',
        help: 'The address of the health server.',
      }),
      port: read.port('EASEL_HEALTH_PORT', { default: 9090, help: 'Serves /healthz, /readyz and /metrics.' }),
    },
    graceMs: read.duration('EASEL_GRACE', {
      default: '25s',
      help: 'How long a stop may take before it is cut short.',
    }),
  }
}
