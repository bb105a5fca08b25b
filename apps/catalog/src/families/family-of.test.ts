import { expect, test } from 'vitest'
import { families, familiesOfBaseModel } from './families.ts'
import { familyInTag, noiseLevelOf } from './family-names.ts'
import { familyOf } from './family-of.ts'

test.each([
  ['Pony', 'pony'],
  ['Illustrious', 'illustrious'],
  ['NoobAI', 'noobai'],
  ['Flux.1 S', 'flux1-schnell'],
  ['Flux.1 D', 'flux1-dev'],
  ['Flux.1 Krea', 'flux1-krea'],
  ['Flux.1 Kontext', 'flux1-kontext'],
  ['SDXL Lightning', 'sdxl'],
  ['SDXL 1.0', 'sdxl'],
  ['sdxl hyper', 'sdxl'],
  ['SD 1.5 LCM', 'sd15'],
  ['SD 1.4', 'sd15'],
  ['SD 2.1 768', 'sd2'],
  ['SD 3', 'sd3'],
  ['SD 3.5', 'sd35-large'],
  ['SD 3.5 Medium', 'sd35-medium'],
  ['Flux.2 D', 'flux2-dev'],
  ['Flux.2 Klein 9B', 'flux2-klein-9b'],
  ['Flux.2 Klein 4B-base', 'flux2-klein-4b'],
  ['Wan Video', 'wan21-t2v'],
  ['Wan Video 1.3B t2v', 'wan21-t2v-1.3b'],
  ['Wan Video 14B i2v 480p', 'wan21-i2v'],
  ['Wan Video 2.2 I2V-A14B', 'wan22-i2v'],
  ['Wan Video 2.2 T2V-A14B', 'wan22-t2v'],
  ['Wan Video 2.2 TI2V-5B', 'wan22-ti2v-5b'],
  ['LTXV', 'ltx'],
  ['LTXV 2.3', 'ltx2'],
  ['Hunyuan Video', 'hunyuan-video'],
  ['Qwen', 'qwen-image'],
  ['ZImageTurbo', 'z-image-turbo'],
  ['ZImageBase', 'z-image'],
  ['Chroma', 'chroma'],
  ['HiDream', 'hidream'],
  ['Kolors', 'kolors'],
  ['PixArt E', 'pixart-sigma'],
  ['PixArt a', 'pixart-alpha'],
  ['Lumina', 'lumina'],
  ['AuraFlow', 'aura'],
  ['Pony V7', 'pony7'],
  ['Mochi', 'mochi'],
  ['SVD XT', 'svd'],
  ['CogVideoX', 'cogvideox'],
  ['Stable Cascade', 'cascade'],
  ['Other', undefined],
  ['Something New 9', undefined],
  ['__proto__', undefined],
])('CivitAI: %s is %s', (baseModel, id) => {
  expect(familyOf({ baseModel })?.id).toBe(id)
})

test.each([
  ['v1-5-pruned-emaonly.safetensors', 'sd15'],
  ['v2-1_768-ema-pruned.safetensors', 'sd2'],
  ['sd_xl_base_1.0.safetensors', 'sdxl'],
  ['juggernautXL_v9.safetensors', undefined],
  ['ponyDiffusionV6XL_v6.safetensors', 'pony'],
  ['waiNSFWIllustrious_v140.safetensors', 'illustrious'],
  ['noobaiXLNAIXL_vPred10.safetensors', 'noobai'],
  ['flux1-schnell-fp8.safetensors', 'flux1-schnell'],
  ['flux1-dev-Q4_K_S.gguf', 'flux1-dev'],
  ['flux1-dev-kontext_fp8_scaled.safetensors', 'flux1-kontext'],
  ['flux1-fill-dev.safetensors', 'flux1-fill'],
  ['flux2_dev_fp8mixed.safetensors', 'flux2-dev'],
  ['flux-2-klein-4b.safetensors', 'flux2-klein-4b'],
  ['flux-2-klein-base-9b-fp8.safetensors', 'flux2-klein-9b'],
  ['Chroma1-HD.safetensors', 'chroma'],
  ['sd3.5_large.safetensors', 'sd35-large'],
  ['sd3.5_medium.safetensors', 'sd35-medium'],
  ['sd3_medium_incl_clips.safetensors', 'sd3'],
  ['wan2.1_t2v_14B_fp16.safetensors', 'wan21-t2v'],
  ['wan2.1_t2v_1.3B_bf16.safetensors', 'wan21-t2v-1.3b'],
  ['Wan2_1-I2V-14B-480P_fp8_e4m3fn.safetensors', 'wan21-i2v'],
  ['wan2.2_i2v_high_noise_14B_fp8_scaled.safetensors', 'wan22-i2v'],
  ['Wan2_2-T2V-A14B-LOW_fp8.safetensors', 'wan22-t2v'],
  ['wan2.2_ti2v_5B_fp16.safetensors', 'wan22-ti2v-5b'],
  ['swan_lake.safetensors', undefined],
  ['ltx-video-2b-v0.9.5.safetensors', 'ltx'],
  ['ltx-2-19b-dev-fp8.safetensors', 'ltx2'],
  ['hunyuan_video_t2v_720p_bf16.safetensors', 'hunyuan-video'],
  ['hunyuanvideo1.5_720p_t2v_fp16.safetensors', 'hunyuan-video-1.5'],
  ['qwen_image_fp8_e4m3fn.safetensors', 'qwen-image'],
  ['qwen_image_edit_2509_fp8.safetensors', 'qwen-image-edit'],
  ['Qwen-Image-Edit-2511-Lightning.safetensors', 'qwen-image-edit'],
  ['z_image_turbo_bf16.safetensors', 'z-image-turbo'],
  ['z_image_bf16.safetensors', 'z-image'],
  ['hidream_i1_full_fp8.safetensors', 'hidream'],
  ['cosmos_predict2_2B_t2i.safetensors', 'cosmos'],
  ['cosmos_nebula.safetensors', undefined],
  ['PixArt-Sigma-XL-2-1024-MS.safetensors', 'pixart-sigma'],
  ['lumina_2.safetensors', 'lumina'],
  ['aura_flow_0.3.safetensors', 'aura'],
  ['mochi_preview_bf16.safetensors', 'mochi'],
  ['svd_xt_1_1.safetensors', 'svd'],
  ['ponytail.safetensors', undefined],
])('the file %s is %s', (name, id) => {
  expect(familyOf({ names: [name] })?.id).toBe(id)
})

test.each([
  [['sd_v1'], 'sd15'],
  [['sd_v2'], 'sd2'],
  [['sdxl_base_v1-0'], 'sdxl'],
  [['sdxl_base_v1-0', 'ponyDiffusionV6XL.safetensors'], 'pony'],
  [['stable-diffusion-xl-v1-base/lora'], 'sdxl'],
  [['stable-diffusion-v1/lora'], 'sd15'],
  [['stable-diffusion-3.5-large/lora'], 'sd35-large'],
  [['flux1'], 'flux1-dev'],
  [['flux-1-dev/lora'], 'flux1-dev'],
  [['wan2.2_14b:t2v'], 'wan22-t2v'],
  [['wan21_14b_i2v'], 'wan21-i2v'],
  [['qwen_image_edit_plus'], 'qwen-image-edit'],
  [['zimage:turbo'], 'z-image-turbo'],
  [['hyvid'], 'hunyuan-video'],
])('a trainer that writes %j means %s', (trainer, id) => {
  expect(familyOf({ trainer })?.id).toBe(id)
})

test.each([
  ['base_model:black-forest-labs/FLUX.1-dev', 'flux1-dev'],
  ['base_model:adapter:stabilityai/stable-diffusion-xl-base-1.0', 'sdxl'],
  ['base_model:quantized:Wan-AI/Wan2.2-I2V-A14B', 'wan22-i2v'],
  ['base_model:someone/unknown', undefined],
  ['stable-diffusion-xl', 'sdxl'],
  ['license:flux-1-dev', undefined],
])('the tag %s tells %s', (tag, id) => {
  expect(familyInTag(tag)).toBe(id)
})

const lora = (name: string, width: number) => [{ name: `${name}.lora_down.weight`, shape: [16, width] }]

test.each([
  ['sd15', lora('lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k', 768)],
  ['sd2', lora('lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k', 1024)],
  ['sdxl', lora('lora_unet_output_blocks_0_1_transformer_blocks_0_attn2_to_v', 2048)],
  ['flux1-dev', lora('lora_unet_double_blocks_0_img_attn_proj', 3072)],
  ['flux2-dev', lora('diffusion_model.double_blocks.0.img_attn.proj', 6144)],
  ['flux2-klein-9b', lora('diffusion_model.single_blocks.0.linear1', 4096)],
  ['hunyuan-video', lora('lora_unet_double_blocks_0_img_mlp_fc1', 3072).concat(lora('double_blocks.0.x', 1))],
  ['wan21-t2v', lora('diffusion_model.blocks.0.self_attn.q', 5120)],
  ['wan21-t2v-1.3b', lora('lora_unet_blocks_0_cross_attn_k', 1536)],
  [
    'wan21-i2v',
    lora('blocks.0.cross_attn.q', 5120).concat(lora('diffusion_model.blocks.0.cross_attn.k_img', 1)),
  ],
  ['qwen-image', [{ name: 'transformer.transformer_blocks.0.attn.to_q.lora_A.weight', shape: [16, 3072] }]],
  ['z-image', [{ name: 'diffusion_model.layers.0.attention.to_q.lora_A.weight', shape: [16, 3840] }]],
  ['lumina', [{ name: 'layers.0.attention.qkv.weight', shape: [6912, 2304] }]],
  [
    'sd35-large',
    [{ name: 'model.diffusion_model.joint_blocks.37.x_block.attn.qkv.weight', shape: [1, 2432] }],
  ],
  ['svd', lora('input_blocks.1.1.transformer_blocks.0.attn2.to_k', 1024).concat(lora('a.1.time_stack.0', 1))],
  [
    'flux2-klein-4b',
    lora('single_blocks.0.linear1', 3072).concat({
      name: 'single_blocks.0.linear1.lora_up.weight',
      shape: [9 * 3072, 16],
    }),
  ],
  [
    'wan22-i2v',
    [
      { name: 'blocks.0.self_attn.q.weight', shape: [5120, 5120] },
      { name: 'patch_embedding.weight', shape: [5120, 36, 1, 2, 2] },
    ],
  ],
  ['ltx', [{ name: 'model.diffusion_model.patchify_proj.weight', shape: [2048, 128] }]],
  ['mochi', [{ name: 't5_yproj.weight', shape: [3072, 4096] }]],
  ['chroma', [{ name: 'distilled_guidance_layer.in_proj.weight', shape: [5120, 64] }]],
  [undefined, [{ name: 'encoder.block.0.weight', shape: [1] }]],
])('tensors of %s are known', (id, tensors) => {
  expect(familyOf({ tensors })?.id).toBe(id)
})

test('names choose only between families with such tensors', () => {
  const sdxl = lora('lora_unet_output_blocks_0_1_transformer_blocks_0_attn2_to_v', 2048)
  const wan = lora('diffusion_model.blocks.0.self_attn.q', 5120)

  expect(familyOf({ names: ['my pony lora'], tensors: sdxl })?.id).toBe('pony')
  expect(familyOf({ names: ['flux style'], tensors: sdxl })?.id).toBe('sdxl')
  expect(familyOf({ names: ['wan2.2 i2v high'], tensors: wan })?.id).toBe('wan22-i2v')
})

test('CivitAI is believed before a name, which chooses where it is not clear', () => {
  expect(familyOf({ baseModel: 'SDXL 1.0', names: ['illustrious.safetensors'] })?.id).toBe('sdxl')
  expect(familyOf({ baseModel: 'Qwen', names: ['qwen_image_edit_lora'] })?.id).toBe('qwen-image-edit')
  expect(familyOf({ baseModel: 'Wan Video', names: ['wan_i2v_480'] })?.id).toBe('wan21-i2v')
})

test('a family leads back to the values of CivitAI, and every reference holds', () => {
  const ids = new Set(families.map(({ id }) => id))

  expect(ids.size).toBe(families.length)
  expect(familiesOfBaseModel('flux.1 d').map(({ id }) => id)).toEqual(['flux1-dev', 'flux1-fill'])
  for (const family of families) {
    expect(family.loraFamilies[0]).toBe(family.id)
    for (const lora of family.loraFamilies) expect(ids).toContain(lora)
    for (const name of family.civitaiBaseModels) expect(familiesOfBaseModel(name)).toContain(family)
  }
})

test.each([
  ['wan2.2_i2v_high_noise_14B.safetensors', 'high'],
  ['Wan2_2-T2V-A14B-LOW_fp8.safetensors', 'low'],
  ['my_HighNoise.safetensors', 'high'],
  ['highlander.safetensors', undefined],
])('%s is the %s-noise expert', (name, level) => {
  expect(noiseLevelOf(name)).toBe(level)
})

test('long and odd names cost nothing', () => {
  const name = `${'a_'.repeat(200_000)}wan`

  expect(familyOf({ names: [name], tags: Array.from({ length: 10_000 }, () => 'x'), repo: name })).toBeNull()
})
