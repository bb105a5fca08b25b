import { expect, test } from 'vitest'
import { readSamplerName, readSchedulerName } from './sampler-names.ts'

test.each([
  ['DPM++ 2M Karras', { sampler: 'dpmpp_2m', scheduler: 'karras' }],
  ['DPM++ 2M SDE Exponential', { sampler: 'dpmpp_2m_sde', scheduler: 'exponential' }],
  ['DPM++ 2S a', { sampler: 'dpmpp_2s_ancestral' }],
  ['DPM2 a Karras', { sampler: 'dpm_2_ancestral', scheduler: 'karras' }],
  ['Euler a', { sampler: 'euler_ancestral' }],
  ['Euler SGM Uniform', { sampler: 'euler', scheduler: 'sgm_uniform' }],
  ['k_euler_a', { sampler: 'euler_ancestral' }],
  ['DPM adaptive', { sampler: 'dpm_adaptive' }],
  ['UniPC', { sampler: 'uni_pc' }],
  ['DDIM', { sampler: 'ddim' }],
  ['dpmpp_2m_sde_gpu', { sampler: 'dpmpp_2m_sde_gpu' }],
  ['euler_ancestral', { sampler: 'euler_ancestral' }],
])('%s is read', (name, names) => {
  expect(readSamplerName(name)).toEqual(names)
})

test.each([
  ['Karras', 'karras'],
  ['SGM Uniform', 'sgm_uniform'],
  ['Automatic', undefined],
  ['', undefined],
])('the schedule “%s” is read', (name, scheduler) => {
  expect(readSchedulerName(name)).toBe(scheduler)
})
