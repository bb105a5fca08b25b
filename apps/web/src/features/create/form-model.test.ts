import { expect, test } from 'vitest'
import { keepKnown, runsOf, sectionsOf } from './form-model.ts'
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
