import { readFileSync } from 'node:fs'
import { parseJson } from '@easel/protocol'
import type { Graph, ObjectInfo } from '../../src/index.ts'

/** Some classes of a real server. */
export function objectInfoOf(version: '0.3.64' | '0.33.0'): ObjectInfo {
  const file = new URL(`../fixtures/object-info-${version}.json`, import.meta.url)
  return parseJson(readFileSync(file, 'utf8')) as ObjectInfo
}

/** Text to image with a checkpoint; node 3 samples, 6 and 7 are the prompts. */
export function aTextToImageGraph(): Graph {
  return {
    '3': {
      class_type: 'KSampler',
      inputs: {
        seed: 42,
        steps: 20,
        cfg: 7.5,
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
    '5': { class_type: 'EmptyLatentImage', inputs: { width: 512, height: 512, batch_size: 1 } },
    '6': {
      class_type: 'CLIPTextEncode',
      inputs: { text: 'a lighthouse', clip: ['4', 1] },
      _meta: { title: 'Scene' },
    },
    '7': { class_type: 'CLIPTextEncode', inputs: { text: 'blurry', clip: ['4', 1] } },
    '8': { class_type: 'VAEDecode', inputs: { samples: ['3', 0], vae: ['4', 2] } },
    '9': { class_type: 'SaveImage', inputs: { filename_prefix: 'easel', images: ['8', 0] } },
  }
}
