import { expect, test } from 'vitest'
import { Patterns } from './patterns.ts'

test.each([
  ['KSampler', 'KSampler', true],
  ['KSampler', 'KSamplerAdvanced', false],
  ['KSampler*', 'KSamplerAdvanced', true],
  ['*Loader', 'LoraLoader', true],
  ['*Loader', 'LoraLoaderModelOnly', false],
  ['*', '', true],
  ['*', 'anything', true],
  ['a*a', 'a', false],
  ['a*a', 'aa', true],
  ['ab*ba', 'aba', false],
  ['*b*b', 'b', false],
  ['*b*b', 'bb', true],
  ['public/*.safetensors', 'public/x.safetensors', true],
  ['public/*.safetensors', 'private/x.safetensors', false],
  ['*ab*ab*', 'xabxxab', true],
  ['*ab*ab*', 'xab', false],
  ['a.c', 'abc', false],
  ['[a-z]*', '[a-z]x', true],
  ['**', 'x', true],
  ['__proto__', 'toString', false],
])('%s and %s: %s', (pattern, text, expected) => {
  expect(new Patterns([pattern]).match(text)).toBe(expected)
})

test('one of several is enough, and none allows nothing', () => {
  expect(new Patterns(['a', 'b*']).match('bc')).toBe(true)
  expect(new Patterns([]).match('a')).toBe(false)
})

test('a pattern made to be slow is not', () => {
  const patterns = new Patterns(Array.from({ length: 500 }, () => 'a*'.repeat(140) + 'b'))
  const began = performance.now()

  expect(patterns.match('a'.repeat(300))).toBe(false)
  expect(new Patterns(['*a'.repeat(140)]).match(`${'a'.repeat(299)}b`)).toBe(false)

  expect(performance.now() - began).toBeLessThan(500)
})
