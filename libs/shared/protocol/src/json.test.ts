import { expect, test } from 'vitest'
import { parseJson, stringifyJson } from './json.ts'

test('a 64-bit seed keeps all its digits there and back', () => {
  const text = '{"seed":18446744073709551615,"cfg":7.5,"id":"1234567890123456789"}'

  expect(stringifyJson(parseJson(text))).toBe(text)
})

test('small numbers stay numbers', () => {
  expect(parseJson('{"a":1234567890123456,"b":-5,"c":1e300}')).toEqual({
    a: 1234567890123456,
    b: -5,
    c: 1e300,
  })
})
