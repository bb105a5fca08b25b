import { describe, expect, test } from 'vitest'
import { aTextToImageGraph, objectInfoOf } from '../../test/support/object-info.ts'
import type { Graph, GraphValue } from './graph.ts'
import type { ObjectInfo } from './object-info.ts'
import { validateGraph } from './validate-graph.ts'

const objectInfo = objectInfoOf('0.33.0')

/** The faults that one input has with this value, and nothing else wrong. */
function faultsWith(nodeId: string, input: string, value: GraphValue): string[] {
  const graph = aTextToImageGraph()
  graph[nodeId]!.inputs[input] = value
  return validateGraph(graph, objectInfo).faults.map(({ path, message }) => `${path}: ${message}`)
}

const videoGraph = (save: Record<string, GraphValue>): Graph => ({
  '1': { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 6, color: 0 } },
  '2': { class_type: 'CreateVideo', inputs: { images: ['1', 0], fps: 12 } },
  '3': { class_type: 'SaveVideo', inputs: { video: ['2', 0], filename_prefix: 'v', ...save } },
})

test('a good graph has no faults and no warnings', () => {
  expect(validateGraph(aTextToImageGraph(), objectInfo)).toEqual({
    faults: [],
    warnings: [],
    missingClasses: [],
    absentModels: [],
    runnableOutputs: ['9'],
  })
})

test.each<[string, GraphValue]>([
  ['seed', 18446744073709551615n],
  ['seed', '18446744073709551615'],
  ['steps', 20.7],
  ['steps', '20'],
  ['cfg', '7'],
  ['cfg', true],
])('%s takes %s, as Python would', (input, value) => {
  expect(faultsWith('3', input, value)).toEqual([])
})

test.each<[string, GraphValue, string]>([
  ['seed', -1, 'Must be 0 or more'],
  ['seed', 18446744073709551616n, 'Must be 18446744073709551615 or less'],
  ['steps', 'many', 'Wants a whole number'],
  ['steps', '20.5', 'Wants a whole number'],
  ['steps', null, 'Wants a whole number'],
  ['cfg', {}, 'Wants a number'],
  ['sampler_name', 'nope', '“nope” is none of the choices'],
  ['scheduler', 3, '“3” is none of the choices'],
  ['model', ['99', 0], 'There is no node 99'],
  ['model', ['4', 7], 'Node 4 has no output “7”'],
  ['model', ['4', 1], 'Wants MODEL, node 4 gives CLIP'],
  ['model', ['4', 0, 0] as never, 'A link is [node id as text, output number]'],
  ['model', [4, 0], 'A link is [node id as text, output number]'],
])('%s does not take %s', (input, value, message) => {
  expect(faultsWith('3', input, value)).toEqual([
    expect.stringContaining(`workflow.3.inputs.${input}: ${message}`),
  ])
})

test('a required input that is missing is a fault, an optional one is not', () => {
  const graph = aTextToImageGraph()
  delete graph['3']!.inputs.steps

  const { faults, runnableOutputs } = validateGraph(graph, objectInfo)

  expect(faults).toEqual([{ path: 'workflow.3.inputs.steps', message: 'This input is required' }])
  expect(runnableOutputs).toEqual([])
})

test('an input that the class does not have is a warning, as ComfyUI ignores it', () => {
  const graph = aTextToImageGraph()
  graph['3']!.inputs.sede = 1

  const { faults, warnings } = validateGraph(graph, objectInfo)

  expect(faults).toEqual([])
  expect(warnings.map(({ path }) => path)).toEqual(['workflow.3.inputs.sede'])
})

test('a class that the server lacks is named, whether or not an output needs it', () => {
  const graph = { ...aTextToImageGraph(), '20': { class_type: 'constructor', inputs: {} } }

  const { faults, missingClasses } = validateGraph(graph, objectInfo)

  expect(missingClasses).toEqual(['constructor'])
  expect(faults[0]!.path).toBe('workflow.20.class_type')
})

test('faults of nodes that lead to no output are warnings', () => {
  const graph = { ...aTextToImageGraph(), '20': { class_type: 'EmptyImage', inputs: { width: -5 } } }

  const { faults, warnings } = validateGraph(graph, objectInfo)

  expect(faults).toEqual([])
  expect(warnings.length).toBeGreaterThan(0)
})

test('a graph without an output is a fault', () => {
  const graph: Graph = { '1': videoGraph({})['1']! }

  expect(validateGraph(graph, objectInfo).faults).toEqual([
    { path: 'workflow', message: 'No node gives an output; add one that saves or shows something' },
  ])
})

test('outputs that are not touched by a fault still run', () => {
  const graph = { ...aTextToImageGraph(), ...videoGraph({ format: 'auto', 'format.codec': 'auto' }) }
  graph['9']!.inputs.images = ['nowhere', 0]
  graph['10'] = { class_type: 'PreviewImage', inputs: { images: ['1', 0] } }

  expect(validateGraph(graph, objectInfo).runnableOutputs).toEqual(['3', '10'])
})

test('nested inputs of the chosen option of a dynamic combo are checked, three levels deep', () => {
  const good = { format: 'mp4', 'format.codec': 'h264', 'format.codec.encoding': 're-encode' }
  const nested = { 'format.codec.encoding.crf': 23, 'format.codec.encoding.color_space': 'auto' }

  expect(validateGraph(videoGraph({ ...good, ...nested }), objectInfo).faults).toEqual([])
  expect(validateGraph(videoGraph(good), objectInfo).faults.map(({ path }) => path)).toEqual([
    'workflow.3.inputs.format.codec.encoding.crf',
    'workflow.3.inputs.format.codec.encoding.color_space',
  ])
})

test('a key that is none of the options of a dynamic combo is a fault, which ComfyUI would find only at run time', () => {
  const { faults } = validateGraph(videoGraph({ format: 'zzz' }), objectInfo)

  expect(faults).toEqual([{ path: 'workflow.3.inputs.format', message: expect.stringContaining('“zzz”') }])
})

test('a growing list wants its first inputs and takes more of them', () => {
  const image = videoGraph({})['1']!
  const batch = (inputs: Record<string, GraphValue>): Graph => ({
    '1': image,
    '2': { class_type: 'BatchImagesNode', inputs },
    '3': { class_type: 'PreviewImage', inputs: { images: ['2', 0] } },
  })

  expect(
    validateGraph(batch({ 'images.image0': ['1', 0], 'images.image1': ['1', 0] }), objectInfo).faults,
  ).toEqual([])
  expect(validateGraph(batch({}), objectInfo).faults.map(({ path }) => path)).toEqual([
    'workflow.2.inputs.images.image0',
  ])
})

test('wildcards, unions and matched types take what they should', () => {
  const graph: Graph = {
    '1': videoGraph({})['1']!,
    '2': { class_type: 'ComfySwitchNode', inputs: { switch: true, on_false: ['1', 0], on_true: ['1', 0] } },
    '3': { class_type: 'PreviewAny', inputs: { source: ['2', 0] } },
    '4': {
      class_type: 'ResizeImageMaskNode',
      inputs: {
        input: ['1', 0],
        resize_type: 'scale by multiplier',
        'resize_type.multiplier': 2,
        scale_method: 'area',
      },
    },
    '5': { class_type: 'PreviewImage', inputs: { images: ['4', 0] } },
  }

  expect(validateGraph(graph, objectInfo).faults).toEqual([])
})

test('a file that was uploaded after the list was fetched is no fault', () => {
  const graph: Graph = {
    '1': { class_type: 'LoadImage', inputs: { image: 'just-uploaded.png' } },
    '2': { class_type: 'PreviewImage', inputs: { images: ['1', 0] } },
  }

  expect(validateGraph(graph, objectInfo).faults).toEqual([])
})

describe('model files that the server does not list', () => {
  const info: ObjectInfo = {
    CheckpointLoaderSimple: {
      input: { required: { ckpt_name: [['here.safetensors'], {}] } },
      output: ['MODEL', 'CLIP', 'VAE'],
    },
    KeepModel: { input: { required: { model: ['MODEL', {}], mode: [['a', 'b'], {}] } }, output_node: true },
  }
  const graph = (changes: object = {}): Graph => ({
    '1': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'sub\\absent.safetensors' } },
    '2': { class_type: 'KeepModel', inputs: { model: ['1', 0], mode: 'a', ...changes } },
  })

  test('are faults, and told by name', () => {
    expect(validateGraph(graph(), info)).toMatchObject({
      faults: [{ path: 'workflow.1.inputs.ckpt_name' }],
      absentModels: ['sub/absent.safetensors'],
      runnableOutputs: [],
    })
  })

  test('are no faults where they may come, but everything else still is', () => {
    expect(validateGraph(graph(), info, { allowAbsentModels: true })).toMatchObject({
      faults: [],
      absentModels: ['sub/absent.safetensors'],
      runnableOutputs: ['2'],
    })
    expect(validateGraph(graph({ mode: 'c' }), info, { allowAbsentModels: true })).toMatchObject({
      faults: [{ path: 'workflow.2.inputs.mode' }],
      runnableOutputs: [],
    })
  })
})
