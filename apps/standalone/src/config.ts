import { readConfig } from '@easel/config'
import { resolve } from 'node:path'
import type { Env, Reader } from '@easel/config'

export type StandaloneConfig = ReturnType<typeof loadConfig>

/** Every other setting has its default here: standalone starts with an empty environment. */
export function loadConfig(env: Env) {
  return readConfig({ ...env, EASEL_STANDALONE: 'true' }, readSettings)
}

export function readSettings(read: Reader) {
  return {
    home: resolve(
      read.string('EASEL_HOME', {
        default: '.easel',
        help: 'Where everything is kept: database, blobs, models.',
      }),
    ),
    host: read.string('EASEL_HOST', { default: '127.0.0.1', help: 'The address to listen on.' }),
    port: read.port('EASEL_PORT', { default: 8080, help: 'The port to listen on; 0 takes a free one.' }),
    comfyUrls: read
      .string('EASEL_COMFYUI_URLS', {
        default: '',
        help: 'Comma list of ComfyUI servers. Left out: the one on 127.0.0.1:8188, else the simulator.',
      })
      .split(',')
      .map((url) => url.trim())
      .filter(Boolean),
    servers: {
      postgres: read.secretUrl('EASEL_DATABASE_URL', {
        optional: true,
        help: 'A Postgres to use. Left out: one is started.',
      }),
      nats: read.secretUrl('EASEL_NATS_URL', {
        optional: true,
        help: 'A NATS with JetStream to use. Left out: one is started.',
        list: true,
      }),
      redis: read.secretUrl('EASEL_REDIS_URL', {
        optional: true,
        help: 'A Redis to use. Left out: one is started.',
      }),
    },
    first: readFirst(read),
    mayInstall: !read.flag('EASEL_NO_INSTALL', {
      default: false,
      help: 'Never install a missing server program.',
    }),
    logLevel: read.oneOf('EASEL_LOG_LEVEL', ['debug', 'info', 'warn', 'error'] as const, {
      default: 'warn',
      help: 'The least level to log.',
    }),
  }
}

/** Checked before anything is kept: a first start that is refused must not spoil the next. */
function readFirst(read: Reader) {
  const apiKey = read.secret('EASEL_BOOTSTRAP_API_KEY', {
    optional: true,
    help: 'The first API key, esl_ and 32 or more letters and digits. Left out: one is made. First start only.',
  })
  if (apiKey && !/^esl_[0-9A-Za-z]{32,200}$/.test(apiKey.reveal())) {
    read.fault('EASEL_BOOTSTRAP_API_KEY', 'must be esl_ and 32 to 200 letters and digits')
  }
  return {
    apiKey,
    adminEmail: read.optional('EASEL_ADMIN_EMAIL', {
      pattern: /^[^\s@]+@[^\s@]+$/,
      rule: 'must be an e-mail address',
      help: 'The first account. First start only.',
    }),
    adminPassword: read.secret('EASEL_ADMIN_PASSWORD', {
      optional: true,
      minLength: 8,
      help: 'Its password. Left out: one is made. First start only.',
    }),
    secret: read.secret('EASEL_SECRET', {
      optional: true,
      minLength: 32,
      help: 'Encrypts stored keys. Left out: one is made. First start only.',
    }),
  }
}
