import type { Candidate, Place } from '../snapshot.ts'

/** A worker together with what it holds in memory and is busy with. */
export type Seat = Place & {
  /** Models and LoRAs that it will hold when it comes to its next job. */
  holds: readonly string[]
  loras: readonly string[]
  /** Busy since it last served the head of the fair order, or took its first models up. */
  servedMs: number
  /** Until a run slot is free, probably. */
  waitMs: number
  /** When it was last given a job with models; by any clock that all seats share. */
  usedAt: number
}

/** How long loading takes; undefined: nobody has measured it. */
export type LoadTimes = { loadMs(models: readonly string[], workerId: string): number | undefined }

/** What is assumed of a model that nobody has seen loading. */
const unknownLoadMs = 10_000

/** It runs there without loading a model. So does a job without models, anywhere. */
export function isWarm(job: Candidate, seat: Seat): boolean {
  return job.models.every((model) => seat.holds.includes(model))
}

export function hasSameLoras(job: Candidate, seat: Seat): boolean {
  return job.loras.length === seat.loras.length && job.loras.every((lora) => seat.loras.includes(lora))
}

/** What loading the job's models on this worker costs, in ms. */
export function loadMsOf(job: Candidate, seat: Seat, loads: LoadTimes): number {
  return isWarm(job, seat) ? 0 : loadTimeOf(job.models, seat, loads)
}

export function loadTimeOf(models: readonly string[], { id }: Seat, loads: LoadTimes): number {
  return loads.loadMs(models, id) ?? unknownLoadMs
}

/** The same for jobs that want the same models. */
export function modelSetOf(models: readonly string[]): string {
  return models.length === 1 ? (models[0] ?? '') : models.toSorted().join('\n')
}
