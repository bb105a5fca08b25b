import { expect, test } from 'vitest'
import { trainerFacts } from './trainer-facts.ts'

test('a LoRA of kohya tells its base model, network and tags', () => {
  const facts = trainerFacts({
    ss_sd_scripts_commit_hash: 'abc',
    ss_output_name: 'castle_v2',
    ss_base_model_version: 'sdxl_base_v1-0',
    ss_network_dim: '32',
    ss_network_alpha: '16.0',
    ss_resolution: '(1024, 768)',
    ss_epoch: '10',
    ss_steps: '1500',
    ss_tag_frequency: JSON.stringify({ '10_a': { castle: 20, ' sky': 5 }, '2_b': { castle: 4, sky: 30 } }),
  })

  expect(facts).toMatchObject({
    trainer: 'kohya-ss',
    title: 'castle_v2',
    baseModel: 'sdxl_base_v1-0',
    networkDim: 32,
    networkAlpha: 16,
    resolution: { width: 1024, height: 768 },
    epochs: 10,
    steps: 1500,
    triggerWords: ['sky', 'castle'],
    tags: [
      { tag: 'sky', count: 35 },
      { tag: 'castle', count: 24 },
    ],
  })
})

test('a LoRA of ai-toolkit tells its trigger word and steps', () => {
  const facts = trainerFacts({
    software: '{"name": "ai-toolkit", "version": "0.7.0"}',
    training_info: '{"step": 2000, "epoch": 12}',
    ss_base_model_version: 'flux1',
    ss_tag_frequency: '{"1_ohwx": {"ohwx": 1}}',
  })

  expect(facts).toMatchObject({
    trainer: 'ai-toolkit',
    baseModel: 'flux1',
    steps: 2000,
    epochs: 12,
    triggerWords: ['ohwx'],
  })
})

test('ModelSpec goes before what a trainer named it', () => {
  const facts = trainerFacts({
    'modelspec.title': 'Castles',
    'modelspec.architecture': 'stable-diffusion-xl-v1-base/lora',
    'modelspec.trigger_phrase': 'castle, old castle , castle',
    'modelspec.resolution': '512x640',
    ss_output_name: 'castle_v2',
  })

  expect(facts).toMatchObject({
    title: 'Castles',
    architecture: 'stable-diffusion-xl-v1-base/lora',
    triggerWords: ['castle', 'old castle'],
    resolution: { width: 512, height: 640 },
  })
})

test.each<Record<string, string>>([
  {},
  { ss_tag_frequency: 'no json', ss_network_dim: 'Dynamic', ss_resolution: 'None', software: '[]' },
  {
    ss_tag_frequency: '{"a": 5, "b": {"x": "many", "y": -1}}',
    ss_network_alpha: '1e999',
    training_info: 'null',
  },
  { software: '{"name": 7}', ss_output_name: '   ' },
])('what makes no sense is left out: %j', (metadata) => {
  const facts = trainerFacts(metadata)

  expect(Object.values(facts).filter((value) => value !== undefined)).toEqual([[], []])
})

test('names of prototypes are tags like any other', () => {
  const { tags } = trainerFacts({ ss_tag_frequency: '{"__proto__": {"__proto__": 3, "constructor": 2}}' })

  expect(tags).toEqual([
    { tag: '__proto__', count: 3 },
    { tag: 'constructor', count: 2 },
  ])
})
