import { expect, test } from 'vitest'
import { parseLorasFile } from './loras-file.ts'

const yaml = `
loras:
  castle:
    name: Castle of glass
    hf_repo: ada/castle-lora
    lora_weights: castle.safetensors
    trigger: 1024
    description: Towers, mostly
    default_prompt: a castle at dawn
    base_images: [photos/one.png, 0199a3a0-0000-7000-8000-000000000001]
  mill:
    lora_weights: https://huggingface.co/ada/mill/resolve/main/mill.safetensors
    weight: 0.8
lora_collections:
  Buildings:
    description: What stands
    default_prompt: architecture,
    tags: [stone, wood]
    loras: [castle, mill, nobody]
`

test('the predecessor’s YAML is read, and its scalars stay the texts that they are', () => {
  const { collections, remarks } = parseLorasFile(yaml)

  expect(collections).toEqual([
    {
      name: 'Buildings',
      description: 'What stands',
      prompt: 'architecture,',
      tags: ['stone', 'wood'],
      loras: [
        {
          lora: { source: 'huggingface', repo: 'ada/castle-lora', path: 'castle.safetensors' },
          name: 'Castle of glass',
          trigger: '1024',
          prompt: 'a castle at dawn',
          notes: 'Towers, mostly',
          baseImages: ['0199a3a0-0000-7000-8000-000000000001'],
        },
        {
          reference: 'https://huggingface.co/ada/mill/resolve/main/mill.safetensors',
          name: '',
          trigger: '',
          weight: 0.8,
          prompt: '',
          notes: '',
          baseImages: [],
        },
      ],
    },
  ])
  expect(remarks.map(({ path }) => path)).toEqual([
    'loras.castle.base_images',
    'lora_collections.Buildings.loras',
  ])
})

test('the same as JSON is the same, and LoRAs of no collection are gathered', () => {
  const { collections } = parseLorasFile(
    JSON.stringify({
      loras: {
        a: { hf_repo: 'https://huggingface.co/ada/a', lora_weights: 'a.safetensors', trigger: null },
        b: { civitai_version: 4202, civitai_model: 4201, weight: -0.5 },
        c: { name: 'nowhere' },
      },
    }),
  )

  expect(collections).toMatchObject([
    {
      name: 'LoRAs',
      loras: [
        { lora: { source: 'huggingface', repo: 'ada/a', path: 'a.safetensors' }, trigger: '' },
        { lora: { source: 'civitai', modelId: '4201', versionId: '4202' }, weight: -0.5 },
      ],
    },
  ])
})

test.each([
  ['no map', '- a\n- b'],
  ['neither of the two', 'models: {}'],
  ['broken YAML', 'loras: {a: ['],
  ['broken JSON', '{"loras": '],
  ['a key twice', 'loras: {}\nloras: {}'],
  ['a key twice, further down', 'loras:\n  a: {hf_repo: a/b}\n  a: {hf_repo: a/b}'],
  ['a list for a text', 'loras: {a: {hf_repo: a/b, lora_weights: a, trigger: [1, [2]]}}'],
  ['a weight that is none', 'loras: {a: {hf_repo: a/b, lora_weights: a, weight: heavy}}'],
  ['a name that is too long', JSON.stringify({ lora_collections: { ['x'.repeat(101)]: {} } })],
  ['nesting without end', `loras: ${'['.repeat(60_000)}`],
  ['laughs by the billion', billionLaughs()],
])('%s is refused with the reason', (_what, text) => {
  expect(() => parseLorasFile(text)).toThrow(
    expect.objectContaining({
      code: 'invalid',
      extra: expect.objectContaining({ reason: 'IMPORT_INVALID' }),
    }),
  )
})

test('a text of nothing but names is refused before it is in anybody’s way', () => {
  const names = Array.from({ length: 22_000 }, (_, index) => `  ${index}: {}`).join('\n')
  const begun = performance.now()

  expect(() => parseLorasFile(`loras:\n${names}`)).toThrow(/More than 2000/)
  expect(performance.now() - begun).toBeLessThan(10_000)
})

test('what Postgres cannot keep, or a message not hold, is not taken over', () => {
  const { collections, remarks } = parseLorasFile(
    JSON.stringify({
      loras: {
        nul: { hf_repo: 'a/b', lora_weights: 'one\0.safetensors', notes: 'half \ud800' },
        long: { hf_repo: 'a/b', lora_weights: 'x'.repeat(501) },
        branch: { hf_repo: 'a/b', lora_weights: 'b.safetensors', hf_revision: 'x'.repeat(201) },
        bundle: { bundle: '../x', file: 'loras/a.safetensors' },
      },
    }),
  )

  expect(collections[0]!.loras).toMatchObject([{ lora: { path: 'one.safetensors' }, notes: 'half \ufffd' }])
  expect(remarks.map(({ path }) => path)).toEqual(['loras.long', 'loras.branch', 'loras.bundle'])
})

test('names of prototypes are names', () => {
  const text =
    '{"loras": {"__proto__": {"hf_repo": "a/b", "lora_weights": "a"}, "constructor": {"hf_repo": "a/c", "lora_weights": "a"}}}'
  const yamlText =
    'loras:\n  __proto__: {hf_repo: a/b, lora_weights: a}\n  constructor: {hf_repo: a/c, lora_weights: a}'

  for (const each of [text, yamlText]) {
    const [{ loras } = { loras: [] }] = parseLorasFile(each).collections
    expect(loras.map(({ lora }) => lora?.repo)).toEqual(['a/b', 'a/c'])
  }
  expect(Object.hasOwn(Object.prototype, 'hf_repo')).toBe(false)
})

function billionLaughs(): string {
  const levels = Array.from({ length: 9 }, (_, level) =>
    level === 0
      ? 'a0: &a0 [ha]'
      : `a${level}: &a${level} [${Array(10)
          .fill(`*a${level - 1}`)
          .join(', ')}]`,
  )
  return `${levels.join('\n')}\nloras: *a8`
}
