import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { refusalWords } from './refusal-words.ts'

const said = (body: string, headers: Record<string, string> = {}) =>
  refusalWords(Readable.from([Buffer.from(body)]), headers)

test.each<[string, string, Record<string, string>, string | undefined]>([
  ['JSON', '{"error":"Unauthorized","message":"Log in to download it"}', {}, 'Log in to download it'],
  ['JSON without a message', '{"error":"Unauthorized"}', {}, 'Unauthorized'],
  ['text', 'No access', { 'content-type': 'text/plain; charset=utf-8' }, 'No access'],
  ['a header', '', { 'x-error-message': 'Access is restricted' }, 'Access is restricted'],
  ['lines and signs', JSON.stringify({ message: 'a\n\u001b[31mb\u202e c' }), {}, 'a [31mb c'],
  ['a page', '<html>Log in</html>', { 'content-type': 'text/html' }, undefined],
  ['nothing', '', {}, undefined],
  ['null', 'null', {}, undefined],
  ['an object as a message', '{"message":{"a":1}}', {}, undefined],
])('the words of %s are told', async (...[, body, headers, words]) => {
  expect(await said(body, headers)).toBe(words)
})

test('of a long story only the beginning is told', async () => {
  const headers = { 'content-type': 'text/plain' }

  expect(await said('x'.repeat(100_000), headers)).toBe('x'.repeat(200))
})

test('who breaks off has said what came', async () => {
  const body = Readable.from(
    (function* () {
      yield Buffer.from('No access')
      throw new Error('broken off')
    })(),
  )

  expect(await refusalWords(body, { 'content-type': 'text/plain' })).toBe('No access')
})
