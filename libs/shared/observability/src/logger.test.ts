import { expect, test } from 'vitest'
import { AppError } from '@easel/protocol'
import { createLogger, runWithTrace } from './index.ts'
import type { LoggerOptions } from './index.ts'

function capture(options: Partial<LoggerOptions> = {}) {
  const lines: string[] = []
  const log = createLogger({
    service: 'test',
    level: 'trace',
    destination: { write: (line) => lines.push(line) },
    ...options,
  })
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? '') as Record<string, unknown> }
}

test('writes one JSON line with level, time, service and fields', () => {
  const { log, lines, last } = capture()

  log.info({ jobId: 'j1', count: 3, none: null }, 'job %s settled', 'j1')

  expect(lines.join('')).toMatch(/^\{.*\}\n$/)
  expect(last()).toMatchObject({
    level: 'info',
    service: 'test',
    jobId: 'j1',
    count: 3,
    none: null,
    msg: 'job j1 settled',
  })
  expect(Date.parse(String(last().time))).not.toBeNaN()
})

test.each([
  { authorization: 'Bearer hunter2hunter2' },
  { headers: { Cookie: 'easel_session=hunter2', 'X-Api-Key': 'hunter2' } },
  { a: { b: { c: [{ password: 'hunter2' }] } } },
  { apiKey: 'hunter2', api_key: 'hunter2', token: 'hunter2', accessToken: 'hunter2', secret: 'hunter2' },
  { secretAccessKey: 'hunter2', clientSecret: 'hunter2', hfToken: 'hunter2', EASEL_SECRET: 'hunter2' },
  { token: { value: 'hunter2' } },
  { url: 'postgres://easel:hunter2@db/easel' },
  { url: new URL('https://user:hunter2@example.com/') },
  { url: 'https://example.com/x?token=hunter2&a=1' },
  { url: 'https://s3/x?X-Amz-Signature=hunter2' },
  { err: new Error('cannot connect to redis://:hunter2@cache:6379') },
  { err: new Error('outer', { cause: new Error('amqp://a:hunter2@b') }) },
  { err: Object.assign(new Error('http'), { config: { headers: { authorization: 'hunter2' } } }) },
  {
    err: new AppError('internal', 'x', {
      details: { password: 'hunter2' },
      cause: new Error('http://a:hunter2@b'),
    }),
  },
  { list: new Map([['url', 'http://a:hunter2@b']]) },
  { key: 'esl_hunter2hunter2hunter2hunter2' },
])('keeps secrets out of %o', (fields) => {
  const { log, lines } = capture()

  log.error(fields, 'failed')

  expect(lines.join('')).not.toContain('hunter2')
  expect(lines.join('')).toContain('[secret]')
})

test('keeps secrets out of messages, child bindings and bare errors', () => {
  const { log, lines } = capture()

  log.info('connecting to %s', 'nats://easel:hunter2@bus:4222')
  log.child({ password: 'hunter2', url: 'http://a:hunter2@b' }).info('x')
  log.error(new Error('no answer from https://a:hunter2@b'))

  expect(lines.join('')).not.toContain('hunter2')
  expect(lines.map((line) => typeof JSON.parse(line))).toEqual(['object', 'object', 'object'])
})

test('counts and flags with such names are shown', () => {
  const { log, last } = capture()

  log.info({ token: 5, secret: true, tokens: 'many', passed: 'x' })

  expect(last()).toMatchObject({ token: 5, secret: true, tokens: 'many', passed: 'x' })
})

test('an error is logged with type, code, stack and cause', () => {
  const { log, last } = capture()

  log.error({
    err: new AppError('conflict', 'Taken', { reason: 'MODEL_EXISTS', cause: new TypeError('inner') }),
  })

  expect(last().err).toMatchObject({
    type: 'AppError',
    message: 'Taken',
    code: 'conflict',
    cause: { type: 'TypeError' },
  })
  expect(last().err).toHaveProperty('stack', expect.stringContaining('logger.test.ts'))
})

test('whatever is logged, the line is one, bounded and readable', () => {
  const { log, lines } = capture()
  const ring: Record<string, unknown> = {}
  ring.self = ring
  const hostile = {
    text: 'a\n{"level":"fatal"}\u001b[2J',
    long: 'x'.repeat(1_000_000),
    many: Array.from({ length: 10_000 }, (_, index) => index),
    bytes: Buffer.alloc(1_000_000),
    ring,
    big: 1n,
    ['__proto__']: 1,
    get broken(): string {
      throw new Error('no')
    },
  }

  log.info(hostile, 'x')

  expect(lines).toHaveLength(1)
  expect(lines[0]?.indexOf('\n')).toBe((lines[0]?.length ?? 0) - 1)
  expect(lines[0]?.length).toBeLessThan(30_000)
  expect(() => JSON.parse(lines[0] ?? '') as unknown).not.toThrow()
})

test('lines carry the trace they belong to', () => {
  const { log, last } = capture()

  runWithTrace({ traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }, () =>
    log.info('x'),
  )

  expect(last()).toMatchObject({ traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' })
})

test('pretty lines are for people and cannot steer a terminal', () => {
  const { log, lines } = capture({ pretty: true })

  log.warn({ port: 8080, note: 'two words' }, 'up\u001b[2J')
  log.error({ err: new Error('boom') }, 'failed')

  expect(lines[0]).toMatch(
    /^\d\d:\d\d:\d\d\.\d{3} {2}WARN {3}test {2}up\\u001b\[2J {2}port=8080 {2}note="two words"\n$/,
  )
  expect(lines[1]).toContain('\nError: boom\n    at ')
})

test('a line below the level costs nothing and is not written', () => {
  const { log, lines } = capture({ level: 'warn' })

  log.info('x')

  expect(lines).toEqual([])
})
