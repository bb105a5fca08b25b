import { AppError, stringifyJson } from '@easel/protocol'
import { expect, test } from 'vitest'
import { aTextToImageGraph } from '../../test/support/object-info.ts'
import { readGraph } from './read-graph.ts'

const node = (inputs: object = {}) => ({ class_type: 'X', inputs })

function refusal(document: unknown, limits = {}): AppError {
  try {
    readGraph(document, limits)
  } catch (cause) {
    if (cause instanceof AppError) return cause
    throw cause
  }
  throw new Error('It was accepted')
}

test('a graph in API format is read from text and is the same when written again', () => {
  const text =
    '{"10:3":{"class_type":"KSampler","inputs":{"seed":18446744073709551615,"cfg":7.5},"_meta":{"title":"x"}}}'

  const { graph, format } = readGraph(text)

  expect(format).toBe('api')
  expect(graph['10:3']!.inputs.seed).toBe(18446744073709551615n)
  expect(stringifyJson(graph)).toBe(text)
})

test.each([
  [
    'prompt-wrapper',
    { prompt: aTextToImageGraph(), extra_data: { extra_pnginfo: { workflow: { nodes: [] } } } },
  ],
  ['output-wrapper', { output: aTextToImageGraph(), workflow: { nodes: [] } }],
])('a graph in a %s is found, and the UI document beside it', (format, document) => {
  expect(readGraph(document)).toEqual({ graph: aTextToImageGraph(), format, workflow: { nodes: [] } })
})

test('a UI document is refused with what to do instead', () => {
  const error = refusal({ nodes: [], links: [], version: 0.4 })

  expect(error).toMatchObject({ code: 'invalid', extra: { reason: 'GRAPH_INVALID' } })
  expect(error.message).toContain('Export (API)')
})

test('the copy shares nothing with what it was read from', () => {
  const document = { '1': node({ list: { __value__: [1] } }) }

  const { graph } = readGraph(document)
  document['1'].inputs = {}

  expect(graph['1']!.inputs).toEqual({ list: { __value__: [1] } })
})

test.each([
  ['no JSON', '{"1": NaN}', 'workflow'],
  ['an array', '[]', 'workflow'],
  ['nothing', '{}', 'workflow'],
  ['a node without a class', { '1': node(), '2': { inputs: {} } }, 'workflow.2.class_type'],
  ['inputs that are a list', { '1': { class_type: 'X', inputs: [] } }, 'workflow.1.inputs'],
  ['infinity', { '1': node({ width: Infinity }) }, 'workflow.1.inputs.width'],
  [
    'a number that is too large for JSON',
    '{"1":{"class_type":"X","inputs":{"width":1e999}}}',
    'workflow.1.inputs.width',
  ],
  ['a prototype as node', '{"1":{"class_type":"X"},"__proto__":{"class_type":"X"}}', 'workflow.__proto__'],
  [
    'a prototype as input',
    '{"1":{"class_type":"X","inputs":{"__proto__":{"a":1}}}}',
    'workflow.1.inputs.__proto__',
  ],
  ['a link to nothing', { '1': node({ image: ['constructor', 0] }) }, 'workflow.1.inputs.image'],
  ['a link with three parts', { '1': node({ image: ['1', 0, 0] }) }, 'workflow.1.inputs.image'],
  ['a circle', { '1': node({ a: ['2', 0] }), '2': node({ a: ['1', 0] }) }, 'workflow.1'],
])('%s is refused with the path of the fault', (_name, document, path) => {
  expect(refusal(document).extra.faults?.[0]?.path).toBe(path)
})

test.each([
  ['too many bytes', ' '.repeat(50_000_000)],
  [
    'ten thousand levels',
    `{"1":{"class_type":"X","inputs":{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}}}`,
  ],
  [
    'a hundred thousand nodes',
    Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`${i}`, node()])),
  ],
])('%s are refused, and in no time that grows faster than they do', (_name, document) => {
  const startedAt = performance.now()

  const error = refusal(document)

  expect(error.reason).toBe('GRAPH_INVALID')
  expect(performance.now() - startedAt).toBeLessThan(5_000)
})

test('a chain of ten thousand nodes is no circle and no overflow', () => {
  const chain = Array.from({ length: 10_000 }, (_, i) => [
    `n${i}`,
    node(i === 0 ? {} : { a: [`n${i - 1}`, 0] }),
  ])

  expect(Object.keys(readGraph(Object.fromEntries(chain)).graph)).toHaveLength(10_000)
})
