import { Type } from 'class-transformer'
import {
  IsArray,
  IsIn,
  IsInt,
  IsISO8601,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Matches,
  ValidateNested,
} from 'class-validator'
import { PageQuery, pointInTime } from '../page.ts'
import {
  AttemptView,
  JobError,
  JobEstimate,
  JobOutput,
  JobProgress,
  JobTimings,
  JobUsage,
  NodeError,
} from './job-result.messages.ts'
import { jobKinds, jobPhases, jobStatuses, priorities } from './job-terms.ts'
import type { GraphJson, JobKind, JobPhase, JobStatus, Priority } from './job-terms.ts'

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

  /** What it will probably cost; what is taken from budgets until it has ended. */
  @IsOptional()
  @ValidateNested()
  @Type(() => JobEstimate)
  estimate?: JobEstimate | null

  @IsIn(priorities)
  priority!: Priority

  @IsOptional()
  @IsInt()
  rank?: number

  /** Files of models that its graph names. */
  @IsOptional()
  @IsArray()
  @IsString({ each: true })
  models?: string[]

  @IsOptional()
  @IsArray()
  @IsString({ each: true })
  labels?: string[]

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
  @IsISO8601({ strict: true })
  @Matches(pointInTime)
  since?: string

  /** In the name or the models, of the latest 100,000 jobs. */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  q?: string

  /** Left out: the newest first. */
  @IsOptional()
  @IsIn(['newest', 'oldest'])
  sort?: 'newest' | 'oldest'
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
  /** `NO_WORKER`, `NODE_CLASS_MISSING`, `MODEL_MISSING`, `ALL_BUSY`, `SPACE_AT_LIMIT`, `OTHERS_FIRST`, … */
  @IsString()
  code!: string

  @IsString()
  message!: string

  /** The workers it is true of; left out where it is not about workers. */
  @IsOptional()
  @IsArray()
  @IsString({ each: true })
  workers?: string[]
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
