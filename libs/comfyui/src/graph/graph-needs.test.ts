import { describe, expect, it } from 'vitest'
import type { Graph, GraphValue } from './graph.ts'
import { filesOfNode, modelFilesOf, needsOf, workOf } from './graph-needs.ts'

const textToImage = (changes: Record<string, Record<string, GraphValue>> = {}): Graph => {
  const graph: Graph = {
    '4': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'xl\\base.safetensors' } },
    '5': { class_type: 'EmptyLatentImage', inputs: { width: 1024, height: 512, batch_size: 2 } },
    '6': { class_type: 'CLIPTextEncode', inputs: { text: 'a file named x.safetensors', clip: ['4', 1] } },
    '7': {
      class_type: 'LoraLoader',
      inputs: { lora_name: 'ink.safetensors', model: ['4', 0], strength_model: 1 },
    },
    '3': {
      class_type: 'KSampler',
      inputs: { seed: 1, steps: 20, denoise: 1, model: ['7', 0], latent_image: ['5', 0] },
    },
    '9': { class_type: 'SaveImage', inputs: { images: ['3', 0] } },
  }
  for (const [id, inputs] of Object.entries(changes)) Object.assign(graph[id]!.inputs, inputs)
  return graph
}

describe('models of a graph', () => {
  it('are the files that loaders read, with LoRAs apart', () => {
    expect(modelFilesOf(textToImage())).toEqual({
      models: ['xl/base.safetensors'],
      loras: ['ink.safetensors'],
    })
  })

  it('are found in the loaders of packs, by their class and ending', () => {
    const node = { class_type: 'UnetLoaderGGUF', inputs: { unet: 'flux1-dev-Q4.gguf', device: 'cpu' } }
    expect(filesOfNode(node)).toEqual([{ name: 'flux1-dev-Q4.gguf', lora: false }])
  })

  it('leave out LoRAs that are switched off', () => {
    const inputs = {
      lora_1: { on: true, lora: 'a.safetensors', strength: 1 },
      lora_2: { on: false, lora: 'b.safetensors', strength: 1 },
    }
    expect(filesOfNode({ class_type: 'Power Lora Loader (rgthree)', inputs })).toEqual([
      { name: 'a.safetensors', lora: true, folder: 'loras' },
    ])
  })

  it('are bounded in number and length', () => {
    const many: Graph = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, n) => [
        String(n),
        { class_type: 'VAELoader', inputs: { vae_name: `${n}.pt` } },
      ]),
    )
    many.long = { class_type: 'VAELoader', inputs: { vae_name: `${'x'.repeat(10_000)}.pt` } }
    expect(modelFilesOf(many).models).toHaveLength(64)
  })
})

describe('work of a graph', () => {
  it('is pixels × batch × steps', () => {
    expect(workOf(textToImage())).toEqual({
      width: 1024,
      height: 512,
      batch: 2,
      frames: 1,
      steps: 20,
      units: 20,
    })
  })

  it('counts the frames of a video', () => {
    const graph: Graph = {
      '1': {
        class_type: 'EmptyHunyuanLatentVideo',
        inputs: { width: 1024, height: 1024, length: 33, batch_size: 1 },
      },
      '2': { class_type: 'BasicScheduler', inputs: { steps: 10 } },
      '3': { class_type: 'SamplerCustomAdvanced', inputs: { sigmas: ['2', 0] } },
    }
    expect(workOf(graph).units).toBe(330)
  })

  it('follows a link to a node that holds the value', () => {
    const graph = textToImage({ '5': { width: ['20', 0] } })
    graph['20'] = { class_type: 'PrimitiveInt', inputs: { value: 2048 } }
    expect(workOf(graph).width).toBe(2048)
  })

  it('counts the part of the steps that a sampler does', () => {
    const graph = textToImage({ '3': { start_at_step: 5, end_at_step: 10_000 } })
    expect(workOf(graph).steps).toBe(15)
  })

  it('is one megapixel and 20 steps where the graph does not say', () => {
    const graph: Graph = { '1': { class_type: 'SamplerCustom', inputs: {} } }
    expect(workOf(graph)).toMatchObject({ width: 1024, height: 1024, steps: 20, units: 20 })
  })

  it('is one pass where nothing is sampled', () => {
    expect(workOf({ '1': { class_type: 'EmptyImage', inputs: { width: 512, height: 512 } } }).units).toBe(
      0.25,
    )
  })

  it.each<[string, GraphValue]>([
    ['a number beyond all', 1e308],
    ['infinity', Infinity],
    ['no number', NaN],
    ['a large integer', 2n ** 200n],
    ['a negative', -5],
    ['an object', { toString: 'x' }],
    ['a text', 'width'],
    ['itself', ['5', 0]],
    ['a node that is not there', ['__proto__', 0]],
  ])('stays finite with %s as size', (_, value) => {
    const graph = textToImage({
      '5': { width: value, height: value, batch_size: value },
      '3': { steps: value },
    })
    const { units } = workOf(graph)
    expect(units).toBeGreaterThanOrEqual(0)
    expect(units).toBeLessThan(1e20)
    expect(needsOf(graph).signature).toMatch(/^[0-9a-f]{32}$/)
  })
})

describe('signatures', () => {
  it('are the same for other texts and seeds', () => {
    const a = needsOf(textToImage())
    const b = needsOf(textToImage({ '6': { text: 'another' }, '3': { seed: 77 } }))
    expect(b.signature).toBe(a.signature)
  })

  it('differ by size, and agree in the coarse', () => {
    const a = needsOf(textToImage())
    const b = needsOf(textToImage({ '5': { width: 2048 }, '7': { lora_name: 'other.safetensors' } }))
    expect(b.signature).not.toBe(a.signature)
    expect(b.coarse).toBe(a.coarse)
  })

  it('differ by model', () => {
    const other = needsOf(textToImage({ '4': { ckpt_name: 'other.safetensors' } }))
    expect(other.coarse).not.toBe(needsOf(textToImage()).coarse)
  })

  it('take names of prototypes for names', () => {
    const graph = Object.fromEntries([
      ['__proto__', { class_type: 'constructor', inputs: Object.fromEntries([['__proto__', 'x.pt']]) }],
    ]) as Graph
    expect(needsOf(graph).models).toEqual([])
  })
})
