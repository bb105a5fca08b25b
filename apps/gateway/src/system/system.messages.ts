import { Type } from 'class-transformer'
import { IsArray, IsBoolean, IsInt, IsISO8601, IsOptional, IsString, ValidateNested } from 'class-validator'
import { PoolView, WorkerView } from '@easel/contracts'

export class PartStatus {
  @IsString()
  name!: string

  @IsBoolean()
  ok!: boolean

  @IsInt()
  ms!: number

  @IsOptional()
  @IsString()
  error?: string | null

  /** When it last answered this gateway well; none since the gateway was started. */
  @IsOptional()
  @IsISO8601()
  lastOkAt?: string | null
}

export class SystemStatus {
  @IsString()
  version!: string

  @IsBoolean()
  ready!: boolean

  @IsInt()
  uptimeSeconds!: number

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => PartStatus)
  parts!: PartStatus[]

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => PoolView)
  pools!: PoolView[]

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => WorkerView)
  workers!: WorkerView[]
}
