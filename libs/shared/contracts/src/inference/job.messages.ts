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
  IsUrl,
  IsUUID,
  Length,
  Matches,
  Max,
  Min,
  ValidateNested,
} from 'class-validator'
import { PageQuery } from '../page.ts'

export const jobStatuses = [
  'queued',
  'running',
  'canceling',
  'succeeded',
  'failed',
  'canceled',
  'expired',
] as const
export type JobStatus = (typeof jobStatuses)[number]
export const terminalStatuses: readonly JobStatus[] = ['succeeded', 'failed', 'canceled', 'expired']

/** Inside `running`: each has its own start and end, so that every second is accounted for. */
export const jobPhases = [
  'fetching-inputs',
  'downloading-models',
  'loading-model',
  'generating',
  'saving',
] as const
export type JobPhase = (typeof jobPhases)[number]

export const jobKinds = ['workflow'] as const
export type JobKind = (typeof jobKinds)[number]

export const priorities = ['interactive', 'normal', 'bulk'] as const
export type Priority = (typeof priorities)[number]

export const outputKinds = [
  'image',
  'animation',
  'video',
  'audio',
  'text',
  'latent',
  'model3d',
  'other',
] as const
export type OutputKind = (typeof outputKinds)[number]

/** A graph in ComfyUI's API format, by node id. Checked by the graph tools, not by class rules. */
export type GraphJson = Record<
  string,
  { class_type: string; inputs: Record<string, unknown>; _meta?: { title?: string } }
>

export class SubmitJob {
  static readonly json = ['workflow', 'overrides', 'inputs', 'extra'] as const

  /** Left out: the caller's personal space. */
  @IsOptional()
  @IsUUID()
  spaceId?: string

  @IsOptional()
  @IsIn(jobKinds)
  kind?: JobKind

  /** A graph in API format. Either this or `workflowId`. */
  @IsOptional()
  @IsObject()
  workflow?: Record<string, unknown>

  @IsOptional()
  @IsUUID()
  workflowId?: string

  @IsOptional()
  @IsInt()
  @Min(1)
  version?: number

  /** `nodeId.input` → value. Unknown ones are refused, links are never overwritten. */
  @IsOptional()
  @IsObject()
  overrides?: Record<string, unknown>

  /** `nodeId.input` → `asset:<id>`. */
  @IsOptional()
  @IsObject()
  inputs?: Record<string, string>

  /** Goes into the files that ComfyUI writes: the graph in UI format, as `workflow`. */
  @IsOptional()
  @IsObject()
  extra?: Record<string, unknown>

  @IsOptional()
  @IsIn(priorities)
  priority?: Priority

  @IsOptional()
  @IsUUID()
  sessionId?: string

  @IsOptional()
  @IsString()
  @Length(1, 200)
  name?: string

  /** Steers to the workers of this pool. */
  @IsOptional()
  @Matches(/^[a-z0-9][a-z0-9-]{0,62}$/)
  pool?: string

  @IsOptional()
  @IsUrl({ protocols: ['http', 'https'], require_tld: false, require_protocol: true })
  @Length(1, 2_000)
  webhookUrl?: string

  /** A job that has not started by then ends as `expired`. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(30 * 24 * 3_600)
  expiresInSeconds?: number

  /** The `Idempotency-Key` header. */
  @IsOptional()
  @IsString()
  @Length(1, 255)
  idempotencyKey?: string

  /** Hash of the request's body: the same key with another body is refused. */
  @IsOptional()
  @IsString()
  @Length(1, 128)
  idempotencyHash?: string
}

export class JobProgress {
  /** 0 to 1, over the whole graph; never falls. */
  @IsNumber()
  @Min(0)
  @Max(1)
  value!: number

  @IsOptional()
  @IsString()
  node?: string | null

  @IsOptional()
  @IsString()
  nodeClass?: string | null

  @IsOptional()
  @IsNumber()
  step?: number | null

  @IsOptional()
  @IsNumber()
  steps?: number | null
}

export class JobOutput {
  @IsInt()
  index!: number

  /** UUIDv5 of job id and index: known before the gallery has imported it. */
  @IsUUID()
  assetId!: string

  @IsIn(outputKinds)
  kind!: OutputKind

  @IsString()
  mime!: string

  /** The node that made it, and the key it stood under in that node's output. */
  @IsString()
  node!: string

  @IsString()
  key!: string

  @IsOptional()
  @IsString()
  filename?: string | null

  @IsOptional()
  @IsInt()
  width?: number | null

  @IsOptional()
  @IsInt()
  height?: number | null

  @IsInt()
  bytes!: number

  /** `blake3:<hex>`. */
  @IsString()
  hash!: string

  /** Small text outputs are here as well as in the asset. */
  @IsOptional()
  @IsString()
  text?: string | null

  /** A preview that ComfyUI would not have kept (PreviewImage). */
  @IsBoolean()
  temporary!: boolean

  /** Path on the gateway. */
  @IsString()
  url!: string
}

export class NodeError {
  @IsString()
  path!: string

  @IsString()
  message!: string
}

export class JobError {
  /** `GRAPH_INVALID`, `NODE_FAILED`, `OUT_OF_MEMORY`, `POISON`, `NO_OUTPUT`, … */
  @IsString()
  code!: string

  @IsString()
  message!: string

  @IsOptional()
  @IsString()
  node?: string | null

  @IsOptional()
  @IsString()
  nodeClass?: string | null

  @IsOptional()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => NodeError)
  nodeErrors?: NodeError[] | null

  /** As ComfyUI gave it, for who debugs a node. */
  @IsOptional()
  @IsArray()
  @IsString({ each: true })
  traceback?: string[] | null
}

/** Milliseconds. Together they account for the time from submit to the end. */
export class JobTimings {
  @IsOptional()
  @IsInt()
  queuedMs?: number | null

  @IsOptional()
  @IsInt()
  bindMs?: number | null

  @IsOptional()
  @IsInt()
  inputsMs?: number | null

  @IsOptional()
  @IsInt()
  modelLoadMs?: number | null

  @IsOptional()
  @IsInt()
  executeMs?: number | null

  @IsOptional()
  @IsInt()
  saveMs?: number | null

  @IsOptional()
  @IsInt()
  totalMs?: number | null
}

export const attemptStates = ['bound', 'running', 'succeeded', 'failed', 'canceled', 'lost'] as const
export type AttemptState = (typeof attemptStates)[number]

export class AttemptView {
  @IsInt()
  number!: number

  @IsIn(attemptStates)
  state!: AttemptState

  @IsString()
  worker!: string

  @IsISO8601()
  boundAt!: string

  @IsOptional()
  @IsISO8601()
  startedAt?: string | null

  @IsOptional()
  @IsISO8601()
  endedAt?: string | null

  @IsOptional()
  @ValidateNested()
  @Type(() => JobError)
  error?: JobError | null
}

export class JobUsage {
  @IsNumber()
  gpuSeconds!: number

  @IsInt()
  costMicros!: number
}

export class JobView {
  @IsUUID()
  id!: string

  @IsIn(jobKinds)
  kind!: JobKind

  @IsOptional()
  @IsString()
  name?: string | null

  @IsIn(jobStatuses)
  status!: JobStatus

  @IsOptional()
  @IsIn(jobPhases)
  phase?: JobPhase | null

  @IsOptional()
  @ValidateNested()
  @Type(() => JobProgress)
  progress?: JobProgress | null

  /** Place in the queue, from 1, while queued. */
  @IsOptional()
  @IsInt()
  position?: number | null

  @IsOptional()
  @IsInt()
  etaSeconds?: number | null

  @IsIn(priorities)
  priority!: Priority

  @IsString()
  pool!: string

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => JobOutput)
  outputs!: JobOutput[]

  @ValidateNested()
  @Type(() => JobTimings)
  timings!: JobTimings

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => AttemptView)
  attempts!: AttemptView[]

  @IsOptional()
  @ValidateNested()
  @Type(() => JobError)
  error?: JobError | null

  /** What went wrong beside the result: outputs that ComfyUI dropped, and why. */
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => NodeError)
  warnings!: NodeError[]

  @ValidateNested()
  @Type(() => JobUsage)
  usage!: JobUsage

  @IsOptional()
  @IsUUID()
  workflowId?: string | null

  @IsOptional()
  @IsInt()
  workflowVersion?: number | null

  @IsOptional()
  @IsUUID()
  sessionId?: string | null

  /** The job that this one repeats. */
  @IsOptional()
  @IsUUID()
  retryOf?: string | null

  @IsUUID()
  spaceId!: string

  @IsUUID()
  createdBy!: string

  @IsISO8601()
  createdAt!: string

  @IsOptional()
  @IsISO8601()
  startedAt?: string | null

  @IsOptional()
  @IsISO8601()
  finishedAt?: string | null

  @IsOptional()
  @IsISO8601()
  expiresAt?: string | null
}

export class ListJobs extends PageQuery {
  @IsOptional()
  @IsArray()
  @IsIn(jobStatuses, { each: true })
  status?: JobStatus[]

  @IsOptional()
  @IsIn(jobKinds)
  kind?: JobKind

  @IsOptional()
  @IsUUID()
  spaceId?: string

  @IsOptional()
  @IsUUID()
  sessionId?: string

  @IsOptional()
  @IsUUID()
  workflowId?: string

  @IsOptional()
  @IsUUID()
  createdBy?: string

  @IsOptional()
  @IsISO8601()
  since?: string
}

export class JobPage {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => JobView)
  items!: JobView[]

  @IsOptional()
  @IsString()
  nextCursor?: string | null
}

export class JobGraph {
  static readonly json = ['graph', 'overrides', 'inputs'] as const

  /** The graph as it was run: overrides applied, defaults filled, inputs still as `asset:<id>`. */
  @IsObject()
  graph!: GraphJson

  @IsOptional()
  @IsObject()
  inputs?: Record<string, string> | null
}

export class WaitingReason {
  /** `NO_WORKER`, `NODE_CLASS_MISSING`, `ALL_BUSY`, `DRAINING`, `POOL_EMPTY`, … */
  @IsString()
  code!: string

  @IsString()
  message!: string
}

export class JobExplanation {
  @IsUUID()
  id!: string

  @IsIn(jobStatuses)
  status!: JobStatus

  @IsOptional()
  @IsInt()
  position?: number | null

  @IsOptional()
  @IsInt()
  etaSeconds?: number | null

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => WaitingReason)
  reasons!: WaitingReason[]
}
