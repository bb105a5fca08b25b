import type { ModelFolder, ModelType } from '@easel/contracts'
import { familyInTensors } from '../families/family-tensors.ts'
import type { TensorShape } from '../families/family-tensors.ts'

type Names = readonly string[]

const any = (names: Names, pattern: RegExp): boolean => names.some((name) => pattern.test(name))
const all = (names: Names, pattern: RegExp): boolean => names.every((name) => pattern.test(name))

const loraParts =
  /(^|[._])(lora_(up|down|mid|A|B)|hada_w[12]_[ab]|lokr_w[12](_[ab])?|oft_(blocks|diag)|dora_scale|ia3_weight|glora_[ab]\d?|diff_b|lora_magnitude_vector)([._]|$)|\.lora\.(up|down)\.|\.processor\..*_lora\./
const textLayers =
  /text_model\.encoder\.layers|encoder\.block\.\d+\.layer\.0\.SelfAttention|^(model\.|language_model\.(model\.)?)?layers\.\d+\.self_attn|transformer\.resblocks|^(enc\.)?blk\.\d+\.attn_|^token_embd\./
const pictureLayers = /^(vision_model\.|visual\.transformer|image_encoder\.)/

/** The first that fits counts: what has parts of many is the whole that holds them. */
const kinds: readonly (readonly [ModelType, (names: Names) => boolean])[] = [
  ['lora', (names) => any(names, loraParts)],
  [
    'controlnet',
    (names) =>
      any(
        names,
        /^(control_model\.|controlnet_(blocks|cond_embedding|x_embedder|down_blocks|mid_block|mode_embedder)|lllite_|zero_convs\.|adapter\.body|input_hint_block\.|control_(blocks|layers)\.)/,
      ),
  ],
  [
    'checkpoint',
    (names) =>
      any(names, /^model\.diffusion_model\./) &&
      any(names, /^(first_stage_model|cond_stage_model|conditioner|text_encoders|vae)\./),
  ],
  ['motion-module', (names) => all(names, /motion_modules\./)],
  [
    'embedding',
    (names) => names.length <= 4 && all(names, /^(emb_params|string_to_param.*|clip_[lg]|t5xxl|<[^>]*>|\*)$/),
  ],
  ['diffusion-model', (names) => any(names, /^model\.diffusion_model\./)],
  [
    'vae',
    (names) =>
      any(names, /^(first_stage_model\.|vae\.)?(encoder|decoder)\./) &&
      any(names, /(conv_in|conv1|conv_out|mid_block|up_blocks|middle\.0)\b/) &&
      !any(names, /SelfAttention|embed_tokens/),
  ],
  ['clip-vision', (names) => any(names, pictureLayers) && !any(names, textLayers)],
  ['text-encoder', (names) => any(names, textLayers)],
  [
    'upscaler',
    (names) =>
      any(
        names,
        /^(params(_ema)?\.)?(conv_first\.|body\.\d+\.(rdb1|weight|bias)|model\.1\.sub\.\d|layers\.\d+\.residual_group)/,
      ),
  ],
]

/** What a model file is by its tensors; null when they do not tell. */
export function typeOfTensors(tensors: readonly TensorShape[]): ModelType | null {
  const names = tensors.map(({ name }) => name.slice(0, 300))
  if (names.length === 0) return null
  const known = kinds.find(([, fits]) => fits(names))
  if (known) return known[0]
  return familyInTensors(tensors) ? 'diffusion-model' : null
}

/** Other folders that a type may lie in with good reason. */
const alsoRight: Partial<Record<ModelType, readonly string[]>> = {
  vae: ['vae_approx'],
  lora: ['model_patches'],
  controlnet: ['model_patches', 'loras'],
  'text-encoder': ['clip_vision'],
  'clip-vision': ['text_encoders'],
}

/** Only of these is it known what belongs into them. */
const strictFolders: ReadonlySet<string> = new Set<ModelFolder>([
  'checkpoints',
  'loras',
  'vae',
  'diffusion_models',
  'text_encoders',
  'clip_vision',
  'controlnet',
  'embeddings',
  'upscale_models',
  'hypernetworks',
])

/** The folder a file should be in, if it is in another one; `loose` files lie in no folder at all. */
export function folderMissed(
  { folder, loose }: { folder: string; loose: boolean },
  { type, right }: { type: ModelType | null; right: string | undefined },
): string | null {
  if (type === null || right === undefined || right === 'other' || right === folder) return null
  if (!loose && !strictFolders.has(folder)) return null
  return alsoRight[type]?.includes(folder) ? null : right
}
