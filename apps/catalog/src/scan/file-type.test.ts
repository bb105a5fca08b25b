import { expect, test } from 'vitest'
import { folderMissed, typeOfTensors } from './file-type.ts'
import { precisionOf, variantKeyOf } from './precision.ts'

const tensors = (...names: string[]) => names.map((name) => ({ name, shape: [1] }))

test.each([
  ['lora', ['lora_unet_down_blocks_0.lora_down.weight', 'lora_te_text_model_encoder_layers_0.alpha']],
  ['lora', ['diffusion_model.blocks.0.self_attn.q.lora_A.weight']],
  ['lora', ['lora_unet_x.hada_w1_a']],
  [
    'checkpoint',
    ['model.diffusion_model.input_blocks.0.0.weight', 'first_stage_model.decoder.conv_in.weight'],
  ],
  ['checkpoint', ['model.diffusion_model.joint_blocks.0.x', 'text_encoders.clip_l.transformer.x']],
  ['diffusion-model', ['model.diffusion_model.input_blocks.0.0.weight']],
  ['diffusion-model', ['double_blocks.0.img_attn.qkv.weight', 'distilled_guidance_layer.in_proj.weight']],
  ['vae', ['encoder.conv_in.weight', 'decoder.conv_out.weight', 'quant_conv.weight']],
  ['vae', ['encoder.conv1.weight', 'decoder.middle.0.residual.0.gamma']],
  ['text-encoder', ['text_model.encoder.layers.0.self_attn.q_proj.weight']],
  ['text-encoder', ['encoder.block.0.layer.0.SelfAttention.q.weight', 'shared.weight']],
  ['text-encoder', ['model.layers.0.self_attn.q_proj.weight', 'model.embed_tokens.weight']],
  ['text-encoder', ['enc.blk.0.attn_q.weight', 'token_embd.weight']],
  ['clip-vision', ['vision_model.encoder.layers.0.self_attn.k_proj.weight']],
  ['controlnet', ['control_model.input_blocks.0.0.weight']],
  ['controlnet', ['controlnet_cond_embedding.conv_in.weight', 'down_blocks.0.x']],
  ['embedding', ['emb_params']],
  ['embedding', ['clip_g', 'clip_l']],
  ['upscaler', ['conv_first.weight', 'body.0.rdb1.conv1.weight']],
  [null, ['something.weight']],
  [null, []],
])('it is a %s', (type, names) => {
  expect(typeOfTensors(tensors(...names))).toBe(type)
})

test('a file is missed only where it is known what belongs', () => {
  const missed = (folder: string, type: 'lora' | 'vae' | null, right?: string) =>
    folderMissed({ folder, loose: false }, { type, right })

  expect(missed('checkpoints', 'lora', 'loras')).toBe('loras')
  expect(missed('loras', 'lora', 'loras')).toBeNull()
  expect(missed('my_folder', 'lora', 'loras')).toBeNull()
  expect(missed('vae_approx', 'vae', 'vae')).toBeNull()
  expect(missed('checkpoints', null)).toBeNull()
  expect(folderMissed({ folder: 'other', loose: true }, { type: 'lora', right: 'loras' })).toBe('loras')
})

test.each([
  ['wan_quanto_mbf16_int8.safetensors', { I8: 100, BF16: 5 }, 'quanto-int8'],
  ['wan2.2_bf16.safetensors', { BF16: 100 }, 'bf16'],
  ['name_fp8.safetensors', { BF16: 100 }, 'bf16'],
  ['flux-nf4.safetensors', { U8: 100 }, 'nf4'],
  ['x.safetensors', { F8_E4M3: 100, F32: 3 }, 'fp8'],
  ['x.safetensors', {}, null],
])('%s of %j is %s', (name, dtypes, precision) => {
  expect(precisionOf(name, { dtypes })).toBe(precision)
})

test('files that differ only in precision share a key, others do not', () => {
  const key = (path: string) => variantKeyOf(path, '')

  expect(key('a/wan2.2_i2v_bf16.safetensors')).toBe(key('a/wan2.2_i2v_quanto_mbf16_int8.safetensors'))
  expect(key('a/flux1-dev-Q4_K_S.gguf')).toBe(key('a/flux1-dev-F16.gguf'))
  expect(key('a/x_bf16.safetensors')).not.toBe(key('b/x_bf16.safetensors'))
  expect(key('a/x_high_bf16.safetensors')).not.toBe(key('a/x_low_bf16.safetensors'))
})
