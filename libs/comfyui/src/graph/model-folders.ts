/** By class and input, where the name of the input alone does not tell. */
const byClass: Readonly<Record<string, string>> = {
  'CLIPVisionLoader.clip_name': 'clip_vision',
  'UpscaleModelLoader.model_name': 'upscale_models',
  'LatentUpscaleModelLoader.model_name': 'latent_upscale_models',
  'ModelPatchLoader.name': 'model_patches',
  'FrameInterpolationModelLoader.model_name': 'frame_interpolation',
  'BackgroundRemovalModelLoader.model_name': 'background_removal',
  'ImageOnlyCheckpointLoader.ckpt_name': 'checkpoints',
  'unCLIPCheckpointLoader.ckpt_name': 'checkpoints',
  'CheckpointLoader.config_name': 'configs',
  // Packs whose inputs have other names.
  'WanVideoModelLoader.model': 'diffusion_models',
  'WanVideoVAELoader.model_name': 'vae',
  'LoadWanVideoT5TextEncoder.model_name': 'text_encoders',
  'LoadWanVideoClipTextEncoder.model_name': 'clip_vision',
  'WanVideoLoraSelect.lora': 'loras',
  'WanVideoVACEModelSelect.vace_model': 'diffusion_models',
  'HyVideoModelLoader.model': 'diffusion_models',
  'HyVideoVAELoader.model_name': 'vae',
}

const byInput: Readonly<Record<string, string>> = {
  ckpt_name: 'checkpoints',
  unet_name: 'diffusion_models',
  diffusion_model_name: 'diffusion_models',
  lora_name: 'loras',
  vae_name: 'vae',
  clip_name: 'text_encoders',
  clip_name1: 'text_encoders',
  clip_name2: 'text_encoders',
  clip_name3: 'text_encoders',
  clip_name4: 'text_encoders',
  text_encoder: 'text_encoders',
  control_net_name: 'controlnet',
  style_model_name: 'style_models',
  gligen_name: 'gligen',
  hypernetwork_name: 'hypernetworks',
  photomaker_model_name: 'photomaker',
  audio_encoder_name: 'audio_encoders',
}

/** ComfyUI's model folder that an input chooses from; undefined when it is none, or unknown. */
export function modelFolderOf(classType: string, input: string): string | undefined {
  const key = `${classType}.${input}`
  if (Object.hasOwn(byClass, key)) return byClass[key]
  return Object.hasOwn(byInput, input) ? byInput[input] : undefined
}

export function isModelName(value: string): boolean {
  return /\.(safetensors|sft|ckpt|pt|pt2|pth|bin|gguf|onnx|pkl)$/i.test(value)
}
