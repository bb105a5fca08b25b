import { mkdtempSync } from 'node:fs'
import { mkdir, realpath } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { ModelFolders } from './model-folders.ts'

export type FailureKind = 'oom' | 'crash' | 'hang' | 'drop-socket' | 'silent-socket' | 'error'

/**
 * What shall go wrong, and when. With `classType` the failure strikes when such a node starts; otherwise when the
 * prompt's first node starts. `prompt` picks the n-th prompt since the start (1 is the first). Every rule fires
 * `times` times (default 1; Infinity for ever). With `chance`, 0 to 1, it strikes only in that share of the cases that
 * suit it, drawn from `random`.
 *
 * - `oom`, `error`: the node raises; the prompt fails.
 * - `crash`: the server drops every connection and forgets queue and history; `restartAfterMs` brings it back.
 * - `hang`: the node never ends, and an interrupt does not help; only a crash or restart does.
 * - `drop-socket`: the submitter's socket is cut; the prompt runs on.
 * - `silent-socket`: the submitter's socket stays open and says nothing more; the prompt runs on.
 */
export type FailureRule = {
  kind: FailureKind
  classType?: string
  prompt?: number
  times?: number
  chance?: number
  message?: string
  restartAfterMs?: number
}

/** Node packs beyond the stock ones. `testing` has slow and failing nodes. */
export type NodePack = 'testing'

export type PreviewMethod = 'none' | 'auto' | 'latent2rgb' | 'taesd'

export type ComfySimOptions = {
  host?: string
  /** 0 picks a free one. */
  port?: number
  /** Has `input`, `output` and `temp` below it. A fresh folder, removed on close, when not given. */
  baseDirectory?: string
  /** Time of one sampler step, one number or one per file name of the model that samples; default 20. */
  stepMs?: number | Readonly<Record<string, number>>
  /** Extra time a node of a class takes, without progress; an interrupt strikes only after it. */
  nodeMs?: Readonly<Record<string, number>>
  /** Time to load a model file, one number or one per file name; default 200. */
  modelLoadMs?: number | Readonly<Record<string, number>>
  /** Reported video memory; default 24 GiB. */
  vramBytes?: number
  /** What a model takes of it, by file name. Others take what is usual in their folder; none takes more than all. */
  modelBytes?: Readonly<Record<string, number>>
  /** File names by folder (`checkpoints`, `loras`, `vae` …); merged over a small default set. */
  models?: Readonly<Record<string, readonly string[]>>
  /** A models folder whose files are offered as well, as they are when somebody asks. They are not read. */
  modelsDirectory?: string
  nodePacks?: readonly NodePack[]
  previewMethod?: PreviewMethod
  /** All simulated times are multiplied by this; 0 makes everything instant. Default 1. */
  timeScale?: number
  failures?: readonly FailureRule[]
  /** Where chances are drawn from, 0 to 1; default `Math.random`. */
  random?: () => number
  /** Receives one line per event; silent when not given. */
  log?: (line: string) => void
}

export type Settings = Required<Omit<ComfySimOptions, 'models' | 'modelsDirectory'>> & {
  models: ModelFolders
  /** True when the base directory is ours to delete. */
  temporary: boolean
}

const gib = 1024 ** 3

const defaultStepMs = 20

/** How long one step of this model takes, before `timeScale`. */
export function stepTime({ stepMs }: Settings, model = ''): number {
  if (typeof stepMs === 'number') return stepMs
  return Object.hasOwn(stepMs, model) ? stepMs[model]! : defaultStepMs
}

const defaultModels: Readonly<Record<string, readonly string[]>> = {
  checkpoints: ['sd15.safetensors', 'sdxl.safetensors'],
  loras: ['detail.safetensors'],
  vae: ['ae.safetensors'],
  diffusion_models: ['flux1-dev.safetensors', 'z-image-turbo.safetensors'],
  text_encoders: ['clip_l.safetensors', 't5xxl_fp16.safetensors', 'qwen_3_4b.safetensors'],
  controlnet: ['canny.safetensors'],
  upscale_models: ['4x-UltraSharp.pth'],
}

export async function resolveSettings(options: ComfySimOptions): Promise<Settings> {
  const temporary = options.baseDirectory === undefined
  const folder = resolve(options.baseDirectory ?? mkdtempSync(join(tmpdir(), 'comfy-sim-')))
  for (const kind of ['input', 'output', 'temp']) await mkdir(join(folder, kind), { recursive: true })
  return {
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 0,
    baseDirectory: await realpath(folder),
    temporary,
    stepMs: options.stepMs ?? defaultStepMs,
    nodeMs: options.nodeMs ?? {},
    modelLoadMs: options.modelLoadMs ?? 200,
    vramBytes: options.vramBytes ?? 24 * gib,
    modelBytes: options.modelBytes ?? {},
    models: new ModelFolders({ ...defaultModels, ...options.models }, options.modelsDirectory),
    nodePacks: options.nodePacks ?? [],
    previewMethod: options.previewMethod ?? 'none',
    timeScale: options.timeScale ?? 1,
    failures: options.failures ?? [],
    random: options.random ?? Math.random,
    log: options.log ?? (() => {}),
  }
}
