import { expect, test } from 'vitest'
import { parseBytes, parseDuration } from './units.ts'

test.each([
  ['0', 0],
  ['1024', 1024],
  ['4GiB', 4_294_967_296],
  ['4 gb', 4_000_000_000],
  ['1.5MiB', 1_572_864],
  ['', undefined],
  ['-1', undefined],
  ['1e9', undefined],
  ['4 apples', undefined],
  ['999999999999TiB', undefined],
])('%s is %s bytes', (text, bytes) => {
  expect(parseBytes(text)).toBe(bytes)
})

test.each([
  ['250ms', 250],
  ['30s', 30_000],
  ['1.5h', 5_400_000],
  ['7d', 604_800_000],
  ['0', 0],
  ['30', undefined],
  ['30 s s', undefined],
  ['constructor', undefined],
])('%s is %s milliseconds', (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds)
})
