import type { Manifest } from '@easel/contracts'
import { expect, test } from 'vitest'
import { bytesOf } from '../bundles/bundle-choice.ts'
import { bundleOf } from './wangp-bundle.ts'
import { WangpManifests } from './wangp-manifest.ts'

const hub = 'https://huggingface.co/Someone/Things/resolve/main'

function aManifest(name: string, model: object): Manifest {
  return {
    name,
    text: JSON.stringify({ model: { name: `The ${name}`, architecture: name, ...model }, prompt: 'x' }),
  }
}

const bundle = (name: string, ...manifests: Manifest[]) => bundleOf(name, new WangpManifests(manifests))
const names = (files: readonly { filename: string }[]) => files.map(({ filename }) => filename)

test('a plain file and a quantized one are one choice', () => {
  const made = bundle(
    'flux',
    aManifest('flux', {
      URLs: [`${hub}/flux1-dev_bf16.safetensors`, `${hub}/flux1-dev_quanto_bf16_int8.safetensors`],
    }),
  )

  expect(made).toMatchObject({ id: 'wangp-flux', name: 'The flux', family: 'flux1-dev' })
  expect(made.files).toMatchObject([
    { folder: 'diffusion_models', choice: 'model', precision: 'bf16', token: 'huggingface', sha256: null },
    { folder: 'diffusion_models', choice: 'model', precision: 'quanto-int8' },
  ])
})

test('three files stay apart: the first is needed, the others are of use', () => {
  const urls = ['mbf16', 'quanto_mbf16_int8', 'quanto_mfp16_int8'].map(
    (end) => `${hub}/wan2.1_text2video_14B_${end}.safetensors`,
  )

  const { files } = bundle('t2v', aManifest('t2v', { URLs: urls }))

  expect(files.map(({ choice, optional }) => [choice, optional])).toEqual([
    [undefined, undefined],
    [undefined, true],
    [undefined, true],
  ])
})

test('two lists are the halves of one model', () => {
  const of = (half: string) => [
    `${hub}/wan2.2_${half}_bf16.safetensors`,
    `${hub}/wan2.2_${half}_quanto_bf16_int8.safetensors`,
  ]

  const { files } = bundle('pair', aManifest('pair', { URLs: of('high'), URLs2: of('low') }))

  expect(files.map(({ noise, choice }) => [noise, choice])).toEqual([
    ['high', 'model'],
    ['high', 'model'],
    ['low', 'model'],
    ['low', 'model'],
  ])
  expect(bytesOf(files.map((file) => ({ ...file, bytes: 10 })))).toBe(20)
})

test('a text refers to another manifest, and that to a third', () => {
  const manifests = [
    aManifest('a', { URLs: 'b', preload_URLs: 'b' }),
    aManifest('b', { URLs: 'c', preload_URLs: [`${hub}/vae.safetensors`, 'local_file.safetensors'] }),
    aManifest('c', { URLs: [`${hub}/model_fp16.safetensors`, 'ckpts/local.safetensors', 7, null] }),
  ]

  expect(names(bundle('a', ...manifests).files)).toEqual(['model_fp16.safetensors', 'vae.safetensors'])
})

test('a circle ends with an error that names it', () => {
  const manifests = [
    aManifest('a', { URLs: 'b' }),
    aManifest('b', { URLs: 'c' }),
    aManifest('c', { URLs: 'a' }),
  ]

  expect(() => bundle('a', ...manifests)).toThrow('Its URLs go in a circle: a → b → c → a')
  expect(() => bundle('m', aManifest('m', { modules: ['m'] }))).toThrow('circle: m → m')
})

test('modules are of the manifest itself or of another one', () => {
  const manifests = [
    aManifest('talk', {
      URLs: [`${hub}/base.safetensors`],
      modules: ['vace#sub', [`${hub}/m_bf16.safetensors`, `${hub}/m_quanto_bf16_int8.safetensors`]],
    }),
    aManifest('vace', { modules: [[`${hub}/vace_module.safetensors`]], URLs: [`${hub}/x.safetensors`] }),
  ]

  expect(bundle('talk', ...manifests).files).toMatchObject([
    { filename: 'base.safetensors' },
    { filename: 'vace_module.safetensors' },
    { filename: 'm_bf16.safetensors', choice: 'module 2' },
    { filename: 'm_quanto_bf16_int8.safetensors', choice: 'module 2' },
  ])
})

test('LoRAs lie in the folder of their family, and a bar tells a folder', () => {
  const { files } = bundle(
    'x',
    aManifest('x', {
      URLs: [`${hub}/t3.safetensors|chatterbox`],
      loras: [`${hub}/flux_detail_lora.safetensors`, `${hub}/plain.safetensors`],
      preload_URLs: [
        `${hub}/ltxv-ic-lora-pose.safetensors`,
        `${hub}/some_lora.safetensors|%lora_dir`,
        `${hub}/evil.safetensors|../../etc`,
      ],
    }),
  )

  expect(files.map(({ folder, filename }) => `${folder}/${filename}`)).toEqual([
    'diffusion_models/chatterbox/t3.safetensors',
    'loras/ltxv/ltxv-ic-lora-pose.safetensors',
    'loras/some_lora.safetensors',
    'other/etc/evil.safetensors',
    'loras/flux/flux_detail_lora.safetensors',
    'loras/plain.safetensors',
  ])
})

test.each([
  ['no JSON', '{', 'It is no JSON'],
  ['a list', '[]', 'It has no “model”'],
  ['a model that is a text', '{"model": "x"}', 'It has no “model”'],
  ['names of prototypes', '{"model": {"URLs": "__proto__"}}', 'It refers to __proto__, which was not given'],
  [
    'nothing to fetch',
    '{"model": {"URLs": ["local.safetensors"]}}',
    'It names no file that could be fetched',
  ],
  ['brackets without end', '['.repeat(500_000), 'It is no JSON'],
])('%s is refused with why', (_what, text, problem) => {
  expect(() => bundle('x', { name: 'x', text })).toThrow(problem)
})
