import { expect, test } from 'vitest'
import { credentialsOf, isOwnOrigin } from './credentials.ts'

const key = `esl_${'a'.repeat(40)}`

test('a key comes in either header, a session in its cookie, and a header wins', () => {
  expect(credentialsOf({ authorization: `bearer ${key}` })?.kind).toBe('key')
  expect(credentialsOf({ 'x-api-key': key })?.kind).toBe('key')
  expect(credentialsOf({ cookie: 'a=b; easel_session=token' })?.kind).toBe('session')
  expect(credentialsOf({ cookie: 'easel_session=token', 'x-api-key': key })?.kind).toBe('key')
  expect(credentialsOf({ cookie: 'other_easel_session=token' })).toBeUndefined()
})

test.each([
  `Basic ${key}`,
  'Bearer',
  `Bearer ${key} more`,
  'Bearer esl_short',
  'Bearer eyJhbGciOiJub25lIn0.e30.',
])('%s is no credential', (authorization) => {
  expect(() => credentialsOf({ authorization })).toThrow(expect.objectContaining({ code: 'unauthenticated' }))
})

test.each([
  ['http://studio.example:8080', true],
  ['https://public.example', true],
  ['https://partner.example', true],
  ['http://studio.example', false],
  ['http://studio.example:8080.evil.example', false],
  ['http://x@studio.example:8080', false],
  ['https://evil.example', false],
  ['null', false],
  [undefined, false],
])('a page of %s is our own: %s', (origin, own) => {
  const rules = { publicUrl: 'https://public.example/', corsOrigins: ['https://partner.example'] }

  expect(isOwnOrigin({ origin }, 'studio.example:8080', rules)).toBe(own)
})
