import { expect, test } from 'vitest'
import { Hosts } from './hosts.ts'

function aMember() {
  const told: number[] = []
  return { told, allow: (connections: number) => void told.push(connections) }
}

test('connections to a server are shared by who takes from it, and given back', () => {
  const hosts = new Hosts(16)
  const [first, second] = [aMember(), aMember()]
  using one = hosts.join('a', first)
  {
    using two = hosts.join('a', second)
    using other = hosts.join('b', aMember())

    expect([one.connections, two.connections, other.connections]).toEqual([16, 8, 16])
    expect(first.told.at(-1)).toBe(8)
  }

  expect(first.told.at(-1)).toBe(16)
})

test('each has one, however many there are', () => {
  const hosts = new Hosts(2)
  const shares = Array.from({ length: 5 }, () => hosts.join('a', aMember()))

  expect(shares.at(-1)!.connections).toBe(1)
})

test('a pause is the longest that was asked for, and for one server', () => {
  const hosts = new Hosts(1)
  hosts.pause('a', 10_000)
  hosts.pause('a', 100)

  expect(hosts.waitMs('a')).toBeGreaterThan(9_000)
  expect(hosts.waitMs('b')).toBe(0)
})
