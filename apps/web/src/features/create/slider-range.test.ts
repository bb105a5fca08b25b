import { expect, test } from 'vitest'
import { sliderRangeOf } from './slider-range.ts'
import type { ParameterView } from '@easel/client'

const aParameter = (more: Partial<ParameterView>): ParameterView =>
  ({ role: null, input: 'x', control: 'float', min: null, max: null, step: null, ...more }) as ParameterView

test('what is known slides between the values that people choose', () => {
  expect(sliderRangeOf(aParameter({ role: 'steps', min: 1, max: 10_000 }))).toEqual({
    min: 1,
    max: 60,
    step: 1,
  })
})

test('no slider leaves what the input takes', () => {
  expect(sliderRangeOf(aParameter({ input: 'strength_model', min: 0.5, max: 1 }))).toEqual({
    min: 0.5,
    max: 1,
    step: 0.05,
  })
})

test('what is not known slides where its bounds are near each other', () => {
  expect(sliderRangeOf(aParameter({ min: 0, max: 1, step: 0.1 }))).toEqual({ min: 0, max: 1, step: 0.1 })
  expect(sliderRangeOf(aParameter({ min: 0, max: 4096, step: 1 }))).toBeUndefined()
  expect(sliderRangeOf(aParameter({ min: 0 }))).toBeUndefined()
})
