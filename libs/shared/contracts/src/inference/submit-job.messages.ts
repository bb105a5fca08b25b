import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  IsUrl,
  IsUUID,
  Length,
  Matches,
  Max,
  Min,
} from 'class-validator'
import { jobKinds, priorities } from './job-terms.ts'
import type { JobKind, Priority } from './job-terms.ts'

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
  @Max(1_000_000_000)
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

  /**
   * When no worker has a model that the graph names: refuse the job, which is what happens unless told otherwise; let it
   * wait until somebody brings the model; or fetch the model, when it is known where, and then run.
   */
  @IsOptional()
  @IsIn(['refuse', 'wait', 'fetch'])
  missingModels?: 'refuse' | 'wait' | 'fetch'

  /** A class with a weight inside its submitter's own share: it takes no turn from anybody else. */
  @IsOptional()
  @IsIn(priorities)
  priority?: Priority

  /** Order among the submitter's own jobs of one class; the higher first. */
  @IsOptional()
  @IsInt()
  @Min(-100)
  @Max(100)
  rank?: number

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

  /** Its worker must carry all of these. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(16)
  @IsString({ each: true })
  @Length(1, 100, { each: true })
  labels?: string[]

  /** Its worker must have exactly this environment: a digest as `GET /api/system/workers` tells it. */
  @IsOptional()
  @Matches(/^[0-9a-f]{64}$/)
  environment?: string

  /** Its worker's GPU must have at least so much memory. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  minVramBytes?: number

  /** Where to tell of its end. Where it leads is checked at each connect. */
  @IsOptional()
  @IsUrl({ protocols: ['http', 'https'], require_tld: false, require_protocol: true, disallow_auth: true })
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
