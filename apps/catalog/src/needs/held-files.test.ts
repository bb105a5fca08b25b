import { expect, test } from 'vitest'
import { HeldFiles, mayBe, similarNames } from './held-files.ts'
import type { HeldFile } from './needs.repository.ts'

const sha = 'b'.repeat(64)

function aHeldFile(path: string, sha256: string | null = null): HeldFile {
  const [folder = ''] = path.split('/')
  return { id: path, path, folder, name: path, bytes: 1, sha256 }
}

const named = (name: string, folder: string | null, sha256?: string) => ({
  name,
  folder,
  nodes: [],
  entry: sha256 === undefined ? undefined : { name, folder, url: null, sha256 },
})

const here = new HeldFiles([
  aHeldFile('loras/style_v2.safetensors'),
  aHeldFile('loras/sub/Other Name.safetensors'),
  aHeldFile('unet/wan.gguf'),
  aHeldFile('embeddings/EasyNegative.pt'),
  aHeldFile('vae/renamed.safetensors', sha),
])

test.each([
  ['style_v2.safetensors', 'loras', 'loras/style_v2.safetensors', true],
  ['STYLE_V2.safetensors', 'loras', 'loras/style_v2.safetensors', false],
  ['sub/Other Name.safetensors', 'loras', 'loras/sub/Other Name.safetensors', true],
  ['Other Name.safetensors', 'loras', 'loras/sub/Other Name.safetensors', false],
  ['wan.gguf', 'diffusion_models', 'unet/wan.gguf', true],
  ['EasyNegative', 'embeddings', 'embeddings/EasyNegative.pt', true],
  ['wan.gguf', null, 'unet/wan.gguf', true],
])('%s in %s is %s', (...[name, folder, path, exact]) => {
  expect(here.find(named(name, folder))).toMatchObject({ file: { path }, exact })
})

test('a file of another folder is not the one that is looked for', () => {
  expect(here.find(named('wan.gguf', 'loras')).file).toBeUndefined()
})

test('the hash that a workflow tells finds a file under another name', () => {
  expect(here.find(named('ae.safetensors', 'vae', sha))).toMatchObject({
    file: { path: 'vae/renamed.safetensors' },
    exact: false,
  })
})

test('what is missing is shown beside what has a similar name in its folder', () => {
  const paths = ['loras/style_v2.safetensors', 'loras/other.safetensors', 'vae/style_v2.safetensors']
  const missing = [
    named('style_v3.safetensors', 'loras'),
    named('nothing alike.safetensors', 'loras'),
    named('style_v2.safetensors', null),
    named('Style-V2.sft', 'loras'),
  ]

  expect(here.find(missing[0]!).file).toBeUndefined()
  expect(similarNames(paths, missing)).toEqual([['style_v2.safetensors'], [], [], ['style_v2.safetensors']])
})

test('of many that are alike the five nearest are shown, whatever their names hold', () => {
  const paths = Array.from({ length: 30 }, (_, at) => `loras/ink ${at} ${'x'.repeat(at % 3)}.safetensors`)
  const odd = [
    'loras/.safetensors',
    'loras/墨.safetensors',
    'loras/constructor.__proto__',
    'loras/ink ink 3.gguf',
  ]

  const [similar] = similarNames([...odd, ...paths], [named('ink_3.safetensors', 'loras')])

  expect(similar).toHaveLength(5)
  expect(similar!.slice(0, 2)).toEqual(['ink 3 .safetensors', 'ink ink 3.gguf'])
})

test.each([
  ['sub/SD_XL-Base 1.0.safetensors', 'sdxl_base_1.0.safetensors', true],
  ['x.sft', 'x.safetensors', true],
  ['wan_high.safetensors', 'wan_low.safetensors', false],
  ['x.ckpt', 'x.safetensors', false],
  ['x.gguf', 'x.safetensors', false],
  ['x.pt', 'x.pt', false],
])('by its name alone, %s for %s: %s', (candidate, wanted, may) => {
  expect(mayBe(candidate, wanted)).toBe(may)
})
