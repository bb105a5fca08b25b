import { expect, test } from 'vitest'
import { baseModelName } from './base-model.ts'

test.each([
  ['sdxl_base_v1-0', undefined, 'SDXL 1.0'],
  ['flux1', undefined, 'Flux.1 D'],
  ['sd_v1', undefined, 'SD 1.5'],
  ['ponyDiffusionV6XL.safetensors', 'stable-diffusion-xl-v1-base/lora', 'Pony'],
  [undefined, 'stable-diffusion-xl-v1-base/lora', 'SDXL 1.0'],
  ['my own model', undefined, 'my own model'],
  [undefined, undefined, undefined],
])('%s with %s is %s', (written, architecture, name) => {
  expect(baseModelName(written, architecture)).toBe(name)
})
