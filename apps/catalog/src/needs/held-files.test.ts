import { expect, test } from 'vitest'
import { HeldFiles, mayBe, SimilarNames } from './held-files.ts'
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
  const similar = new SimilarNames([
    'loras/style_v2.safetensors',
    'loras/other.safetensors',
    'vae/style_v2.safetensors',
  ])

  expect(here.find(named('style_v3.safetensors', 'loras')).file).toBeUndefined()
  expect(similar.of(named('style_v3.safetensors', 'loras'))).toEqual(['style_v2.safetensors'])
  expect(similar.of(named('nothing alike.safetensors', 'loras'))).toEqual([])
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
