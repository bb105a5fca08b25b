import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { ConfigError, describeConfig, listSettings, readConfig, Secret } from './index.ts'
import type { Env, Reader } from './index.ts'

const strong = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'

function faultsOf(env: Env, build: (read: Reader) => unknown): readonly string[] {
  try {
    readConfig(env, build)
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
  return []
}

test('reads each kind of setting', () => {
  const env = {
    A_STRING: ' text ',
    A_PORT: '0',
    AN_INTEGER: '-3',
    A_URL: 'https://example.com/x',
    A_LIST: ' a, b ,,c ',
    A_FLAG: 'YES',
    A_SIZE: '4GiB',
    A_TIME: '30s',
    A_CHOICE: 'b',
    A_PATH: '/var/lib/easel',
    A_SECRET: strong,
  }

  const config = readConfig(env, (read) => ({
    string: read.string('A_STRING'),
    port: read.port('A_PORT'),
    integer: read.integer('AN_INTEGER', { min: -5, max: 5 }),
    url: read.url('A_URL', { protocols: ['https'] }),
    list: read.list('A_LIST'),
    flag: read.flag('A_FLAG'),
    bytes: read.bytes('A_SIZE'),
    duration: read.duration('A_TIME'),
    choice: read.oneOf('A_CHOICE', ['a', 'b']),
    path: read.path('A_PATH'),
    optional: read.optional('NOT_SET'),
    secret: read.secret('A_SECRET', { minLength: 32 }).reveal(),
  }))

  expect(config).toEqual({
    string: 'text',
    port: 0,
    integer: -3,
    url: 'https://example.com/x',
    list: ['a', 'b', 'c'],
    flag: true,
    bytes: 4 * 2 ** 30,
    duration: 30_000,
    choice: 'b',
    path: '/var/lib/easel',
    optional: undefined,
    secret: strong,
  })
})

test('a setting that is empty counts as not set', () => {
  expect(readConfig({ EASEL_PORT: '  ' }, (read) => read.port('EASEL_PORT', { default: 8080 }))).toBe(8080)
})

test('reports every fault at once, by name and rule, and never a value', () => {
  const env = { EASEL_PORT: 'hunter2', EASEL_URL: 'hunter2', EASEL_TIME: 'hunter2', EASEL_SECRET: 'hunter2' }

  const faults = faultsOf(env, (read) => [
    read.port('EASEL_PORT', { default: 8080 }),
    read.url('EASEL_URL', { protocols: ['http', 'https'] }),
    read.duration('EASEL_TIME', { default: '30s' }),
    read.secret('EASEL_SECRET', { minLength: 32 }),
    read.string('EASEL_NAME'),
  ])

  expect(faults).toEqual([
    'EASEL_PORT: must be a whole number from 0 to 65535',
    'EASEL_URL: must be a URL that starts with http: or https:',
    'EASEL_TIME: must be a time such as 250ms, 30s, 5m or 1d',
    'EASEL_SECRET: must be 32 or more characters long',
    'EASEL_NAME: is not set, and must be a text',
  ])
  expect(faults.join()).not.toContain('hunter2')
})

test('faults are told even when what is derived from a faulty setting fails', () => {
  const faults = faultsOf({ A: 'x' }, (read) => {
    read.port('A')
    throw new Error('derived from nonsense')
  })

  expect(faults).toEqual(['A: must be a whole number from 0 to 65535'])
})

test.each(['1e3', '0x10', '65536', '-1', '8080.5', '٣', 'Infinity', '8080 8081'])('%s is no port', (text) => {
  expect(faultsOf({ A: text }, (read) => read.port('A'))).toHaveLength(1)
})

test('a name of the prototype is an unset setting', () => {
  expect(readConfig({}, (read) => read.optional('NOT_THERE'))).toBeUndefined()
  expect(faultsOf({ A: '__proto__' }, (read) => read.oneOf('A', ['a', 'b']))).toHaveLength(1)
})

test.each([
  'changeme-changeme-changeme-changeme',
  'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
  '0123456789abcdef'.repeat(4),
])('refuses the weak secret %s', (text) => {
  expect(faultsOf({ A: text }, (read) => read.secret('A', { minLength: 32 }))).toHaveLength(1)
})

test('lets weak secrets pass in standalone', () => {
  const env = { A: 'changeme', EASEL_STANDALONE: '1' }

  expect(readConfig(env, (read) => read.secret('A')).reveal()).toBe('changeme')
})

test('no way of printing a secret shows it', () => {
  const secret = new Secret('hunter2')

  const printed = [
    JSON.stringify({ secret }),
    inspect({ secret }),
    `${secret as unknown as string}`,
    String(secret),
    '' + (secret as unknown as string),
    inspect([secret]),
  ]

  expect(printed.join()).not.toContain('hunter2')
  expect(printed.every((text) => text.includes('[secret]'))).toBe(true)
  expect(Object.keys(secret)).toEqual([])
})

test('a secret is compared without showing it', () => {
  const secret = new Secret('hunter2')

  expect([secret.equals('hunter2'), secret.equals('hunter'), secret.equals('')]).toEqual([true, false, false])
})

test('describes every setting that is read, once', () => {
  const build = (read: Reader) => [
    read.port('EASEL_PORT', { default: 8080, help: 'Where to listen.' }),
    read.port('EASEL_PORT', { default: 8080 }),
    read.duration('EASEL_GRACE', { default: '25s' }),
    read.secret('EASEL_KEY', { minLength: 32, help: 'Keep it.' }),
  ]

  expect(listSettings(build).map(({ name }) => name)).toEqual(['EASEL_PORT', 'EASEL_GRACE', 'EASEL_KEY'])
  expect(describeConfig(build)).toBe(
    [
      'EASEL_PORT',
      '    Where to listen.',
      '    (must be a whole number from 0 to 65535; default: 8080)',
      '',
      'EASEL_GRACE',
      '    (must be a time such as 250ms, 30s, 5m or 1d; default: 25s)',
      '',
      'EASEL_KEY',
      '    Keep it.',
      '    (must be 32 or more characters long; required; secret)',
      '',
    ].join('\n'),
  )
})
