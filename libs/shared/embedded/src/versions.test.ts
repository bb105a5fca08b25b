import { expect, test } from 'vitest'
import { privilegeFlags } from './child-server.ts'
import { natsConfiguration, syncsAlways } from './nats.ts'
import { hasProcessTitle } from './redis.ts'

test.each([
  ['nats-server: v2.9.10', false],
  ['nats-server: v2.10.22', false],
  ['nats-server: v2.10.23', true],
  ['nats-server: v2.15.0', true],
  ['nats-server: v3.0.0-RC.1', true],
  ['something else', false],
])('%s syncs each write: %s', (version, expected) => {
  expect(syncsAlways(version)).toBe(expected)
})

test.each([
  ['Redis server v=6.0.16 sha=00000000:0', false],
  ['Redis server v=6.2.0 sha=00000000:0', true],
  ['Redis server v=7.0.15 sha=00000000:0', true],
])('%s knows its process title: %s', (version, expected) => {
  expect(hasProcessTitle(version)).toBe(expected)
})

test('the configuration of NATS quotes what is not ours to choose', () => {
  const configuration = natsConfiguration({
    port: 4222,
    password: 'a"b',
    directory: '/tmp/with space',
    syncInterval: true,
  })

  expect(configuration).toContain('password: "a\\"b"')
  expect(configuration).toContain('store_dir: "/tmp/with space"')
  expect(configuration).toContain('sync_interval: always')
  expect(configuration).toContain('host: 127.0.0.1')
})

test('who drops to another user keeps one capability at most', () => {
  expect(privilegeFlags(undefined)).toEqual([])
  expect(privilegeFlags({ uid: 5, gid: 6 })).toEqual([
    '--reuid=5',
    '--regid=6',
    '--clear-groups',
    '--inh-caps=-all',
  ])
  expect(privilegeFlags({ uid: 5, gid: 6, capability: 'dac_override' })).toContain(
    '--ambient-caps=-all,+dac_override',
  )
})
