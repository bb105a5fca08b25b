import { Type } from 'class-transformer'
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsInt,
  IsOptional,
  IsString,
  Length,
  Matches,
  Max,
  Min,
  ValidateNested,
} from 'class-validator'

/** From minute to minute of the day; over midnight when the end is before the start. */
export class BandwidthHours {
  /** 1 is Monday. */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(7)
  @IsInt({ each: true })
  @Min(1, { each: true })
  @Max(7, { each: true })
  days!: number[]

  @Matches(/^([01]\d|2[0-3]):[0-5]\d$/)
  from!: string

  @Matches(/^([01]\d|2[0-3]):[0-5]\d$/)
  to!: string

  /** `null`: no cap in these hours. */
  @IsOptional()
  @IsInt()
  @Min(1_024)
  maxBytesPerSecond?: number | null
}

export class DownloadSettings {
  /** Over all transfers; `null` is no cap. */
  @IsOptional()
  @IsInt()
  @Min(1_024)
  maxBytesPerSecond?: number | null

  @IsInt()
  @Min(1)
  @Max(64)
  maxConcurrent!: number

  /** Of one server, over all transfers. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(64)
  maxConnectionsPerHost?: number

  /** The cap at certain hours, by the server's own time zone unless another is named; outside of them the cap above holds. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(20)
  @ValidateNested({ each: true })
  @Type(() => BandwidthHours)
  schedule?: BandwidthHours[]

  @IsOptional()
  @IsString()
  @Length(1, 64)
  timeZone?: string | null

  /** For the hub; `null`: none. */
  @IsOptional()
  @IsInt()
  @Min(0)
  diskBudgetBytes?: number | null
}

export class UpdateDownloadSettings {
  static readonly nullable = ['maxBytesPerSecond', 'timeZone', 'diskBudgetBytes'] as const

  @IsOptional()
  @IsInt()
  @Min(1_024)
  maxBytesPerSecond?: number | null

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(64)
  maxConcurrent?: number

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(64)
  maxConnectionsPerHost?: number

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(20)
  @ValidateNested({ each: true })
  @Type(() => BandwidthHours)
  schedule?: BandwidthHours[]

  @IsOptional()
  @IsString()
  @Length(1, 64)
  timeZone?: string | null

  @IsOptional()
  @IsInt()
  @Min(0)
  diskBudgetBytes?: number | null
}
