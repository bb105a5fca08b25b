import { expect, test } from 'vitest'
import { parseOutgoingUrl } from './outgoing-url.ts'

test.each([
  'ftp://example.com/',
  'file:///etc/passwd',
  'gopher://127.0.0.1:6379/_FLUSHALL',
  'data:text/plain,hi',
  'javascript:alert(1)',
  'unix:/var/run/docker.sock',
  '//example.com/',
  'example.com',
  '',
  'http://',
  'http://user@example.com/',
  'http://user:password@example.com/',
  'http://example.com@127.0.0.1/',
  'http://[fe80::1%25eth0]/',
  'http://[fe80::1%eth0]/',
  'http://256.1.1.1/',
  `http://example.com/${'a'.repeat(9_000)}`,
])('refuses %s', (text) => {
  expect(() => parseOutgoingUrl(text)).toThrow(expect.objectContaining({ reason: 'URL_FORBIDDEN' }))
})

test('keeps path and query, and drops what a server is not sent', () => {
  expect(parseOutgoingUrl('HTTPS://Example.com:443/a%20b?c=d#e').href).toBe('https://example.com/a%20b?c=d')
})
