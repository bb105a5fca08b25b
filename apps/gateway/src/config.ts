import {
  blobsConfig,
  databaseConfig,
  listenConfig,
  natsConfig,
  readConfig,
  redisConfig,
  runtimeConfig,
  secretConfig,
} from '@easel/config'
import type {
  BlobsConfig,
  DatabaseConfig,
  Env,
  ListenConfig,
  NatsConfig,
  Reader,
  RedisConfig,
  RuntimeConfig,
  Secret,
  SecretConfig,
} from '@easel/config'
import { addressPolicy } from '@easel/http'
import { usualDelaysMs } from './webhooks/back-off.ts'

export type BootstrapConfig = {
  readonly email: string | undefined
  readonly password: Secret | undefined
  readonly apiKey: Secret | undefined
  /** Makes what is missing of the three: standalone prints it once. */
  readonly generate: boolean
}

export type LimitsConfig = {
  readonly jsonBytes: number
  readonly uploadBytes: number
  /** Calls a minute of one user; 0 is no limit. */
  readonly callsPerUser: number
  readonly callsPerAddress: number
  /** Failed log-ins of an account, and of an address, in a quarter of an hour. */
  readonly loginsPerAccount: number
  readonly loginsPerAddress: number
  readonly socketsPerUser: number
  readonly sockets: number
}

export type WebhooksConfig = {
  /** `true`, or the networks that webhooks may go to beside the public ones. */
  readonly allowPrivate: boolean | readonly string[]
  /** The pause after a first failure, a second, …; the last stays. */
  readonly delaysMs: readonly number[]
  /** How long a delivery is tried, from its first attempt. */
  readonly patienceMs: number
  /** An attempt that nobody has told the end of by then counts as lost. Longer than an attempt may take. */
  readonly leaseMs: number
  /** A webhook that answered nothing but failures for so long is switched off. */
  readonly disableAfterMs: number
  readonly keepDeliveredMs: number
  readonly keepFailedMs: number
  /** Requests of one gateway that are under way at once. */
  readonly concurrency: number
}

export type GatewayConfig = {
  readonly listen: ListenConfig
  readonly database: DatabaseConfig & { readonly poolSize: number }
  readonly nats: NatsConfig & { readonly prefix: string }
  readonly redis: RedisConfig & { readonly prefix: string }
  readonly blobs: BlobsConfig
  /** Sends browsers to presigned URLs of the object store instead of streaming. */
  readonly redirectToBlobs: boolean
  readonly runtime: RuntimeConfig
  /** Encrypts the signing secrets of webhooks. */
  readonly secret: SecretConfig
  readonly webhooks: WebhooksConfig
  readonly limits: LimitsConfig
  readonly bootstrap: BootstrapConfig
  /** As browsers see this server, where a proxy stands before it. */
  readonly publicUrl: string | undefined
  readonly corsOrigins: readonly string[]
  readonly trustedProxies: readonly string[]
  readonly sessionMs: number
  /** A built web page to serve at `/`. */
  readonly webDirectory: string | undefined
}

export function loadConfig(env: Env): GatewayConfig {
  return readConfig(env, gatewaySettings)
}

export function gatewaySettings(read: Reader): GatewayConfig {
  return {
    listen: listenConfig(read),
    database: {
      ...databaseConfig(read),
      poolSize: read.integer('EASEL_GATEWAY_POOL_SIZE', {
        default: 10,
        min: 2,
        max: 200,
        help: 'Postgres connections of one gateway.',
      }),
    },
    nats: { ...natsConfig(read), prefix: '' },
    redis: { ...redisConfig(read), prefix: 'easel:' },
    blobs: blobsConfig(read),
    redirectToBlobs: read.flag('EASEL_BLOBS_REDIRECT', {
      default: false,
      help: 'With S3: send browsers to presigned URLs. They must be able to reach the endpoint.',
    }),
    runtime: runtimeConfig(read),
    secret: secretConfig(read),
    webhooks: webhooksConfig(read),
    limits: limitsConfig(read),
    bootstrap: bootstrapConfig(read),
    publicUrl: read.url('EASEL_PUBLIC_URL', {
      optional: true,
      protocols: ['http', 'https'],
      help: 'The address in the browser, where a proxy stands before the gateway. https:// makes cookies secure.',
    }),
    corsOrigins: read.list('EASEL_CORS_ORIGINS', {
      default: [],
      item: isOrigin,
      rule: 'must be a comma list of origins such as https://studio.example.com',
      help: 'Origins of other web pages that may call the API from a browser.',
    }),
    trustedProxies: read.list('EASEL_TRUSTED_PROXIES', {
      default: [],
      help: 'Addresses or CIDR blocks of proxies whose X-Forwarded-* headers are believed.',
    }),
    sessionMs: read.duration('EASEL_SESSION_TIME', {
      default: '30d',
      help: 'How long a log-in lasts after its last use.',
    }),
    webDirectory: read.path('EASEL_WEB_DIRECTORY', {
      optional: true,
      help: 'A built web page to serve at /.',
    }),
  }
}

function limitsConfig(read: Reader): LimitsConfig {
  const count = (name: string, normal: number, help: string) =>
    read.integer(name, { default: normal, min: 0, max: 100_000_000, help })
  return {
    jsonBytes: read.bytes('EASEL_MAX_JSON', { default: '20MB' }),
    uploadBytes: read.bytes('EASEL_MAX_UPLOAD', { default: '2GiB', help: 'The largest file to upload.' }),
    callsPerUser: count('EASEL_CALLS_PER_MINUTE', 60_000, 'Calls of one user in a minute; 0 is no limit.'),
    callsPerAddress: count(
      'EASEL_ANONYMOUS_CALLS_PER_MINUTE',
      600,
      'Calls without credentials of one address in a minute; 0 is no limit.',
    ),
    loginsPerAccount: count(
      'EASEL_LOGINS_PER_ACCOUNT',
      10,
      'Failed log-ins of an account in a quarter of an hour.',
    ),
    loginsPerAddress: count(
      'EASEL_LOGINS_PER_ADDRESS',
      50,
      'Failed log-ins of an address in a quarter of an hour.',
    ),
    socketsPerUser: count(
      'EASEL_SOCKETS_PER_USER',
      100,
      'Open event streams of one user, on one gateway; 0 is no limit.',
    ),
    sockets: count('EASEL_SOCKETS', 10_000, 'Open event streams of one gateway; 0 is no limit.'),
  }
}

function webhooksConfig(read: Reader): WebhooksConfig {
  const networks = read.list('EASEL_WEBHOOK_ALLOW_PRIVATE', {
    default: ['false'],
    item: (text) => text === 'true' || text === 'false' || isNetwork(text),
    rule: 'must be true, false, or a comma list of networks such as 10.1.0.0/16',
    help: 'May webhooks go to this machine and private networks? Everyone who may make one can then reach them.',
  })
  return {
    allowPrivate: networks.includes('true') || networks.filter((network) => network !== 'false'),
    delaysMs: usualDelaysMs,
    patienceMs: read.duration('EASEL_WEBHOOK_PATIENCE', {
      default: '24h',
      help: 'How long a delivery is tried again.',
    }),
    leaseMs: 25_000,
    disableAfterMs: read.duration('EASEL_WEBHOOK_DISABLE_AFTER', {
      default: '3d',
      help: 'A webhook that answers nothing but failures for so long is switched off.',
    }),
    keepDeliveredMs: read.duration('EASEL_WEBHOOK_KEEP_DELIVERED', {
      default: '7d',
      help: 'How long the log keeps deliveries that arrived.',
    }),
    keepFailedMs: read.duration('EASEL_WEBHOOK_KEEP_FAILED', {
      default: '30d',
      help: 'How long the log keeps deliveries that failed.',
    }),
    concurrency: read.integer('EASEL_WEBHOOK_CONCURRENCY', {
      default: 100,
      min: 1,
      max: 10_000,
      help: 'Deliveries of one gateway that are under way at once.',
    }),
  }
}

function isNetwork(text: string): boolean {
  try {
    addressPolicy([text])
    return true
  } catch {
    return false
  }
}

function bootstrapConfig(read: Reader): BootstrapConfig {
  return {
    email: read.optional('EASEL_ADMIN_EMAIL', {
      pattern: /^[^\s@]+@[^\s@]+$/,
      rule: 'must be an e-mail address',
      help: 'The first account, made at the first start only.',
    }),
    password: read.secret('EASEL_ADMIN_PASSWORD', {
      optional: true,
      minLength: 8,
      help: 'Its password.',
    }),
    apiKey: read.secret('EASEL_BOOTSTRAP_API_KEY', {
      optional: true,
      minLength: 36,
      help: 'Its first API key: esl_ and 32 or more letters and digits.',
    }),
    generate: read.standalone,
  }
}

function isOrigin(text: string): boolean {
  return URL.parse(text)?.origin === text
}
