import { expect, test } from 'vitest'
import { matchesPattern } from './name-pattern.ts'

test.each([
  ['model.safetensors', '*.safetensors', true],
  ['unet/model.safetensors', '*.safetensors', true],
  ['unet/model.safetensors', 'unet/**', true],
  ['unet2/model.safetensors', 'unet/*', false],
  ['a.bin', '?.bin', true],
  ['ab.bin', '?.bin', false],
  ['model.fp16.safetensors', '*fp16*', true],
  ['x', '**', true],
  ['', '*', true],
  ['a', '', false],
])('%s against %s: %s', (path, pattern, fits) => {
  expect(matchesPattern(path, pattern)).toBe(fits)
})

test('a hostile pattern takes no time', () => {
  const started = performance.now()

  expect(matchesPattern('a'.repeat(500), `${'*a'.repeat(90)}b`)).toBe(false)

  expect(performance.now() - started).toBeLessThan(200)
})
