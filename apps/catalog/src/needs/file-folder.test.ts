import { expect, test } from 'vitest'
import { folderOfFile, folderOfPath } from './file-folder.ts'

test.each([
  ['lora', 'Model', 'safetensors', 'loras'],
  ['locon', 'Model', 'safetensors', 'loras'],
  ['embedding', 'Model', 'safetensors', 'embeddings'],
  ['checkpoint', 'Model', 'safetensors', 'checkpoints'],
  ['checkpoint', 'Model', 'gguf', 'diffusion_models'],
  ['checkpoint', 'UNet', 'safetensors', 'diffusion_models'],
  ['checkpoint', 'VAE', 'safetensors', 'vae'],
  ['checkpoint', 'Text Encoder', 'safetensors', 'text_encoders'],
  ['checkpoint', 'constructor', 'safetensors', 'checkpoints'],
  ['upscaler', null, 'pickle', 'upscale_models'],
] as const)('of a %s, a %s as %s belongs into its folder', (...[type, role, format, folder]) => {
  expect(folderOfFile(type, { role, format })).toBe(folder)
})

test.each([
  ['split_files/diffusion_models/wan2.2_x.safetensors', 'other', 'diffusion_models'],
  ['split_files/text_encoders/t5.safetensors', 'checkpoint', 'text_encoders'],
  ['vae/diffusion_pytorch_model.safetensors', 'checkpoint', 'vae'],
  ['transformer/x.safetensors', 'checkpoint', 'diffusion_models'],
  ['sdxl_vae.safetensors', 'other', 'vae'],
  ['ae.safetensors', 'checkpoint', 'vae'],
  ['pytorch_lora_weights.safetensors', 'other', 'loras'],
  ['clip_l.safetensors', 'other', 'text_encoders'],
  ['RealESRGAN_x4plus.pth', 'other', 'upscale_models'],
  ['sd_xl_base_1.0.safetensors', 'checkpoint', 'checkpoints'],
  ['flux1-dev-Q4_K_S.gguf', 'checkpoint', 'diffusion_models'],
  ['my_style.safetensors', 'lora', 'loras'],
] as const)('%s of a repository that is a %s belongs into its folder', (path, type, folder) => {
  expect(folderOfPath(path, type)).toBe(folder)
})
