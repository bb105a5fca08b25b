import { expect, test } from 'vitest'
import { addressPolicy } from './address-policy.ts'

const hostile = {
  'this host': ['0.0.0.0', '0.1.2.3', '::'],
  loopback: ['127.0.0.1', '127.255.255.254', '::1', '::127.0.0.1'],
  'private networks': [
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    'fc00::1',
    'fdab::1',
    'fec0::1',
  ],
  'carrier-grade NAT': ['100.64.0.1', '100.127.255.255'],
  'link-local and metadata': ['169.254.169.254', '169.254.0.1', 'fe80::1', 'fe80::1%eth0', 'fd00:ec2::254'],
  'cloud services at public-looking addresses': ['168.63.129.16', '100.100.100.200', '192.0.0.192'],
  'multicast and broadcast': ['224.0.0.1', '239.255.255.250', '255.255.255.255', 'ff02::1', 'ff05::1%2'],
  'reserved and documentation': [
    '192.0.2.1',
    '198.18.0.1',
    '198.51.100.7',
    '203.0.113.9',
    '240.0.0.1',
    '2001:db8::1',
  ],
  'IPv4 in IPv6': [
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:169.254.169.254',
    '::ffff:10.0.0.1',
    '::ffff:0:127.0.0.1',
  ],
  NAT64: ['64:ff9b::7f00:1', '64:ff9b::a9fe:a9fe', '64:ff9b::10.0.0.1', '64:ff9b:1::808:808'],
  tunnels: ['2002:7f00:1::', '2002:808:808::1', '2001::1', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
  'no address at all': [
    '',
    'localhost',
    'example.com',
    '127.0.0.1/8',
    '1.2.3',
    '::g',
    '8.8.8.8 ',
    '8.8.8.8\0',
  ],
}
const publicAddresses = [
  '8.8.8.8',
  '1.1.1.1',
  '172.32.0.1',
  '100.63.255.255',
  '100.128.0.1',
  '2606:4700::1111',
  '::ffff:8.8.8.8',
]

const cases = Object.entries(hostile).flatMap(([kind, addresses]) =>
  addresses.map((address) => [kind, address]),
)

test.each(cases)('refuses %s: %s', (_kind, address) => {
  expect(addressPolicy(false)(address)).toBe(false)
})

test.each([...publicAddresses, '64:ff9b::808:808'])('allows the public address %s', (address) => {
  expect(addressPolicy(false)(address)).toBe(true)
})

test.each(['127.0.0.1', '::1', '10.1.2.3', '192.168.0.9', '100.64.0.1', 'fd12::1', '::ffff:127.0.0.1'])(
  'allows %s where private networks are allowed',
  (address) => {
    expect(addressPolicy(true)(address)).toBe(true)
  },
)

test.each([
  '169.254.169.254',
  '::ffff:169.254.169.254',
  'fd00:ec2::254',
  '100.100.100.200',
  '168.63.129.16',
  '0.0.0.0',
  '224.0.0.1',
  'fe80::1',
])('refuses %s even where private networks are allowed', (address) => {
  expect(addressPolicy(true)(address)).toBe(false)
})

test('a list of blocks allows those and no other', () => {
  const isAllowed = addressPolicy(['10.20.0.0/16', 'fd12::/16'])

  expect(['10.20.3.4', '::ffff:10.20.3.4', 'fd12::1', '8.8.8.8'].map(isAllowed)).toEqual([
    true,
    true,
    true,
    true,
  ])
  expect(['10.21.0.1', '127.0.0.1', 'fd13::1'].map(isAllowed)).toEqual([false, false, false])
})

test('a block that cannot be read is refused at once', () => {
  expect(() => addressPolicy(['10.0.0.0'])).toThrow('CIDR')
})
