import { expect, test } from 'vitest'
import { parseTypeFolder, TypeFolders, wangpFolder } from './type-folders.ts'

test.each([
  ['lora', 'loras'],
  ['locon', 'loras'],
  ['embedding', 'embeddings'],
  ['diffusion-model', 'diffusion_models'],
  ['checkpoint', 'checkpoints'],
  ['vae', 'vae'],
  ['controlnet', 'controlnet'],
  ['upscaler', 'upscale_models'],
] as const)('a %s goes into %s', (type, folder) => {
  expect(new TypeFolders().folderOf(type)).toBe(folder)
})

test('a setting puts a type elsewhere, and only that', () => {
  const folders = new TypeFolders(new Map([parseTypeFolder('lora = my loras/new')!]))

  expect(folders.folderOf('lora')).toBe('my loras/new')
  expect(folders.folderOf('locon')).toBe('loras')
})

test.each(['lora', '=x', 'nothing=x', 'lora=../x', 'lora=/x', 'lora=a//b', 'lora=', 'lora=.hidden'])(
  '%s is no setting',
  (item) => expect(parseTypeFolder(item)).toBeUndefined(),
)

test.each([
  ['Flux-realism-lora.safetensors', 'loras_flux'],
  ['hunyuan_lora.safetensors', 'loras_hunyuan'],
  ['wan_i2v_lora_rank64.safetensors', 'loras_i2v'],
  ['ltxv-lora.safetensors', 'loras_ltxv'],
  ['Qwen-Lightning-lora.safetensors', 'loras_qwen'],
  ['some_adapter.safetensors', 'loras'],
  ['wan2.2_t2v.safetensors', 'ckpts'],
])('WanGP keeps %s in %s', (name, folder) => {
  expect(wangpFolder(name)).toBe(folder)
})
