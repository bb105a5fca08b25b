import type { GraphJson } from '@easel/contracts'

const empty = (size: number, color: number, batch = 1) => ({
  class_type: 'EmptyImage',
  inputs: { width: size, height: size, batch_size: batch, color },
})

/** A plain picture. Another colour makes another picture. */
export function pictureGraph({ size = 64, color = 255, prefix = 'test/picture' } = {}): GraphJson {
  return {
    '1': empty(size, color),
    '4': { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: prefix } },
  }
}

/** Takes its time, with progress. */
export function slowGraph({ seconds = 30, color = 1 } = {}): GraphJson {
  return {
    '1': empty(32, color),
    '2': { class_type: 'TestSleep', inputs: { value: ['1', 0], seconds } },
    '3': { class_type: 'SaveImage', inputs: { images: ['2', 0], filename_prefix: 'test/slow' } },
  }
}

/** A video, a clip, an animation, a sound, a latent, a text, a preview and two pictures. */
export function everyKindGraph(): GraphJson {
  return {
    '1': empty(64, 255, 2),
    '2': { class_type: 'CreateVideo', inputs: { images: ['1', 0], fps: 8 } },
    '30': { class_type: 'PreviewImage', inputs: { images: ['1', 0] } },
    '4': {
      class_type: 'SaveVideo',
      inputs: { video: ['2', 0], filename_prefix: 'v/clip', format: 'mp4', 'format.codec': 'h264' },
    },
    '5': {
      class_type: 'SaveWEBM',
      inputs: { images: ['1', 0], filename_prefix: 'v/web', codec: 'vp9', fps: 8, crf: 40 },
    },
    '6': { class_type: 'EmptyAudio', inputs: { duration: 0.5, sample_rate: 44_100, channels: 2 } },
    '7': { class_type: 'SaveAudio', inputs: { audio: ['6', 0], filename_prefix: 'a/sound' } },
    '8': { class_type: 'EmptyLatentImage', inputs: { width: 64, height: 64, batch_size: 1 } },
    '9': { class_type: 'SaveLatent', inputs: { samples: ['8', 0], filename_prefix: 'l/latent' } },
    '10': { class_type: 'PrimitiveString', inputs: { value: 'Schön & <b>wahr</b>' } },
    '11': { class_type: 'PreviewAny', inputs: { source: ['10', 0] } },
    '12': {
      class_type: 'SaveAnimatedWEBP',
      inputs: {
        images: ['1', 0],
        filename_prefix: 'w/anim',
        fps: 6,
        lossless: true,
        quality: 80,
        method: 'default',
      },
    },
    '20': { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'p/two' } },
  }
}

/** A sampler with previews, painted by the simulator. */
export function samplerGraph({ steps = 12, seed = 7 } = {}): GraphJson {
  const text = (words: string) => ({ class_type: 'CLIPTextEncode', inputs: { text: words, clip: ['4', 1] } })
  return {
    '3': {
      class_type: 'KSampler',
      inputs: {
        seed,
        steps,
        cfg: 7,
        sampler_name: 'euler',
        scheduler: 'normal',
        denoise: 1,
        model: ['4', 0],
        positive: ['6', 0],
        negative: ['7', 0],
        latent_image: ['5', 0],
      },
    },
    '4': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'sd15.safetensors' } },
    '5': { class_type: 'EmptyLatentImage', inputs: { width: 128, height: 128, batch_size: 1 } },
    '6': text('a lighthouse'),
    '7': text(''),
    '8': { class_type: 'VAEDecode', inputs: { samples: ['3', 0], vae: ['4', 2] } },
    '9': { class_type: 'SaveImage', inputs: { images: ['8', 0], filename_prefix: 'test/sampled' } },
  }
}

/** A picture that is read from a file. */
export function inputGraph(): GraphJson {
  return {
    '1': { class_type: 'LoadImage', inputs: { image: 'asset:0' } },
    '2': { class_type: 'ImageInvert', inputs: { image: ['1', 0] } },
    '3': { class_type: 'SaveImage', inputs: { images: ['2', 0], filename_prefix: 'test/inverted' } },
  }
}
