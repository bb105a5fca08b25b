import { expect, test } from 'vitest'
import { companionOf, noiseOf } from './companions.ts'
import type { ModelFileView, VersionView } from '@easel/client'

const aVersion = (id: string, ...names: string[]): VersionView =>
  ({ id, files: names.map((name) => ({ id: name, name }) as ModelFileView) }) as VersionView

test('the other half is found in the same version, and in another one', () => {
  const both = aVersion('1', 'wan2.2_i2v_high_noise_14B.safetensors', 'wan2.2_i2v_low_noise_14B.safetensors')
  const high = aVersion('2', 'Motion-HIGH.safetensors')
  const low = aVersion('3', 'motion-low.safetensors')

  expect(companionOf(both.files[0]!, both, [both])?.file.name).toContain('low_noise')
  expect(companionOf(both.files[1]!, both, [both])?.file.name).toContain('high_noise')
  expect(companionOf(high.files[0]!, high, [high, low])).toMatchObject({ version: { id: '3' } })
})

test('words that only hold the letters are no halves', () => {
  const version = aVersion('1', 'highres_fix.safetensors', 'slowed.safetensors', 'lowed.safetensors')

  for (const file of version.files) expect(companionOf(file, version, [version])).toBeUndefined()
  expect(noiseOf('highlands.safetensors')).toBeUndefined()
})
