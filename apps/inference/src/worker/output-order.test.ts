import type { ComfyOutput } from '@easel/comfyui'
import { expect, test } from 'vitest'
import { inOrder } from './output-order.ts'

const output = (nodeId: string, key: string, index: number) => ({ nodeId, key, index }) as ComfyOutput

test('outputs have one order, whatever order they were made in', () => {
  const graph = Object.fromEntries(['b', 'a', '2'].map((id) => [id, { class_type: 'X', inputs: {} }]))
  const ordered = [
    output('2', 'images', 0),
    output('b', 'gifs', 0),
    output('b', 'images', 0),
    output('b', 'images', 1),
    output('a', 'images', 0),
    output('made.0.0.1', 'images', 0),
  ]

  expect(inOrder(graph, ordered.toReversed())).toEqual(ordered)
})
