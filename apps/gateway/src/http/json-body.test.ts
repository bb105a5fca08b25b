import { stringifyJson } from '@easel/protocol'
import { expect, test } from 'vitest'
import { parseBody } from './json-body.ts'

const malformed = expect.objectContaining({ extra: expect.objectContaining({ reason: 'MALFORMED' }) })

test('a whole number of 64 bits comes out as it went in', () => {
  const text = '{"seed":18446744073709551615}'

  expect(parseBody(text)).toEqual({ seed: 18446744073709551615n })
  expect(stringifyJson(parseBody(text))).toBe(text)
})

test.each(['{', '{"a":}', 'nonsense', '{"a":1}x', "{'a':1}"])('%j is malformed', (text) => {
  expect(() => parseBody(text)).toThrow(malformed)
})

test('nesting has an end, and brackets in strings do not count', () => {
  const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`

  expect(() => parseBody(deep)).toThrow(malformed)
  expect(parseBody(JSON.stringify({ text: `\\"${'['.repeat(500)}` }))).toEqual({
    text: `\\"${'['.repeat(500)}`,
  })
})

test.each(['{"__proto__":{"admin":true}}', '{"a":[{"\\u005f_proto__":1}]}'])('%s is refused', (text) => {
  expect(() => parseBody(text)).toThrow(malformed)
})

test('the word __proto__ may be said', () => {
  expect(parseBody('{"prompt":"__proto__"}')).toEqual({ prompt: '__proto__' })
})

test('no text is no body', () => {
  expect(parseBody(' ')).toBeUndefined()
})
