import { expect, test } from 'vitest'
import {
  ambiguousKeys,
  isChanged,
  keepKnown,
  runsOf,
  sectionsOf,
  valuesAfter,
  valuesFrom,
  withValue,
  withValues,
} from './form-model.ts'
import type { ParameterView } from '@easel/client'

function aParameter(key: string, more: Partial<ParameterView> = {}): ParameterView {
  const [node = '', input = ''] = key.split('.')
  return {
    key,
    node,
    input,
    nodeClass: 'Any',
    nodeTitle: 'Any',
    label: input,
    control: 'integer',
    value: 0,
    default: 0,
    choices: null,
    min: null,
    max: null,
    step: null,
    ...more,
  }
}

const seed = aParameter('3.seed', { control: 'seed', value: 7 })

test('inputs go to the sections where people look for them, the positive prompt first', () => {
  const sections = sectionsOf([
    aParameter('7.text', { control: 'multiline', role: 'negative' }),
    aParameter('6.text', { control: 'multiline', role: 'positive' }),
    seed,
    aParameter('5.width'),
    aParameter('4.ckpt_name', { control: 'select' }),
    aParameter('12.image', { control: 'image' }),
    aParameter('9.filename_prefix', { control: 'text' }),
  ])

  expect(sections.map(({ name, parameters }) => [name, ...parameters.map(({ key }) => key)])).toEqual([
    ['prompt', '6.text', '7.text'],
    ['images', '12.image'],
    ['size', '5.width'],
    ['sampler', '3.seed'],
    ['model', '4.ckpt_name'],
    ['advanced', '9.filename_prefix'],
  ])
})

test('several runs count the seed up from what it is', () => {
  const runs = runsOf([seed], { values: {}, times: 3, seeds: 'count' })

  expect(runs.map(({ overrides }) => overrides)).toEqual([{}, { '3.seed': 8n }, { '3.seed': 9n }])
})

test('a seed of 64 bits is counted exactly', () => {
  const runs = runsOf([seed], { values: { '3.seed': 18446744073709551600n }, times: 2, seeds: 'count' })

  expect(runs[1]!.overrides).toEqual({ '3.seed': 18446744073709551601n })
})

test('random seeds differ from run to run', () => {
  const runs = runsOf([seed], { values: {}, times: 5, seeds: 'random' })

  expect(new Set(runs.map(({ overrides }) => overrides['3.seed'])).size).toBe(5)
})

test('pictures are told as inputs and not as overrides', () => {
  const [run] = runsOf([], { values: { '12.image': 'asset:0193', '5.width': 512 }, times: 1, seeds: 'keep' })

  expect(run).toEqual({ overrides: { '5.width': 512 }, inputs: { '12.image': 'asset:0193' } })
})

test('values of inputs that a new workflow lacks are forgotten', () => {
  expect(keepKnown({ '3.seed': 1, '99.x': 2 }, [seed])).toEqual({ '3.seed': 1 })
})

test('a seed that is locked stays, whatever the others do', () => {
  const other = aParameter('4.seed', { control: 'seed', value: 1 })
  const runs = runsOf([seed, other], { values: {}, times: 2, seeds: 'count', locked: ['3.seed'] })

  expect(runs.map(({ overrides }) => overrides)).toEqual([{}, { '4.seed': 2n }])
})

test('counting goes on where it was', () => {
  const plan = { values: { '3.seed': 7 }, times: 3, seeds: 'count' } as const

  expect(valuesAfter([seed], plan)).toEqual({ '3.seed': 10 })
  expect(valuesAfter([seed], { ...plan, seeds: 'random' })).toEqual({ '3.seed': 7 })
})

test('a value that is the workflow’s own again is no change', () => {
  expect(withValue({ '3.seed': 9 }, seed, 7)).toEqual({})
  expect(withValue({ '3.seed': 9 }, seed, 7n)).toEqual({})
  expect(withValue({ '3.seed': 9 }, seed, undefined)).toEqual({})
  expect(isChanged(seed, withValue({}, seed, 8))).toBe(true)
  expect(isChanged(seed, { '3.seed': 7n })).toBe(false)
})

const graph = {
  '3': { class_type: 'KSampler', inputs: { seed: 7, model: ['4', 0] } },
  '4': { class_type: 'Loader', inputs: { name: 'a' } },
}
const name = aParameter('4.name', { control: 'select', value: 'a' })

test('the graph of a run has the values of the form, and the workflow stays as it is', () => {
  const run = withValues(graph, [seed, name], { '3.seed': 18446744073709551615n, '9.gone': 1 })

  expect(run['3']).toEqual({
    class_type: 'KSampler',
    inputs: { seed: 18446744073709551615n, model: ['4', 0] },
  })
  expect(graph['3'].inputs.seed).toBe(7)
  expect(Object.keys(run)).toEqual(['3', '4'])
})

test('the settings of an earlier run are those that differ from the workflow', () => {
  const earlier = withValues(graph, [seed, name], { '3.seed': 12 })

  expect(valuesFrom(earlier, [seed, name], graph)).toEqual({ '3.seed': 12 })
  expect(valuesFrom({ '3': graph['3'] }, [seed], graph)).toBeUndefined()
  expect(valuesFrom({ ...graph, '4': { class_type: 'Other' } }, [seed], graph)).toBeUndefined()
})

test('only labels that occur twice need the name of their node', () => {
  const keys = ambiguousKeys([seed, aParameter('8.noise_seed', { control: 'seed' }), aParameter('5.width')])

  expect([...keys]).toEqual(['3.seed', '8.noise_seed'])
})
