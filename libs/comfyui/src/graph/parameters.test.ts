import { expect, test } from 'vitest'
import { aTextToImageGraph, objectInfoOf } from '../../test/support/object-info.ts'
import type { Graph } from './graph.ts'
import { parametersOf } from './parameters.ts'

const objectInfo = objectInfoOf('0.33.0')

test('the editable inputs come in order, and linked ones are absent', () => {
  const keys = parametersOf(aTextToImageGraph(), objectInfo).map(({ key }) => key)

  expect(keys.slice(0, 6)).toEqual([
    '3.seed',
    '3.steps',
    '3.cfg',
    '3.sampler_name',
    '3.scheduler',
    '3.denoise',
  ])
  expect(keys).not.toContain('3.model')
  expect(keys).toContain('6.text')
})

test('each has its control, bounds, choices and title', () => {
  const byKey = new Map(parametersOf(aTextToImageGraph(), objectInfo).map((found) => [found.key, found]))

  expect(byKey.get('3.seed')).toMatchObject({
    control: 'seed',
    value: 42,
    min: 0,
    max: 18446744073709551615n,
    role: 'seed',
  })
  expect(byKey.get('3.cfg')).toMatchObject({ control: 'number', role: 'cfg', max: 100 })
  expect(byKey.get('3.sampler_name')).toMatchObject({
    control: 'choice',
    choices: expect.arrayContaining(['euler']),
  })
  expect(byKey.get('4.ckpt_name')).toMatchObject({ control: 'model', nodeTitle: 'Load Checkpoint' })
  expect(byKey.get('6.text')).toMatchObject({ control: 'multiline', nodeTitle: 'Scene' })
  expect(byKey.get('5.width')).toMatchObject({ control: 'integer', role: 'width', step: 8 })
})

test('prompts are told apart by the links of the sampler', () => {
  const roles = parametersOf(aTextToImageGraph(), objectInfo).filter(({ control }) => control === 'multiline')

  expect(roles.map(({ key, role }) => [key, role])).toEqual([
    ['6.text', 'positive'],
    ['7.text', 'negative'],
  ])
})

test('prompts are followed through nodes in between, and one that serves both sides is a prompt', () => {
  const graph = aTextToImageGraph()
  graph['7'] = { class_type: 'ConditioningZeroOut', inputs: { conditioning: ['6', 0] } }
  graph['6']!.inputs.text = ['30', 0]
  graph['30'] = { class_type: 'PrimitiveStringMultiline', inputs: { value: 'a lighthouse' } }

  expect(parametersOf(graph, objectInfo).find(({ key }) => key === '30.value')?.role).toBe('positive')
})

test('where no link tells, the title does', () => {
  const graph: Graph = {
    '1': { class_type: 'CLIPTextEncode', inputs: { text: 'x' }, _meta: { title: 'Negative prompt' } },
  }

  expect(parametersOf(graph, objectInfo)[0]).toMatchObject({ key: '1.text', role: 'negative' })
})

test('files to upload and the nested inputs of the chosen option have controls of their own', () => {
  const graph: Graph = {
    '1': { class_type: 'LoadImage', inputs: { image: 'a.png' } },
    '2': { class_type: 'SaveVideo', inputs: { format: 'mp4', 'format.codec': 'h264' } },
    '3': { class_type: 'ImageCropToMask', inputs: {} },
  }

  const controls = new Map(parametersOf(graph, objectInfo).map(({ key, control }) => [key, control]))

  expect(controls.get('1.image')).toBe('image')
  expect(controls.get('2.format.codec')).toBe('choice')
  expect(controls.get('2.format.codec.encoding')).toBe('choice')
  expect(controls.get('3.background')).toBe('color')
})

test('a node whose class is unknown is editable by its values', () => {
  const graph: Graph = {
    '1': { class_type: 'Mystery', inputs: { seed: 5n, text: 'x', on: true, other: ['1', 0], deep: {} } },
  }

  expect(parametersOf(graph, objectInfo).map(({ input, control }) => [input, control])).toEqual([
    ['seed', 'seed'],
    ['text', 'text'],
    ['on', 'boolean'],
    ['deep', 'json'],
  ])
})
