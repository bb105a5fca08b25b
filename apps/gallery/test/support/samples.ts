import { idFromName, newId } from '@easel/protocol'
import sharp from 'sharp'
import type { GraphJson, JobOutput, JobView, OutputsMade } from '@easel/contracts'
import type { Actor } from '@easel/protocol'

type Stored = { blob: string; bytes: number }
type Colour = { r: number; g: number; b: number }

/** A plain PNG; another colour is another content. */
export function aPng(width = 32, height = 16, background: Colour | string = 'teal'): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background } })
    .png()
    .toBuffer()
}

export const aGraph: GraphJson = {
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
  '6': { class_type: 'CLIPTextEncode', inputs: { text: 'a heron in the reeds', clip: ['4', 1] } },
  '7': { class_type: 'CLIPTextEncode', inputs: { text: 'blurry', clip: ['4', 1] } },
  '8': { class_type: 'VAEDecode', inputs: { samples: ['3', 0], vae: ['4', 2] } },
  '9': { class_type: 'SaveImage', inputs: { filename_prefix: 'ComfyUI', images: ['8', 0] } },
}

export function aJob(actor: Actor, overrides: Partial<JobView> = {}): JobView {
  return {
    id: newId(),
    kind: 'workflow',
    status: 'succeeded',
    priority: 'normal',
    pool: 'default',
    outputs: [],
    timings: {},
    attempts: [],
    warnings: [],
    usage: { gpuSeconds: 1, costMicros: 0 },
    spaceId: actor.personalSpaceId,
    createdBy: actor.userId,
    createdAt: new Date().toISOString(),
    ...overrides,
  }
}

export async function anOutput(
  job: { id: string },
  { blob, bytes }: Stored,
  overrides: Partial<JobOutput> = {},
): Promise<JobOutput> {
  const index = overrides.index ?? 0
  const assetId = await idFromName(job.id, String(index))
  return {
    index,
    assetId,
    kind: 'image',
    mime: 'image/png',
    node: '9',
    key: 'images',
    filename: 'ComfyUI_00001_.png',
    bytes,
    hash: blob,
    temporary: false,
    url: `/api/assets/${assetId}/content`,
    ...overrides,
  }
}

/** A job of one output. */
export async function outputsOf(
  actor: Actor,
  stored: Stored,
  overrides: { job?: Partial<JobView>; output?: Partial<JobOutput>; graph?: GraphJson } = {},
): Promise<OutputsMade> {
  const job = aJob(actor, overrides.job)
  job.outputs = [await anOutput(job, stored, overrides.output)]
  return { job, graph: overrides.graph ?? aGraph }
}
