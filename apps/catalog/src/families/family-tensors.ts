/** A tensor's name and shape, as the header of a safetensors or GGUF file lists them. */
export type TensorShape = { readonly name: string; readonly shape: readonly number[] }

const prefixes =
  /^(?:base_model\.model\.|model\.diffusion_model\.|diffusion_model\.|transformer\.|unet\.|net\.|lora_unet_|lora_transformer_|lycoris_)+/

/** The first dimension that goes into a layer: of a LoRA's lower half as of the layer itself. */
type Tensors = ReadonlyMap<string, readonly number[]>

/**
 * The family that the tensors of a file belong to, as far as they tell: where several families share their
 * tensors it is the plainest of them. Works for whole models, bare transformers and LoRAs.
 */
export function familyInTensors(tensors: Iterable<TensorShape>): string | undefined {
  const all = new Map<string, readonly number[]>()
  for (const { name, shape } of tensors) {
    // Kohya writes `_` for `.`; nothing that is looked for here differs only by that.
    all.set(name.slice(0, 300).replace(prefixes, '').replaceAll('.', '_'), shape)
  }
  for (const detect of detectors) {
    const found = detect(all)
    if (found) return found
  }
  return undefined
}

const has = (tensors: Tensors, pattern: RegExp): boolean => find(tensors, pattern) !== undefined

function find(tensors: Tensors, pattern: RegExp): readonly number[] | undefined {
  for (const [name, shape] of tensors) if (pattern.test(name)) return shape
  return undefined
}

/** Width of what a layer takes in: the weight is [out, in], a LoRA's lower half [rank, in]. */
function widthInto(tensors: Tensors, layer: RegExp): number | undefined {
  const lower = new RegExp(`${layer.source}(_weight|_lora_down_weight|_lora_A(_default)?_weight|_hada_w1_b)$`)
  return find(tensors, lower)?.at(-1)
}

const pick = (width: number | undefined, known: Readonly<Record<number, string>>): string | undefined =>
  width === undefined || !Object.hasOwn(known, width) ? undefined : known[width]

const detectors: readonly ((tensors: Tensors) => string | undefined)[] = [
  stableDiffusion3,
  chroma,
  hunyuanVideo,
  flux,
  diffusersFlux,
  wan,
  ltx,
  qwenImage,
  luminaLine,
  cosmosLine,
  others,
  stableDiffusion,
]

function stableDiffusion3(tensors: Tensors): string | undefined {
  if (!has(tensors, /^joint_blocks_\d/)) return undefined
  if (has(tensors, /^joint_blocks_\d+_x_block_attn2_/)) return 'sd35-medium'
  return has(tensors, /^joint_blocks_37_/) ? 'sd35-large' : 'sd3'
}

function chroma(tensors: Tensors): string | undefined {
  return has(tensors, /^distilled_guidance_layer_/) ? 'chroma' : undefined
}

function hunyuanVideo(tensors: Tensors): string | undefined {
  const refined = has(tensors, /^txt_in_individual_token_refiner_/)
  const named = has(tensors, /^(double_blocks_\d+_(img|txt)_mlp_fc[12]|single_blocks_\d+_modulation_linear)_/)
  if (!has(tensors, /^double_blocks_/) || !(refined || named)) return undefined
  if (has(tensors, /^byt5_in_/)) return has(tensors, /^vision_in_/) ? 'hunyuan-video-1.5' : 'hunyuan-image'
  return 'hunyuan-video'
}

/** Black Forest Labs' own names, whole or flattened by kohya. */
function flux(tensors: Tensors): string | undefined {
  if (!has(tensors, /^(double_blocks_\d+_(img|txt)_|single_blocks_\d+_linear)/)) return undefined
  const width =
    widthInto(tensors, /^double_blocks_\d+_(?:img|txt)_attn_(?:qkv|proj)/) ??
    widthInto(tensors, /^single_blocks_\d+_linear1/)
  const out = find(tensors, /^single_blocks_\d+_linear1(_weight|_lora_up_weight|_lora_B_weight)$/)?.[0]
  // FLUX.2's feed-forward is gated, so its single blocks put out nine widths and not seven.
  const second = has(tensors, /^double_stream_modulation_/) || (out !== undefined && out === 9 * (width ?? 0))
  if (second || width === 6144 || width === 4096) return pick(width, flux2Widths)
  if (width !== 3072) return undefined
  if (find(tensors, /^img_in_weight$/)?.at(-1) === 384) return 'flux1-fill'
  const whole = has(tensors, /^img_in_weight$/) && has(tensors, /^double_blocks_18_/)
  return whole && !has(tensors, /^guidance_in_/) ? 'flux1-schnell' : 'flux1-dev'
}

const flux2Widths = { 6144: 'flux2-dev', 4096: 'flux2-klein-9b', 3072: 'flux2-klein-4b' }

function diffusersFlux(tensors: Tensors): string | undefined {
  if (!has(tensors, /^single_transformer_blocks_\d/)) return undefined
  if (has(tensors, /^single_transformer_blocks_\d+_attn_to_qkv_mlp_proj/)) {
    return pick(widthInto(tensors, /^single_transformer_blocks_\d+_attn_to_qkv_mlp_proj/), flux2Widths)
  }
  const width = widthInto(
    tensors,
    /^(?:single_)?transformer_blocks_\d+_(?:attn_(?:to_[qkv]|add_[qkv]_proj)|proj_mlp)/,
  )
  return pick(width, { ...flux2Widths, 3072: 'flux1-dev' })
}

function wan(tensors: Tensors): string | undefined {
  const width = widthInto(tensors, /^blocks_\d+_(?:self_attn|cross_attn)_[qkvo]/)
  if (width === undefined) return undefined
  const inputs = find(tensors, /^patch_embedding_weight$/)?.[1]
  if (has(tensors, /^(img_emb_|blocks_\d+_cross_attn_k_img)/)) return 'wan21-i2v'
  if (width === 3072) return 'wan22-ti2v-5b'
  if (width === 1536) return 'wan21-t2v-1.3b'
  if (width !== 5120) return undefined
  return inputs === 36 ? 'wan22-i2v' : 'wan21-t2v'
}

function ltx(tensors: Tensors): string | undefined {
  if (has(tensors, /^(audio_patchify_proj|transformer_blocks_\d+_(audio_attn1|audio_to_video_attn))/)) {
    return 'ltx2'
  }
  if (has(tensors, /^patchify_proj_/)) return 'ltx'
  if (has(tensors, /(^|_)down_blocks|(^|_)single_transformer_blocks/)) return undefined
  const width = widthInto(tensors, /^transformer_blocks_\d+_attn1_to_[qkv]/)
  return pick(width, { 2048: 'ltx', 4096: 'ltx2' })
}

function qwenImage(tensors: Tensors): string | undefined {
  if (has(tensors, /^transformer_blocks_\d+_(img|txt)_(mod|mlp)_/)) return 'qwen-image'
  const width = widthInto(tensors, /^transformer_blocks_\d+_attn_(?:to_[qkv]|add_[qkv]_proj)/)
  return pick(width, { 3072: 'qwen-image', 2432: 'sd35-large', 1536: 'sd3' })
}

/** Z-Image is built as Lumina 2 is, but wider. */
function luminaLine(tensors: Tensors): string | undefined {
  const width = widthInto(tensors, /^layers_\d+_attention_(?:qkv|to_[qkv]|out|to_out_0)/)
  return pick(width, { 3840: 'z-image', 2304: 'lumina' })
}

function cosmosLine(tensors: Tensors): string | undefined {
  if (has(tensors, /^llm_adapter_/)) return 'anima'
  const marks = /^blocks_(\d+_adaln_modulation_cross_attn|block\d+_blocks_\d+_adaLN_modulation)_/
  return has(tensors, marks) ? 'cosmos' : undefined
}

const marks: readonly (readonly [RegExp, string])[] = [
  [/^double_stream_blocks_\d+_block_|^caption_projection_0_linear_/, 'hidream'],
  [/^double_layers_\d+_attn_w1q/, 'aura'],
  [/^t5_yproj_|^blocks_\d+_attn_qkv_x_/, 'mochi'],
  [/^csize_embedder_/, 'pixart-alpha'],
  [/^y_embedder_y_proj_|^blocks_\d+_cross_attn_kv_linear_/, 'pixart-sigma'],
  [/^mlp_t5_/, 'hunyuan-dit'],
  [/^patch_embed_text_proj_/, 'cogvideox'],
  [/^(genre_embedder|lyric_encoder)_/, 'ace-step'],
  [/^clip_(txt_mapper|txt_pooled_mapper)_/, 'cascade'],
]

function others(tensors: Tensors): string | undefined {
  return marks.find(([pattern]) => has(tensors, pattern))?.[1]
}

/** The width of the text that the cross attention looks at tells the three lines apart. */
function stableDiffusion(tensors: Tensors): string | undefined {
  const width = widthInto(
    tensors,
    /(?:input_blocks|down_blocks|middle_block|mid_block|output_blocks|up_blocks)_\w*attn2_to_[kv]/,
  )
  if (width === 1024 && has(tensors, /_time_(stack|mixer)_|temporal_transformer_blocks/)) return 'svd'
  if (width === 2048 && has(tensors, /^encoder_hid_proj_/)) return 'kolors'
  const line = pick(width, { 768: 'sd15', 1024: 'sd2', 2048: 'sdxl' })
  if (line) return line
  if (has(tensors, /^lora_te2_|^conditioner_embedders_1_model_/)) return 'sdxl'
  return has(tensors, /^cond_stage_model_transformer_text_model_/) ? 'sd15' : undefined
}
