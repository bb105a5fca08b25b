import {
  blobsConfig,
  databaseConfig,
  listenConfig,
  natsConfig,
  readConfig,
  redisConfig,
  runtimeConfig,
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
} from '@easel/config'

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

export type GatewayConfig = {
  readonly listen: ListenConfig
  readonly database: DatabaseConfig & { readonly poolSize: number }
  readonly nats: NatsConfig & { readonly prefix: string }
  readonly redis: RedisConfig & { readonly prefix: string }
  readonly blobs: BlobsConfig
  /** Sends browsers to presigned URLs of the object store instead of streaming. */
  readonly redirectToBlobs: boolean
  readonly runtime: RuntimeConfig
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
