import type { NodeTiming } from '@easel/comfyui'
import { expect, test } from 'vitest'
import { whatRan } from './what-ran.ts'

const graph = {
  '3': {
    class_type: 'KSampler',
    inputs: { steps: 4, model: ['10', 0] as [string, number], latent_image: ['5', 0] as [string, number] },
  },
  '4': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'tiny.safetensors' } },
  '5': { class_type: 'EmptyLatentImage', inputs: { width: 64, height: 64, batch_size: 1 } },
  '10': {
    class_type: 'LoraLoaderModelOnly',
    inputs: { lora_name: 'ink.safetensors', model: ['4', 0] as [string, number] },
  },
  '9': { class_type: 'SaveImage', inputs: { images: ['3', 0] as [string, number] } },
}

/** As recorded of ComfyUI: the nodes of `execution_cached` first, then those it ran, each with how long it took. */
function timings(cached: readonly string[], ran: Readonly<Record<string, number>>): NodeTiming[] {
  const of = (nodeId: string, ms: number, isCached: boolean) => ({
    nodeId,
    classType: graph[nodeId as keyof typeof graph].class_type,
    startedAtMs: 100,
    endedAtMs: 100 + ms,
    cached: isCached,
  })
  return [...cached.map((id) => of(id, 0, true)), ...Object.entries(ran).map(([id, ms]) => of(id, ms, false))]
}

test('a first run is cold and tells how long each file took', () => {
  expect(whatRan(graph, timings([], { '4': 857, '10': 90, '5': 0, '3': 2_954, '9': 1 }))).toEqual({
    warm: false,
    loads: [
      { model: 'tiny.safetensors', ms: 857 },
      { model: 'ink.safetensors', ms: 90 },
    ],
    cached: false,
  })
})

test('another seed is warm: ComfyUI names the loader among the cached', () => {
  expect(whatRan(graph, timings(['4', '5', '10'], { '3': 2_000, '9': 1 }))).toEqual({
    warm: true,
    loads: [],
    cached: false,
  })
})

test('another LoRA over the same model is warm', () => {
  expect(whatRan(graph, timings(['4', '5'], { '10': 80, '3': 2_000 }))).toMatchObject({
    warm: true,
    loads: [{ model: 'ink.safetensors', ms: 80 }],
  })
})

test('a loader that ran and found its model in memory is warm', () => {
  expect(whatRan(graph, timings([], { '4': 1, '3': 2_000 }))).toMatchObject({ warm: true, loads: [] })
})

test('a repeat tells nothing of what others take', () => {
  expect(whatRan(graph, timings(['4', '5', '10', '3', '9'], {}))).toMatchObject({ warm: true, cached: true })
})

test('a graph without models is neither warm nor cold', () => {
  const plain = { '9': graph['9'] }
  expect(whatRan(plain, timings([], { '9': 3 }))).toEqual({ warm: null, loads: [], cached: false })
})

test('of a run that was not seen nothing is known', () => {
  expect(whatRan(graph, [])).toEqual({ warm: null, loads: [], cached: false })
})
