import { expect, test } from 'vitest'
import { nextCursor } from './hf-query.ts'
import { isWeights, precisionOf, primaryPath, quantOf } from './weights.ts'

test.each([
  ['a.safetensors', true],
  ['unet/a.SAFETENSORS', true],
  ['a.gguf', true],
  ['.safetensors', false],
  ['a.safetensors.index.json', false],
  ['a.bin', false],
])('weights are what can be loaded without running code: %s', (path, expected) => {
  expect(isWeights(path)).toBe(expected)
})

test.each([
  ['t5xxl_fp16.safetensors', 'fp16', null],
  ['wan2.2_fp8_scaled.safetensors', 'fp8', null],
  ['flux1-dev-fp8_e4m3fn.safetensors', 'fp8', null],
  ['model-bf16.safetensors', 'bf16', null],
  ['qwen-nvfp4.safetensors', 'nvfp4', null],
  ['halfway.safetensors', null, null],
  ['flux1-dev-Q4_K_M.gguf', null, 'Q4_K_M'],
  ['x-IQ3_XXS.gguf', null, 'IQ3_XXS'],
])('precision is read from the name: %s', (path, precision, quant) => {
  expect([precisionOf(path), quantOf(path)]).toEqual([precision, quant])
})

test('the primary file is the largest of those at the top, else of all', () => {
  const files = [
    { path: 'unet/large.safetensors', bytes: 900 },
    { path: 'small.safetensors', bytes: 100 },
    { path: 'middle.safetensors', bytes: 200 },
    { path: 'huge.ckpt', bytes: 5_000 },
  ]

  expect(primaryPath(files)).toBe('middle.safetensors')
  expect(primaryPath(files.slice(0, 1))).toBe('unet/large.safetensors')
  expect(primaryPath(files.slice(3))).toBeUndefined()
})

test.each([
  ['<https://hub.example/api/models?limit=5&cursor=abc%3D>; rel="next"', 'abc='],
  ['<https://hub.example/a?cursor=x>; rel="prev", <https://hub.example/a?cursor=y>; rel="next"', 'y'],
  ['<https://hub.example/a?cursor=x>; rel="prev"', null],
  ['<not a url>; rel="next"', null],
  [null, null],
])('the next cursor is in the Link header: %s', (link, expected) => {
  expect(nextCursor(link)).toBe(expected)
})
