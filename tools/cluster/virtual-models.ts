const gib = 1024 ** 3

/** A model that exists only as a file name and times. Seconds are virtual: before any time scale. */
export type VirtualModel = {
  /** Name of its checkpoint file. */
  readonly file: string
  readonly kind: 'image' | 'video'
  readonly loadSeconds: number
  /** Of a whole job, without loading, on a GPU of speed 1. */
  readonly runSeconds: number
  readonly bytes: number
  /** Sampler steps of a job. Each is a timer and a message; the run's time is spread over them. */
  readonly steps: number
}

export type VirtualModelOptions = {
  count: number
  /** One of each list in turn, so lists of different lengths mix. */
  loadSeconds?: readonly number[]
  runSeconds?: readonly number[]
  gib?: readonly number[]
  steps?: number
}

const longestImageSeconds = 60

/** Models in the order of popularity. What runs for more than a minute is a video, with three times the steps. */
export function virtualModels(options: VirtualModelOptions): VirtualModel[] {
  const {
    loadSeconds = [4, 10, 14, 35],
    runSeconds = [6, 15, 25, 120],
    gib: sizes = [4, 7, 12, 20],
  } = options
  return Array.from({ length: options.count }, (_, index) => {
    const seconds = turn(runSeconds, index)
    const kind = seconds > longestImageSeconds ? 'video' : 'image'
    return {
      file: `${kind}-${String(index + 1).padStart(3, '0')}.safetensors`,
      kind,
      loadSeconds: turn(loadSeconds, index),
      runSeconds: seconds,
      bytes: turn(sizes, index) * gib,
      steps: (options.steps ?? 6) * (kind === 'video' ? 3 : 1),
    }
  })
}

/** The list goes round. */
export function turn(list: readonly number[], index: number): number {
  return list[index % list.length]!
}

export type Graph = Record<string, { class_type: string; inputs: Record<string, unknown> }>

/** A graph in API format that samples with this model. Outputs are small: what is simulated is time. */
export function graphOf(model: VirtualModel, seed: number): Graph {
  const frames = model.kind === 'video' ? 4 : 1
  const save =
    frames > 1
      ? {
          class_type: 'SaveAnimatedWEBP',
          inputs: {
            images: ['6', 0],
            filename_prefix: 'cluster',
            fps: 8,
            lossless: false,
            quality: 70,
            method: 'fastest',
          },
        }
      : { class_type: 'SaveImage', inputs: { images: ['6', 0], filename_prefix: 'cluster' } }
  return {
    '1': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: model.file } },
    '2': { class_type: 'CLIPTextEncode', inputs: { clip: ['1', 1], text: 'a lighthouse in a storm' } },
    '3': { class_type: 'CLIPTextEncode', inputs: { clip: ['1', 1], text: 'blurry' } },
    '4': { class_type: 'EmptyLatentImage', inputs: { width: 64, height: 64, batch_size: frames } },
    '5': {
      class_type: 'KSampler',
      inputs: {
        model: ['1', 0],
        positive: ['2', 0],
        negative: ['3', 0],
        latent_image: ['4', 0],
        seed,
        steps: model.steps,
        cfg: 7,
        sampler_name: 'euler',
        scheduler: 'normal',
        denoise: 1,
      },
    },
    '6': { class_type: 'VAEDecode', inputs: { samples: ['5', 0], vae: ['1', 2] } },
    '7': save,
  }
}
