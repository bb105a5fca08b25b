import type { Raster } from './png.ts'

/** What flows along the links of a graph. Pictures keep 8 bits per channel, which is what gets saved anyway. */
export type SimImage = { kind: 'image'; frames: readonly Raster[] }
export type SimMask = { kind: 'mask'; frames: readonly Raster[] }
/** A latent knows the size of its picture in pixels; once sampled it knows what to paint. */
export type SimLatent = {
  kind: 'latent'
  width: number
  height: number
  batch: number
  channels: number
  cell: number
  picture?: { seed: string; text: string; model: string }
  source?: readonly Raster[]
}
export type SimModel = { kind: 'model'; name: string; loras: readonly string[] }
export type SimConditioning = { kind: 'conditioning'; text: string }
export type SimAudio = { kind: 'audio'; seconds: number; sampleRate: number; channels: number }
export type SimVideo = { kind: 'video'; frames: readonly Raster[]; fps: number; audio?: SimAudio }
export type SimNoise = { kind: 'noise'; seed: string }
export type SimSteps = { kind: 'sigmas'; steps: number }
export type SimGuider = { kind: 'guider'; model: SimModel; text: string }
/** Stops everything behind it without failing the run. */
export type SimBlocker = { kind: 'blocker'; message?: string }
export type SimPlain = { kind: 'plain'; value: unknown }

export type SimValue =
  | SimImage
  | SimMask
  | SimLatent
  | SimModel
  | SimConditioning
  | SimAudio
  | SimVideo
  | SimNoise
  | SimSteps
  | SimGuider
  | SimBlocker
  | SimPlain

export type Inputs = Readonly<Record<string, unknown>>

/** A Python exception as a node would raise it; becomes `execution_error`. */
export class PythonError extends Error {
  override name = 'PythonError'
  readonly type: string

  constructor(type: string, message: string) {
    super(message)
    this.type = type
  }
}

const isKind = (value: unknown, kind: SimValue['kind']): boolean =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind

/** The linked value of a kind; a wrong one is what Python's duck typing would stumble over. */
export function take<K extends SimValue['kind']>(
  inputs: Inputs,
  name: string,
  kind: K,
): Extract<SimValue, { kind: K }> {
  const value = inputs[name]
  if (!isKind(value, kind)) throw new PythonError('AttributeError', `input '${name}' is no ${kind}\n`)
  return value as Extract<SimValue, { kind: K }>
}

export function takeIfLinked<K extends SimValue['kind']>(inputs: Inputs, name: string, kind: K) {
  return inputs[name] === undefined || inputs[name] === null ? undefined : take(inputs, name, kind)
}

/** The size all frames of a batch share. */
export function sizeOf(frames: readonly Raster[]): { width: number; height: number } {
  const [first] = frames
  if (!first) throw new PythonError('IndexError', 'index 0 is out of bounds for dimension 0 with size 0')
  return { width: first.width, height: first.height }
}

export const image = (frames: readonly Raster[]): SimImage => ({ kind: 'image', frames })
export const mask = (frames: readonly Raster[]): SimMask => ({ kind: 'mask', frames })

export const isBlocker = (value: unknown): value is SimBlocker => isKind(value, 'blocker')
