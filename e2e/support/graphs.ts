import type { Json } from './api.ts'

/** EmptyImage → ImageScale → SaveImage: needs no model. */
export function colourGraph(color = 0x4682b4): Json {
  return {
    '1': { class_type: 'EmptyImage', inputs: { width: 64, height: 48, batch_size: 1, color } },
    '2': {
      class_type: 'ImageScale',
      inputs: { image: ['1', 0], upscale_method: 'nearest-exact', width: 128, height: 96, crop: 'disabled' },
    },
    '3': { class_type: 'SaveImage', inputs: { images: ['2', 0], filename_prefix: 'e2e' } },
  }
}

/** A sampler over the simulator's checkpoint: slow enough to be watched, killed and canceled. */
export function samplerGraph(seed: number | bigint, steps = 20): Json {
  return {
    '4': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'sd15.safetensors' } },
    '5': { class_type: 'EmptyLatentImage', inputs: { width: 64, height: 64, batch_size: 1 } },
    '6': { class_type: 'CLIPTextEncode', inputs: { clip: ['4', 1], text: 'a lighthouse in a storm' } },
    '7': { class_type: 'CLIPTextEncode', inputs: { clip: ['4', 1], text: 'blurry' } },
    '3': {
      class_type: 'KSampler',
      inputs: {
        model: ['4', 0],
        positive: ['6', 0],
        negative: ['7', 0],
        latent_image: ['5', 0],
        seed,
        steps,
        cfg: 7,
        sampler_name: 'euler',
        scheduler: 'normal',
        denoise: 1,
      },
    },
    '8': { class_type: 'VAEDecode', inputs: { samples: ['3', 0], vae: ['4', 2] } },
    '9': { class_type: 'SaveImage', inputs: { images: ['8', 0], filename_prefix: 'sampled' } },
  }
}

/** A film, a sound and a text; no model. Films and sounds need ffmpeg beside the simulator. */
export const mediaGraphs: Readonly<Record<'video' | 'audio' | 'text', Json>> = {
  video: {
    '1': { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 8, color: 0xff8800 } },
    '2': { class_type: 'CreateVideo', inputs: { images: ['1', 0], fps: 8 } },
    '3': {
      class_type: 'SaveVideo',
      inputs: { video: ['2', 0], filename_prefix: 'video/e2e', format: 'mp4', codec: 'h264' },
    },
  },
  audio: {
    '1': { class_type: 'EmptyAudio', inputs: { duration: 1, sample_rate: 44100, channels: 2 } },
    '2': { class_type: 'SaveAudio', inputs: { audio: ['1', 0], filename_prefix: 'audio/e2e' } },
  },
  text: {
    '1': { class_type: 'PrimitiveString', inputs: { value: 'What a text says: äöü ✓' } },
    '2': { class_type: 'PreviewAny', inputs: { source: ['1', 0] } },
  },
}

/** An upload, upside down in its colours. */
export function invertGraph(image: string): Json {
  return {
    '1': { class_type: 'LoadImage', inputs: { image } },
    '2': { class_type: 'ImageInvert', inputs: { image: ['1', 0] } },
    '3': { class_type: 'SaveImage', inputs: { images: ['2', 0], filename_prefix: 'inverted' } },
  }
}

/** One output is whole, the other wants a number that is none: ComfyUI runs the first and says so. */
export function partlyInvalidGraph(): Json {
  return {
    ...colourGraph(),
    '4': { class_type: 'EmptyImage', inputs: { width: -1, height: 48, batch_size: 1, color: 0 } },
    '5': { class_type: 'SaveImage', inputs: { images: ['4', 0], filename_prefix: 'dropped' } },
  }
}
