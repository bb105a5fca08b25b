import { expect, test } from 'vitest'
import {
  ConfigError,
  blobsConfig,
  databaseConfig,
  listSettings,
  natsConfig,
  readConfig,
  redisConfig,
} from './index.ts'
import { listenConfig, runtimeConfig, secretConfig } from './index.ts'
import type { Env, Reader } from './index.ts'

const strong = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'
const all = (read: Reader) => ({
  database: databaseConfig(read),
  nats: natsConfig(read),
  redis: redisConfig(read),
  blobs: blobsConfig(read),
  sealing: secretConfig(read),
  listen: listenConfig(read),
  runtime: runtimeConfig(read),
})
const good = {
  EASEL_DATABASE_URL: 'postgres://easel:k8Jq2vTz@db/easel',
  EASEL_NATS_URL: 'nats://a:4222, nats://b:4222',
  EASEL_REDIS_URL: 'redis://cache:6379',
  EASEL_BLOBS: 'file:/var/lib/easel/blobs',
  EASEL_SECRET: strong,
}

function faultsOf(env: Env): readonly string[] {
  try {
    readConfig(env, all)
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
  return []
}

test('reads what every process needs', () => {
  const config = readConfig(good, all)

  expect(config.nats.url.reveal()).toBe('nats://a:4222, nats://b:4222')
  expect(config.blobs).toEqual({ kind: 'directory', path: '/var/lib/easel/blobs' })
  expect(config.listen).toEqual({ host: '127.0.0.1', port: 8080 })
  expect(config.runtime.graceMs).toBe(25_000)
  expect(JSON.stringify(config)).not.toContain('k8Jq2vTz')
})

test('refuses to start with nothing set, naming each setting once', () => {
  expect(faultsOf({}).map((fault) => fault.split(':')[0])).toEqual([
    'EASEL_DATABASE_URL',
    'EASEL_NATS_URL',
    'EASEL_REDIS_URL',
    'EASEL_BLOBS',
    'EASEL_SECRET',
  ])
})

test.each([
  { EASEL_DATABASE_URL: 'postgres://postgres:postgres@db/easel' },
  { EASEL_DATABASE_URL: 'postgres://easel:ch%61ngeme@db/easel' },
  { EASEL_NATS_URL: 'nats://a:4222,nats://easel:password@b:4222' },
  { EASEL_REDIS_URL: 'redis://:redis@cache' },
  { EASEL_SECRET: 'change-me-change-me-change-me-change-me' },
  { EASEL_SECRET: 'short' },
  { EASEL_SECRET_PREVIOUS: 'short' },
  { EASEL_DATABASE_URL: 'mysql://db/easel' },
])('refuses default and weak secrets: %o', (bad) => {
  expect(faultsOf({ ...good, ...bad })).toHaveLength(1)
})

test('standalone may use well-known passwords and leave out what it makes itself', () => {
  const env = { EASEL_STANDALONE: 'true', EASEL_DATABASE_URL: 'postgres://postgres:postgres@127.0.0.1/easel' }

  const config = readConfig(env, (read) => [databaseConfig(read), secretConfig(read, { optional: true })])

  expect(config[1]).toEqual({ secret: undefined, previous: [] })
})

test('reads an S3 store', () => {
  const env = {
    EASEL_BLOBS: 's3://studio/team/a?region=eu-central-1&endpoint=https://s3.example.com&pathStyle=true',
    EASEL_S3_ACCESS_KEY_ID: 'id',
    EASEL_S3_SECRET_ACCESS_KEY: 'q7Zr!x0Lm2',
  }

  expect(readConfig(env, blobsConfig)).toMatchObject({
    kind: 's3',
    bucket: 'studio',
    prefix: 'team/a/',
    region: 'eu-central-1',
    endpoint: 'https://s3.example.com',
    pathStyle: true,
    credentials: { accessKeyId: 'id' },
  })
})

test.each([
  'file:blobs',
  'file://server/share',
  'file:/',
  'file:/a%2Fb',
  's3://Bad_Bucket/x',
  's3://b/x',
  's3://bucket?endpoint=ftp://x',
  's3://bucket?secret=1',
  's3://key:secret@bucket/x',
  '/var/lib/blobs',
])('refuses %s as a place for blobs', (text) => {
  expect(faultsOf({ ...good, EASEL_BLOBS: text })).toHaveLength(1)
})

test('half of an S3 credential is a fault', () => {
  expect(faultsOf({ ...good, EASEL_S3_ACCESS_KEY_ID: 'id' })).toEqual([
    'EASEL_S3_ACCESS_KEY_ID: must be set together with EASEL_S3_SECRET_ACCESS_KEY',
  ])
})

test('every shared setting says what it is for', () => {
  expect(listSettings(all).filter(({ help }) => help === '')).toEqual([])
})
