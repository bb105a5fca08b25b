import { expect, test } from 'vitest'
import { loadConfig } from './config.ts'

const env = {
  EASEL_DATABASE_URL: 'postgres://easel:Zk8vQ2rTp9wLx4@localhost/easel',
  EASEL_NATS_URL: 'nats://localhost:4222',
  EASEL_REDIS_URL: 'redis://localhost:6379',
  EASEL_BLOBS: 'file:/var/lib/easel/blobs',
  EASEL_SECRET: '4f1d0c9b8a7e6d5c4b3a29180f7e6d5c',
}

test('four addresses and a secret are enough', () => {
  expect(loadConfig(env)).toMatchObject({
    listen: { host: '127.0.0.1', port: 8080 },
    limits: { jsonBytes: 20_000_000, uploadBytes: 2 * 2 ** 30 },
    corsOrigins: [],
    trustedProxies: [],
    bootstrap: { email: undefined, generate: false },
  })
})

test('every fault is told at once', () => {
  const faulty = {
    EASEL_CORS_ORIGINS: 'https://a.example/path',
    EASEL_ADMIN_EMAIL: 'nobody',
    EASEL_MAX_UPLOAD: 'much',
    EASEL_WEB_DIRECTORY: 'relative',
  }

  const load = () => loadConfig(faulty)

  for (const name of [...Object.keys(faulty), ...Object.keys(env)]) expect(load).toThrow(name)
})

test('webhooks go to no private network unless an admin names it', () => {
  const allowed = (text: string) =>
    loadConfig({ ...env, EASEL_WEBHOOK_ALLOW_PRIVATE: text }).webhooks.allowPrivate

  expect(loadConfig(env).webhooks.allowPrivate).toEqual([])
  expect([allowed('true'), allowed('false'), allowed('10.1.0.0/16, fd12::/16')]).toEqual([
    true,
    [],
    ['10.1.0.0/16', 'fd12::/16'],
  ])
  expect(() => allowed('10.1.0.0')).toThrow('EASEL_WEBHOOK_ALLOW_PRIVATE')
})
