import { expect, test } from 'vitest'
import { aTextToImageGraph, objectInfoOf } from '../../test/support/object-info.ts'
import { fillDefaults } from './fill-defaults.ts'
import { inputFilesOf, modelsOf } from './graph-files.ts'
import { classesOf, type Graph, type GraphValue } from './graph.ts'
import { applyOverrides } from './overrides.ts'
import { withoutBigInts } from './plain-graph.ts'
import { validateGraph } from './validate-graph.ts'

const objectInfo = objectInfoOf('0.33.0')

const graphWithColons: Graph = {
  '10:3': {
    class_type: 'SaveVideo',
    inputs: { filename_prefix: 'v', format: 'mp4', 'format.codec': 'auto' },
  },
  '10': { class_type: 'X', inputs: { '3.format': 1 } },
}

function overrideFaults(overrides: Record<string, GraphValue>, graph = aTextToImageGraph()) {
  try {
    applyOverrides(graph, overrides, objectInfo)
  } catch (cause) {
    return (cause as { extra: { faults: { path: string }[] } }).extra.faults.map(({ path }) => path)
  }
  return []
}

test('an override changes a copy', () => {
  const graph = aTextToImageGraph()

  const changed = applyOverrides(graph, { '3.seed': 7n, '6.text': 'a harbour' })

  expect(changed['3']!.inputs.seed).toBe(7n)
  expect(changed['6']!.inputs.text).toBe('a harbour')
  expect(graph).toEqual(aTextToImageGraph())
})

test('ids may have colons and input names dots', () => {
  const changed = applyOverrides(graphWithColons, { '10:3.format.codec': 'h264', '10.3.format': 2 })

  expect(changed['10:3']!.inputs['format.codec']).toBe('h264')
  expect(changed['10']!.inputs['3.format']).toBe(2)
})

test('an input of the class that the graph leaves out can be set, also one that another override brings', () => {
  const changed = applyOverrides(
    graphWithColons,
    { '10:3.format.codec.encoding': 'auto', '10:3.format.codec': 'h264' },
    objectInfo,
  )

  expect(changed['10:3']!.inputs).toMatchObject({ 'format.codec': 'h264', 'format.codec.encoding': 'auto' })
})

test.each<[string, GraphValue]>([
  ['99.seed', 1],
  ['seed', 1],
  ['3.sede', 1],
  ['3.__proto__', 1],
  ['__proto__.seed', 1],
  ['3.model', 'x'],
  ['3.seed', NaN],
  ['3.seed', ['4', 0]],
  ['3.seed', { a: 1 }],
])('the override of %s with %j is refused by its name', (key, value) => {
  expect(overrideFaults({ [key]: value })).toEqual(key === '__proto__' ? [] : [`overrides.${key}`])
})

test('missing required inputs get the default of the class, and the graph is valid then', () => {
  const graph: Graph = {
    '1': { class_type: 'EmptyImage', inputs: {} },
    '2': { class_type: 'CreateVideo', inputs: { images: ['1', 0] } },
    '3': { class_type: 'SaveVideo', inputs: { video: ['2', 0] } },
  }

  const filled = fillDefaults(graph, objectInfo)

  expect(filled['1']!.inputs).toMatchObject({ width: 512, height: 512, batch_size: 1 })
  expect(filled['3']!.inputs).toMatchObject({ format: 'auto', 'format.codec': 'auto' })
  expect(validateGraph(filled, objectInfo).faults).toEqual([])
  expect(graph['1']!.inputs).toEqual({})
})

test('what the graph says stays, and sockets are not made up', () => {
  const graph = aTextToImageGraph()
  delete graph['3']!.inputs.model

  const filled = fillDefaults(graph, objectInfo)

  expect(filled).toEqual(graph)
})

test('files of the input folder are found with their folders and types', () => {
  const graph: Graph = {
    '1': { class_type: 'LoadImage', inputs: { image: 'sub/dir/a.png' } },
    '2': { class_type: 'LoadImageMask', inputs: { image: 'b.png [output]', channel: 'alpha' } },
    '3': { class_type: 'LoadVideo', inputs: { file: 'c.mp4' } },
    '4': { class_type: 'VHS_LoadVideo', inputs: { video: 'd.mp4' } },
    '5': { class_type: 'LoadImage', inputs: { image: ['1', 0] } },
  }

  expect(
    inputFilesOf(graph, objectInfo).map(({ filename, subfolder, type }) => [filename, subfolder, type]),
  ).toEqual([
    ['a.png', 'sub/dir', 'input'],
    ['b.png', '', 'output'],
    ['c.mp4', '', 'input'],
    ['d.mp4', '', 'input'],
  ])
})

test('models are found with their folder and whether the server has them, embeddings too', () => {
  const graph = aTextToImageGraph()
  graph['6']!.inputs.text = 'a lighthouse, (embedding:mood:1.2)'
  graph['20'] = { class_type: 'UpscaleModelLoader', inputs: { model_name: '4x.pth' } }
  graph['21'] = { class_type: 'SomePackLoader', inputs: { thing: 'special.gguf', mode: 'fast' } }

  expect(
    modelsOf(graph, objectInfo).map(({ filename, folder, present }) => [filename, folder, present]),
  ).toEqual([
    ['sd15.safetensors', 'checkpoints', true],
    ['mood', 'embeddings', undefined],
    ['4x.pth', 'upscale_models', false],
    ['special.gguf', undefined, undefined],
  ])
})

test('models are found without knowing the classes', () => {
  expect(modelsOf(aTextToImageGraph())).toMatchObject([
    { filename: 'sd15.safetensors', folder: 'checkpoints' },
  ])
})

test('classes are listed once', () => {
  expect(classesOf(aTextToImageGraph()).filter((name) => name === 'CLIPTextEncode')).toHaveLength(1)
})

test('a copy for ordinary JSON has its big numbers as digits, which ComfyUI reads', () => {
  const graph = applyOverrides(aTextToImageGraph(), { '3.seed': 18446744073709551615n })

  const plain = withoutBigInts(graph)

  expect(JSON.parse(JSON.stringify(plain))['3'].inputs.seed).toBe('18446744073709551615')
  expect(validateGraph(plain, objectInfo).faults).toEqual([])
})
