import { parseJson } from '@easel/protocol'
import { expect, test } from 'vitest'
import { generationFacts } from './generation-facts.ts'
import type { Graph, GraphValue } from '@easel/comfyui'

type Inputs = Record<string, GraphValue>
const node = (class_type: string, inputs: Inputs = {}) => ({ class_type, inputs })

const checkpoint = node('CheckpointLoaderSimple', { ckpt_name: 'xl\\base.safetensors' })
const text = (words: GraphValue) => node('CLIPTextEncode', { text: words, clip: ['ckpt', 1] })

function sampled(inputs: Inputs = {}, more: Graph = {}): Graph {
  return {
    ckpt: checkpoint,
    pos: text('a red fox'),
    neg: text('ugly'),
    empty: node('EmptyLatentImage', { width: 512, height: 512 }),
    sample: node('KSampler', {
      seed: 7,
      steps: 20,
      cfg: 6.5,
      sampler_name: 'dpmpp_2m',
      scheduler: 'karras',
      model: ['ckpt', 0],
      positive: ['pos', 0],
      negative: ['neg', 0],
      latent_image: ['empty', 0],
      ...inputs,
    }),
    decode: node('VAEDecode', { samples: ['sample', 0], vae: ['ckpt', 2] }),
    save: node('SaveImage', { images: ['decode', 0] }),
    ...more,
  }
}

test('a plain graph tells everything', () => {
  expect(generationFacts(sampled(), 'save')).toEqual({
    prompt: 'a red fox',
    negativePrompt: 'ugly',
    models: ['xl/base.safetensors'],
    loras: [],
    sampler: 'dpmpp_2m',
    scheduler: 'karras',
    seed: '7',
    steps: 20,
    cfg: 6.5,
  })
})

test('a custom sampler keeps its settings in the nodes behind it', () => {
  const graph: Graph = {
    unet: node('UNETLoader', { unet_name: 'flux1-dev.safetensors' }),
    lora: node('LoraLoaderModelOnly', { lora_name: 'ink.safetensors', model: ['unet', 0] }),
    clip: node('DualCLIPLoader', { clip_name1: 't5xxl.safetensors', clip_name2: 'clip_l.safetensors' }),
    text: node('CLIPTextEncode', { text: 'an ink drawing', clip: ['clip', 0] }),
    guidance: node('FluxGuidance', { guidance: 3.5, conditioning: ['text', 0] }),
    guider: node('BasicGuider', { model: ['lora', 0], conditioning: ['guidance', 0] }),
    noise: node('RandomNoise', { noise_seed: 99 }),
    choice: node('KSamplerSelect', { sampler_name: 'euler' }),
    sigmas: node('BasicScheduler', { scheduler: 'simple', steps: 28, denoise: 1, model: ['lora', 0] }),
    sample: node('SamplerCustomAdvanced', {
      noise: ['noise', 0],
      guider: ['guider', 0],
      sampler: ['choice', 0],
      sigmas: ['sigmas', 0],
      latent_image: ['empty', 0],
    }),
    empty: node('EmptySD3LatentImage', { width: 1024 }),
    save: node('SaveImage', { images: ['sample', 0] }),
  }

  expect(generationFacts(graph, 'save')).toEqual({
    prompt: 'an ink drawing',
    negativePrompt: null,
    models: ['flux1-dev.safetensors'],
    loras: ['ink.safetensors'],
    sampler: 'euler',
    scheduler: 'simple',
    seed: '99',
    steps: 28,
    cfg: null,
  })
})

test('of two passes the first one counts', () => {
  const graph = sampled(
    {},
    {
      up: node('LatentUpscale', { samples: ['sample', 0] }),
      second: node('KSampler', {
        ...sampled().sample!.inputs,
        seed: 1,
        steps: 8,
        latent_image: ['up', 0],
      }),
      decode: node('VAEDecode', { samples: ['second', 0] }),
    },
  )

  expect(generationFacts(graph, 'save')).toMatchObject({ seed: '7', steps: 20 })
})

test('each output tells of its own branch', () => {
  const graph = sampled(
    {},
    {
      otherModel: node('CheckpointLoaderSimple', { ckpt_name: 'other.safetensors' }),
      otherText: text('a blue fox'),
      otherSample: node('KSampler', {
        ...sampled().sample!.inputs,
        model: ['otherModel', 0],
        positive: ['otherText', 0],
      }),
      otherSave: node('SaveImage', { images: ['otherSample', 0] }),
    },
  )

  expect(generationFacts(graph, 'save').prompt).toBe('a red fox')
  expect(generationFacts(graph, 'otherSave')).toMatchObject({
    prompt: 'a blue fox',
    models: ['other.safetensors', 'xl/base.safetensors'],
  })
})

test('linked values and texts are followed', () => {
  const graph = sampled(
    { seed: ['number', 0], steps: ['count', 0] },
    {
      number: node('PrimitiveInt', { value: 123 }),
      count: node('PrimitiveInt', { value: 9 }),
      words: node('PrimitiveStringMultiline', { value: 'from elsewhere' }),
      pos: text(['words', 0]),
    },
  )

  expect(generationFacts(graph, 'save')).toMatchObject({ seed: '123', steps: 9, prompt: 'from elsewhere' })
})

test('a seed of 64 bits keeps its digits', () => {
  const graph = sampled(parseJson('{"seed":18446744073709551615}') as Inputs)

  expect(generationFacts(graph, 'save').seed).toBe('18446744073709551615')
})

test('a negative side of zeros has no text', () => {
  const graph = sampled(
    { negative: ['zero', 0] },
    { zero: node('ConditioningZeroOut', { conditioning: ['pos', 0] }) },
  )

  expect(generationFacts(graph, 'save')).toMatchObject({ prompt: 'a red fox', negativePrompt: null })
})

test('a control net passes each side on by itself', () => {
  const graph = sampled(
    { positive: ['net', 0], negative: ['net', 1] },
    { net: node('ControlNetApplyAdvanced', { positive: ['pos', 0], negative: ['neg', 0], strength: 1 }) },
  )

  expect(generationFacts(graph, 'save')).toMatchObject({ prompt: 'a red fox', negativePrompt: 'ugly' })
})

test('stacked loras count unless they are switched off', () => {
  const graph = sampled(
    { model: ['stack', 0] },
    {
      stack: node('Power Lora Loader (rgthree)', {
        model: ['ckpt', 0],
        lora_1: { on: true, lora: 'on.safetensors', strength: 1 },
        lora_2: { on: false, lora: 'off.safetensors', strength: 1 },
      }),
    },
  )

  expect(generationFacts(graph, 'save').loras).toEqual(['on.safetensors'])
})

test('without a named output the end that leads to a sampler is taken', () => {
  const graph = sampled({}, { note: node('ShowText', { text: 'nothing' }) })

  expect(generationFacts(graph).prompt).toBe('a red fox')
})

test('a graph without a sampler tells its prompt where it is called so', () => {
  const graph = {
    api: node('OpenAIImage', { prompt: 'a poster', seed: 3 }),
    save: node('SaveImage', { images: ['api', 0] }),
  }

  expect(generationFacts(graph, 'save')).toMatchObject({ prompt: 'a poster', seed: '3', models: [] })
})

test('cycles, missing nodes and prototype names do no harm', () => {
  const graph = {
    a: node('KSampler', {
      positive: ['b', 0],
      negative: ['__proto__', 0],
      seed: ['constructor', 0],
      latent_image: ['a', 0],
    }),
    b: node('CLIPTextEncode', { text: ['b', 0], clip: ['gone', 1] }),
    c: { class_type: 'Broken' } as never,
  }

  expect(generationFacts(graph, 'a')).toMatchObject({ prompt: null, seed: null })
  expect(generationFacts({}, '__proto__')).toMatchObject({ prompt: null, models: [] })
})
