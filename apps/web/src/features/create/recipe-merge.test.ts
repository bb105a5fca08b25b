import { expect, test } from 'vitest'
import { mergeRecipe } from './recipe-merge.ts'
import type { ParameterView } from '@easel/client'

function aParameter(key: string, more: Partial<ParameterView>): ParameterView {
  const [node = '', input = ''] = key.split('.')
  return { key, node, input, label: input, nodeTitle: 'Any', choices: null, ...more } as ParameterView
}

const form = [
  aParameter('3.seed', { control: 'seed', role: 'seed', value: 1 }),
  aParameter('3.steps', { control: 'integer', role: 'steps', value: 20, min: 1, max: 100, step: 1 }),
  aParameter('3.cfg', { control: 'float', role: 'cfg', value: 7 }),
  aParameter('3.sampler_name', { control: 'select', value: 'euler', choices: ['euler', 'dpmpp_2m'] }),
  aParameter('3.scheduler', { control: 'select', value: 'normal', choices: ['normal', 'karras'] }),
  aParameter('4.ckpt_name', {
    control: 'select',
    value: 'a.safetensors',
    choices: ['sd/Harbour_v2.safetensors'],
  }),
  aParameter('5.width', { control: 'integer', role: 'width', value: 512, min: 16, max: 2048, step: 8 }),
  aParameter('6.text', { control: 'multiline', role: 'positive', value: 'a lighthouse' }),
  aParameter('7.text', { control: 'multiline', role: 'negative', value: 'blurry' }),
]

test('what a recipe says goes where the workflow has an input for it', () => {
  const { values, used, unused } = mergeRecipe(
    form,
    {},
    {
      prompt: 'a harbour',
      negative: 'text',
      seed: '18446744073709551615',
      steps: 30,
      cfg: 5.5,
      sampler: 'DPM++ 2M Karras',
      model: 'harbour_v2',
      width: 833,
    },
  )

  expect(values).toEqual({
    '6.text': 'a harbour',
    '7.text': 'text',
    '3.seed': 18446744073709551615n,
    '3.steps': 30,
    '3.cfg': 5.5,
    '3.sampler_name': 'dpmpp_2m',
    '3.scheduler': 'karras',
    '4.ckpt_name': 'sd/Harbour_v2.safetensors',
    '5.width': 832,
  })
  expect(used).toHaveLength(9)
  expect(unused).toEqual([])
})

test('what has no place and what is not here is told', () => {
  const { values, unused } = mergeRecipe(
    form,
    {},
    {
      height: 512,
      sampler: 'Restart',
      scheduler: 'Automatic',
      model: 'other.safetensors',
      seed: 'none',
      loras: [{ name: 'ink' }],
    },
  )

  expect(values).toEqual({})
  expect(unused).toEqual([
    'seed: it is no number',
    'height: this workflow has no input for it',
    'sampler “Restart”: it is not here',
    'model “other.safetensors”: it is not here',
    'LoRA “ink”: this workflow has no place for it',
  ])
})

test('trigger words come behind the prompt that is there, once', () => {
  const { values, used } = mergeRecipe(form, {}, { triggerWords: ['Lighthouse', 'inkstyle'] })

  expect(values).toEqual({ '6.text': 'a lighthouse, inkstyle' })
  expect(used).toEqual(['trigger words'])
})

test('a LoRA goes into the loader that there is, with its weight', () => {
  const loader = [
    aParameter('10.lora_name', { control: 'select', value: 'x', choices: ['styles/ink.safetensors'] }),
    aParameter('10.strength_model', { control: 'float', value: 1 }),
    aParameter('10.strength_clip', { control: 'float', value: 1 }),
  ]

  expect(mergeRecipe(loader, {}, { loras: [{ name: 'Ink', weight: 0.6 }] }).values).toEqual({
    '10.lora_name': 'styles/ink.safetensors',
    '10.strength_model': 0.6,
    '10.strength_clip': 0.6,
  })
})

test('steps beyond what the input takes are brought to its bound', () => {
  expect(mergeRecipe(form, {}, { steps: 900 }).values).toEqual({ '3.steps': 100 })
})

test('values of the form that a recipe says nothing of stay', () => {
  expect(mergeRecipe(form, { '3.cfg': 4 }, { steps: 30 }).values).toEqual({ '3.cfg': 4, '3.steps': 30 })
})
