import { Type } from 'class-transformer'
import {
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsOptional,
  IsString,
  ValidateNested,
} from 'class-validator'
import { RunningAttempt } from './worker.messages.ts'

export class WorkerView {
  @IsString()
  id!: string

  @IsString()
  pool!: string

  @IsIn(['ready', 'busy', 'starting', 'draining', 'lost'])
  state!: 'ready' | 'busy' | 'starting' | 'draining' | 'lost'

  @IsBoolean()
  simulator!: boolean

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

  @IsInt()
  runSlots!: number

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => RunningAttempt)
  attempts!: RunningAttempt[]

  @IsArray()
  @IsString({ each: true })
  labels!: string[]

  /** Models that it probably holds in memory. */
  @IsOptional()
  @IsArray()
  @IsString({ each: true })
  warm?: string[]

  @IsOptional()
  @IsString()
  environment?: string | null

  @IsOptional()
  @IsInt()
  costMicrosPerHour?: number | null

  @IsString()
  version!: string

  @IsISO8601()
  lastSeenAt!: string
}

export class WorkerList {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => WorkerView)
  items!: WorkerView[]
}

export class PoolView {
  @IsString()
  name!: string

  @IsInt()
  workers!: number

  @IsInt()
  ready!: number

  @IsInt()
  queued!: number

  @IsInt()
  running!: number

  /** Age of the oldest queued job. */
  @IsOptional()
  @IsInt()
  oldestQueuedSeconds?: number | null
}

export class PoolList {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => PoolView)
  items!: PoolView[]
}
