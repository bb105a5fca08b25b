import { expect, test } from 'vitest'
import { loadConfig } from './config.ts'

const env = {
  EASEL_DATABASE_URL: 'postgres://easel:Zk8vQ2rTp9wLx4@localhost/easel',
  EASEL_NATS_URL: 'nats://localhost:4222',
  EASEL_REDIS_URL: 'redis://localhost:6379',
  EASEL_BLOBS: 'file:/var/lib/easel/blobs',
}

test('four addresses are enough', () => {
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
