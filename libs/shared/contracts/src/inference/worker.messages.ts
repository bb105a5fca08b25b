import { Type } from 'class-transformer'
import {
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  Matches,
  ValidateNested,
} from 'class-validator'
import { JobError, JobOutput, JobTimings, JobUsage, NodeError } from './job-result.messages.ts'
import { JobView } from './job.messages.ts'
import type { GraphJson } from './job-terms.ts'

const workerId = /^[A-Za-z0-9_-]{1,64}$/

export class RunningAttempt {
  @IsUUID()
  jobId!: string

  @IsInt()
  attempt!: number
}

/** What a worker says of itself, every second. */
export class WorkerBeat {
  @Matches(workerId)
  id!: string

  /** Another process under the same id: what the older one ran is lost. */
  @IsUUID()
  incarnation!: string

  @IsString()
  pool!: string

  /** Its ComfyUI answers. */
  @IsBoolean()
  ready!: boolean

  @IsBoolean()
  simulator!: boolean

  @IsBoolean()
  draining!: boolean

  /** Jobs it runs at once, and jobs it may hold ready beside them. */
  @IsInt()
  runSlots!: number

  @IsInt()
  prefetchSlots!: number

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => RunningAttempt)
  attempts!: RunningAttempt[]

  @IsOptional()
  @IsString()
  comfyVersion?: string | null

  @IsOptional()
  @IsString()
  gpu?: string | null

  @IsOptional()
  @IsInt()
  vramTotal?: number | null

  @IsOptional()
  @IsInt()
  vramFree?: number | null

  /** Hash of its node definitions: when it changes, control asks for them (`getObjectInfo`). */
  @IsOptional()
  @IsString()
  objectInfoHash?: string | null

  @IsArray()
  @IsString({ each: true })
  labels!: string[]

  /** Files of the models that its ComfyUI probably holds in memory: those of the last prompt. */
  @IsOptional()
  @IsArray()
  @IsString({ each: true })
  warm?: string[]

  /** It fetches models that it lacks from the hub. */
  @IsOptional()
  @IsBoolean()
  fetchesModels?: boolean

  /** Digest of what decides over its results beside the graph: versions and node packs. */
  @IsOptional()
  @Matches(/^[0-9a-f]{64}$/)
  environment?: string | null

  /** What an hour of its GPU costs. */
  @IsOptional()
  @IsInt()
  costMicrosPerHour?: number | null

  @IsString()
  version!: string
}

export class BeatReply {
  /** Attempts that the ledger no longer gives to this worker: it drops them. */
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => RunningAttempt)
  drop!: RunningAttempt[]

  @IsBoolean()
  drain!: boolean
}

/** Node definitions of one worker, as blob: they are too large for a message. */
export class ObjectInfoReply {
  @IsString()
  hash!: string

  /** Key of a blob of JSON: ComfyUI's `/object_info`. */
  @IsString()
  blob!: string
}

export class WorkerInput {
  /** `nodeId.input` of the graph. */
  @IsString()
  key!: string

  @IsUUID()
  assetId!: string

  @IsString()
  blob!: string

  @IsString()
  filename!: string

  @IsString()
  mime!: string
}

/** What lies in a worker's inbox: one attempt of one job. */
/** A file of a model that a worker with a cache of its own fetches before it runs the graph. */
export class ModelFileRef {
  /** ComfyUI's folder, and the name below it that the graph uses. */
  @IsString()
  folder!: string

  @IsString()
  name!: string

  @Matches(/^[0-9a-f]{64}$/)
  sha256!: string

  @IsInt()
  bytes!: number
}

export class RunAttempt {
  static readonly json = ['graph', 'extra'] as const

  @IsUUID()
  jobId!: string

  @IsInt()
  attempt!: number

  @IsUUID()
  spaceId!: string

  @IsUUID()
  createdBy!: string

  @IsObject()
  graph!: GraphJson

  @IsOptional()
  @IsObject()
  extra?: Record<string, unknown> | null

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => WorkerInput)
  inputs!: WorkerInput[]

  /** Files of models that the graph names. */
  @IsOptional()
  @IsArray()
  @IsString({ each: true })
  models?: string[]

  /** Those of them whose contents are known. */
  @IsOptional()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => ModelFileRef)
  modelFiles?: ModelFileRef[]

  /** W3C trace context of the request that made the job. */
  @IsOptional()
  @IsString()
  traceparent?: string | null

  /** Seconds after which the attempt is stopped and fails. */
  @IsOptional()
  @IsNumber()
  timeoutSeconds?: number | null
}

export class AttemptStarted {
  @IsUUID()
  jobId!: string

  @IsInt()
  attempt!: number

  @Matches(workerId)
  worker!: string

  @IsISO8601()
  startedAt!: string
}

/** How long a model took to load. */
export class ModelLoad {
  @IsString()
  model!: string

  @IsNumber()
  ms!: number
}

export const attemptResults = ['succeeded', 'failed', 'canceled', 'lost'] as const
export type AttemptResult = (typeof attemptResults)[number]

/** The one terminal word of an attempt (`msgID = job:attempt:end`). */
export class AttemptEnded {
  @IsUUID()
  jobId!: string

  @IsInt()
  attempt!: number

  @Matches(workerId)
  worker!: string

  @IsIn(attemptResults)
  result!: AttemptResult

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => JobOutput)
  outputs!: JobOutput[]

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => NodeError)
  warnings!: NodeError[]

  @ValidateNested()
  @Type(() => JobTimings)
  timings!: JobTimings

  @ValidateNested()
  @Type(() => JobUsage)
  usage!: JobUsage

  @IsOptional()
  @ValidateNested()
  @Type(() => JobError)
  error?: JobError | null

  /** Its models were in memory already; unknown for graphs without models. */
  @IsOptional()
  @IsBoolean()
  warm?: boolean | null

  /** Models that were loaded for it. */
  @IsOptional()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => ModelLoad)
  loads?: ModelLoad[]

  /** ComfyUI had the better part of the result from before: its time says nothing of others. */
  @IsOptional()
  @IsBoolean()
  cached?: boolean

  /** The fault is not the job's: it may run again elsewhere. */
  @IsBoolean()
  retryable!: boolean

  @IsISO8601()
  endedAt!: string
}

/** A job as it now is; `event` says what happened (`job.queued`, `job.running`, `job.succeeded`, …). */
export class JobChanged {
  @IsString()
  event!: string

  /** Up to 200 of its outputs; the job itself has them all. */
  @ValidateNested()
  @Type(() => JobView)
  job!: JobView

  /** Where its submitter wants to hear of its end. */
  @IsOptional()
  @IsString()
  webhookUrl?: string | null
}

/** Outputs that a settled job made: the gallery imports them. Of many, each fact carries a part. */
export class OutputsMade {
  static readonly json = ['graph'] as const

  @ValidateNested()
  @Type(() => JobView)
  job!: JobView

  @IsObject()
  graph!: GraphJson
}

export class CancelAttempt {
  @IsUUID()
  jobId!: string

  @IsInt()
  attempt!: number
}
