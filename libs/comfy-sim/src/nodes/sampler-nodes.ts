import { asDigits, asNumber } from '../json.ts'
import { paint } from '../painting.ts'
import { encodePicture } from '../picture-file.ts'
import type { NodeContext, NodeTable } from '../node.ts'
import { stepTime } from '../options.ts'
import type { Raster } from '../png.ts'
import { resize } from '../raster.ts'
import {
  image,
  sizeOf,
  take,
  takeIfLinked,
  type Inputs,
  type SimConditioning,
  type SimLatent,
  type SimModel,
} from '../values.ts'

const number = asNumber

/** Previews are small, whatever the picture's size. */
const previewSide = 512

type Plan = { latent: SimLatent; seed: string; text: string; model: SimModel; steps: number }

/** Spends the steps, with progress and previews, and gives the latent something to show. */
async function sample({ latent, seed, text, model, steps }: Plan, context: NodeContext): Promise<SimLatent> {
  const picture = { seed, text, model: [model.name, ...model.loras].join(' + ') }
  const preview = context.previews && steps > 0 ? await previewOf({ ...latent, picture }) : undefined
  const stepMs = stepTime(context.settings, model.name)
  for (let step = 1; step <= steps; step++) {
    await context.wait(stepMs)
    context.progress(step, steps, preview)
  }
  return { ...latent, picture }
}

async function previewOf(latent: SimLatent) {
  const shrink = Math.min(1, previewSide / Math.max(latent.width, latent.height))
  const size = {
    width: Math.max(8, Math.round(latent.width * shrink)),
    height: Math.max(8, Math.round(latent.height * shrink)),
  }
  return {
    format: 'image/jpeg' as const,
    bytes: await encodePicture(paint({ ...latent.picture!, index: 0, ...size }), 'jpeg'),
  }
}

function decode({ width, height, batch, picture, source }: SimLatent): Raster[] {
  if (picture) return Array.from({ length: batch }, (_, index) => paint({ ...picture, index, width, height }))
  if (source) return [...source]
  const grey = new Uint8Array(width * height * 3).fill(127)
  return Array<Raster>(batch).fill({ width, height, channels: 3, data: grey })
}

const emptyLatent = (channels: number, cell: number) => ({
  run: (inputs: Inputs) => {
    const latent: SimLatent = {
      kind: 'latent',
      width: Math.max(cell, Math.floor(number(inputs.width) / cell) * cell),
      height: Math.max(cell, Math.floor(number(inputs.height) / cell) * cell),
      batch: number(inputs.batch_size),
      channels,
      cell,
    }
    return { outputs: [latent] }
  },
})

const loader = (folder: string, input: string, count = 1) => ({
  async run(inputs: Inputs, context: NodeContext) {
    const name = String(inputs[input])
    await context.loadModel(folder, name)
    const model: SimModel = { kind: 'model', name, loras: [] }
    return { outputs: Array<SimModel>(count).fill(model) }
  },
})

const textEncoders = (names: readonly string[]) => ({
  async run(inputs: Inputs, context: NodeContext) {
    const files = names.map((name) => String(inputs[name]))
    for (const name of files) await context.loadModel('text_encoders', name)
    return { outputs: [{ kind: 'model', name: files.join(' + '), loras: [] } satisfies SimModel] }
  },
})

const withLora = (model: SimModel, name: string): SimModel => ({ ...model, loras: [...model.loras, name] })
const conditioning = (text: string): SimConditioning => ({ kind: 'conditioning', text })
const sameConditioning = (name: string) => ({
  run: (inputs: Inputs) => ({ outputs: [take(inputs, name, 'conditioning')] }),
})
const sameModel = { run: (inputs: Inputs) => ({ outputs: [take(inputs, 'model', 'model')] }) }
const joined = (first: string, second: string) => ({
  run: (inputs: Inputs) => ({
    outputs: [
      conditioning(
        `${take(inputs, first, 'conditioning').text} ${take(inputs, second, 'conditioning').text}`,
      ),
    ],
  }),
})

function encode(frames: readonly Raster[]): SimLatent {
  const { width, height } = sizeOf(frames)
  return { kind: 'latent', width, height, batch: frames.length, channels: 4, cell: 8, source: frames }
}

function resized(latent: SimLatent, size: { width: number; height: number }): SimLatent {
  return {
    ...latent,
    ...size,
    ...(latent.source && { source: latent.source.map((frame) => resize(frame, size, 'bilinear')) }),
  }
}

const decoder = {
  run: (inputs: Inputs) => {
    take(inputs, 'vae', 'model')
    return { outputs: [image(decode(take(inputs, 'samples', 'latent')))] }
  },
}

export const samplerNodes: NodeTable = {
  CheckpointLoaderSimple: loader('checkpoints', 'ckpt_name', 3),
  UNETLoader: loader('diffusion_models', 'unet_name'),
  VAELoader: loader('vae', 'vae_name'),
  ControlNetLoader: loader('controlnet', 'control_net_name'),
  UpscaleModelLoader: loader('upscale_models', 'model_name'),
  CLIPLoader: textEncoders(['clip_name']),
  DualCLIPLoader: textEncoders(['clip_name1', 'clip_name2']),
  TripleCLIPLoader: textEncoders(['clip_name1', 'clip_name2', 'clip_name3']),
  LoraLoader: {
    async run(inputs, context) {
      const name = String(inputs.lora_name)
      await context.loadModel('loras', name)
      return { outputs: [withLora(take(inputs, 'model', 'model'), name), take(inputs, 'clip', 'model')] }
    },
  },
  LoraLoaderModelOnly: {
    async run(inputs, context) {
      const name = String(inputs.lora_name)
      await context.loadModel('loras', name)
      return { outputs: [withLora(take(inputs, 'model', 'model'), name)] }
    },
  },
  CLIPSetLastLayer: { run: (inputs) => ({ outputs: [take(inputs, 'clip', 'model')] }) },
  CLIPTextEncode: {
    run: (inputs) => {
      take(inputs, 'clip', 'model')
      return { outputs: [conditioning(String(inputs.text))] }
    },
  },
  CLIPTextEncodeFlux: { run: (inputs) => ({ outputs: [conditioning(String(inputs.t5xxl))] }) },
  CLIPTextEncodeSDXL: { run: (inputs) => ({ outputs: [conditioning(String(inputs.text_g))] }) },
  ConditioningZeroOut: { run: () => ({ outputs: [conditioning('')] }) },
  ConditioningCombine: joined('conditioning_1', 'conditioning_2'),
  ConditioningConcat: joined('conditioning_to', 'conditioning_from'),
  FluxGuidance: sameConditioning('conditioning'),
  ReferenceLatent: sameConditioning('conditioning'),
  ControlNetApplyAdvanced: {
    run: (inputs) => ({
      outputs: [take(inputs, 'positive', 'conditioning'), take(inputs, 'negative', 'conditioning')],
    }),
  },
  ModelSamplingSD3: sameModel,
  ModelSamplingFlux: sameModel,
  ModelSamplingAuraFlow: sameModel,
  EmptyLatentImage: emptyLatent(4, 8),
  EmptySD3LatentImage: emptyLatent(16, 8),
  EmptyFlux2LatentImage: emptyLatent(128, 16),
  LatentUpscale: {
    run(inputs) {
      const latent = take(inputs, 'samples', 'latent')
      const [width, height] = [number(inputs.width), number(inputs.height)]
      if (width === 0 && height === 0) return { outputs: [latent] }
      const size = {
        width: width || Math.max(64, Math.round((latent.width * height) / latent.height)),
        height: height || Math.max(64, Math.round((latent.height * width) / latent.width)),
      }
      return { outputs: [resized(latent, size)] }
    },
  },
  LatentUpscaleBy: {
    run(inputs) {
      const latent = take(inputs, 'samples', 'latent')
      const side = (pixels: number) =>
        Math.round((pixels / latent.cell) * number(inputs.scale_by)) * latent.cell
      return { outputs: [resized(latent, { width: side(latent.width), height: side(latent.height) })] }
    },
  },
  VAEEncode: { run: (inputs) => ({ outputs: [encode(take(inputs, 'pixels', 'image').frames)] }) },
  VAEEncodeForInpaint: { run: (inputs) => ({ outputs: [encode(take(inputs, 'pixels', 'image').frames)] }) },
  SetLatentNoiseMask: { run: (inputs) => ({ outputs: [take(inputs, 'samples', 'latent')] }) },
  VAEDecode: decoder,
  VAEDecodeTiled: decoder,
  KSampler: {
    async run(inputs, context) {
      const latent = take(inputs, 'latent_image', 'latent')
      const text = take(inputs, 'positive', 'conditioning').text
      take(inputs, 'negative', 'conditioning')
      const plan = {
        latent,
        seed: asDigits(inputs.seed),
        text,
        model: take(inputs, 'model', 'model'),
        steps: number(inputs.steps),
      }
      return { outputs: [await sample(plan, context)] }
    },
  },
  KSamplerAdvanced: {
    async run(inputs, context) {
      const latent = take(inputs, 'latent_image', 'latent')
      const text = take(inputs, 'positive', 'conditioning').text
      const steps = Math.max(
        0,
        Math.min(number(inputs.steps), number(inputs.end_at_step)) - number(inputs.start_at_step),
      )
      const plan = {
        latent,
        seed: asDigits(inputs.noise_seed),
        text,
        model: take(inputs, 'model', 'model'),
        steps,
      }
      return { outputs: [await sample(plan, context)] }
    },
  },
  RandomNoise: { run: (inputs) => ({ outputs: [{ kind: 'noise', seed: asDigits(inputs.noise_seed) }] }) },
  KSamplerSelect: { run: (inputs) => ({ outputs: [{ kind: 'plain', value: inputs.sampler_name }] }) },
  BasicScheduler: { run: (inputs) => ({ outputs: [{ kind: 'sigmas', steps: number(inputs.steps) }] }) },
  Flux2Scheduler: { run: (inputs) => ({ outputs: [{ kind: 'sigmas', steps: number(inputs.steps) }] }) },
  BasicGuider: {
    run: (inputs) => ({
      outputs: [
        {
          kind: 'guider',
          model: take(inputs, 'model', 'model'),
          text: take(inputs, 'conditioning', 'conditioning').text,
        },
      ],
    }),
  },
  CFGGuider: {
    run: (inputs) => ({
      outputs: [
        {
          kind: 'guider',
          model: take(inputs, 'model', 'model'),
          text: take(inputs, 'positive', 'conditioning').text,
        },
      ],
    }),
  },
  SamplerCustomAdvanced: {
    async run(inputs, context) {
      const { model, text } = take(inputs, 'guider', 'guider')
      const plan = {
        latent: take(inputs, 'latent_image', 'latent'),
        seed: take(inputs, 'noise', 'noise').seed,
        text,
        model,
        steps: take(inputs, 'sigmas', 'sigmas').steps,
      }
      const latent = await sample(plan, context)
      return { outputs: [latent, latent] }
    },
  },
  SamplerCustom: {
    async run(inputs, context) {
      const plan = {
        latent: take(inputs, 'latent_image', 'latent'),
        seed: asDigits(inputs.noise_seed),
        text: take(inputs, 'positive', 'conditioning').text,
        model: take(inputs, 'model', 'model'),
        steps: take(inputs, 'sigmas', 'sigmas').steps,
      }
      const latent = await sample(plan, context)
      return { outputs: [latent, latent] }
    },
  },
  ImageUpscaleWithModel: {
    async run(inputs, context) {
      const { frames } = take(inputs, 'image', 'image')
      const model = takeIfLinked(inputs, 'upscale_model', 'model')
      const factor = Number(/(\d)x/i.exec(model?.name ?? '')?.[1] ?? 4)
      const size = sizeOf(frames)
      const target = { width: size.width * factor, height: size.height * factor }
      const done: Raster[] = []
      for (const frame of frames) {
        await context.wait(stepTime(context.settings, model?.name))
        done.push(resize(frame, target, 'bicubic'))
        context.progress(done.length, frames.length)
      }
      return { outputs: [image(done)] }
    },
  },
}
