import { expect, test } from 'vitest'
import { countSeeds, seedsOf } from './seeds.ts'

const graph = {
  '3': { class_type: 'KSampler', inputs: { seed: 7, steps: 20, model: ['4', 0] } },
  '9': { class_type: 'SamplerCustom', inputs: { noise_seed: 2n ** 64n - 1n } },
  '11': { class_type: 'KSampler', inputs: { seed: ['12', 0] } },
}

test('seeds are found by name, linked ones are left alone', () => {
  expect(seedsOf(graph)).toEqual([
    ['3.seed', 7n],
    ['9.noise_seed', 2n ** 64n - 1n],
  ])
})

test('every seed counts up from run to run, and the largest goes on at zero', () => {
  expect(countSeeds(seedsOf(graph), { '6.text': 'a' }, 2)).toEqual([
    { '6.text': 'a', '3.seed': 7, '9.noise_seed': 2n ** 64n - 1n },
    { '6.text': 'a', '3.seed': 8, '9.noise_seed': 0 },
  ])
})

test('a seed that is set counts up from there', () => {
  const runs = countSeeds([['3.seed', 7n]], { '3.seed': 2n ** 53n }, 3)

  expect(runs.map((run) => run['3.seed'])).toEqual([2n ** 53n, 2n ** 53n + 1n, 2n ** 53n + 2n])
})

test('one run changes no seed', () => {
  expect(countSeeds([], { '3.steps': 4 }, 1)).toEqual([{ '3.steps': 4 }])
})

test('several runs of a workflow without a seed are refused', () => {
  expect(() => countSeeds([], {}, 2)).toThrow('has none')
})
