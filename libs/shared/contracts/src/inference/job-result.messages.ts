import { Type } from 'class-transformer'
import {
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsNumber,
  IsOptional,
  IsString,
  IsUUID,
  Max,
  Min,
  ValidateNested,
} from 'class-validator'
import { outputKinds } from './job-terms.ts'
import type { OutputKind } from './job-terms.ts'

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

  /** Models were fetched to the node. */
  @IsOptional()
  @IsInt()
  modelsMs?: number | null

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

export class JobEstimate {
  @IsNumber()
  gpuSeconds!: number

  @IsInt()
  costMicros!: number
}

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
  @IsNumber()
  gpuSeconds?: number | null

  /** Its models were in the worker's memory already; unknown for graphs without models. */
  @IsOptional()
  @IsBoolean()
  warm?: boolean | null

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
