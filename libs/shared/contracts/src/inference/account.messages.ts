import { Type } from 'class-transformer'
import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsInt,
  IsISO8601,
  IsNumber,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Max,
  Min,
  ValidateNested,
} from 'class-validator'

/** Whose limits and usage: a space's, a user's (over all spaces), or what holds for all that have none of their own. */
export const accountScopes = ['space', 'user', 'any-space', 'any-user'] as const
export type AccountScope = (typeof accountScopes)[number]

const most = Number.MAX_SAFE_INTEGER

/** What may be used. Null or left out: as for all (`any-…`); there: no limit. Days and months are of UTC. */
export class Limits {
  /** Share in the fair order, against others of the same level. */
  @IsOptional()
  @IsNumber()
  @Min(0.01)
  @Max(1_000)
  weight?: number | null

  /** Jobs at workers at once. */
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(100_000)
  maxRunning?: number | null

  /** Jobs that have not ended. More are refused. */
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(10_000_000)
  maxOpen?: number | null

  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(most)
  gpuSecondsPerDay?: number | null

  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(most)
  gpuSecondsPerMonth?: number | null

  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(most)
  costMicrosPerDay?: number | null

  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(most)
  costMicrosPerMonth?: number | null

  /** Files of models that may be used; `*` stands for any letters. Null: all. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(500)
  @IsString({ each: true })
  @Length(1, 300, { each: true })
  allowedModels?: string[] | null

  /** Node classes that may not be used; `*` stands for any letters. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(500)
  @IsString({ each: true })
  @Length(1, 300, { each: true })
  deniedNodes?: string[] | null
}

export class AccountId {
  @IsIn(accountScopes)
  scope!: AccountScope

  /** Of the space or user; left out for `any-…`. */
  @IsOptional()
  @IsUUID()
  id?: string
}

export class SetLimits extends AccountId {
  /** Takes the place of all that was set before. */
  @ValidateNested()
  @Type(() => Limits)
  limits!: Limits
}

export class LimitsView {
  @IsIn(accountScopes)
  scope!: AccountScope

  @IsOptional()
  @IsUUID()
  id?: string | null

  /** As set for this one. */
  @ValidateNested()
  @Type(() => Limits)
  limits!: Limits

  /** What holds, with what is set for all. */
  @ValidateNested()
  @Type(() => Limits)
  effective!: Limits

  @IsOptional()
  @IsISO8601()
  updatedAt?: string | null
}

export const usagePeriods = ['day', 'month'] as const
export type UsagePeriod = (typeof usagePeriods)[number]

export class GetUsage extends AccountId {
  @IsOptional()
  @IsIn(usagePeriods)
  period?: UsagePeriod

  /** How many periods, the present one included. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(400)
  last?: number
}

/** What one day or month came to. Jobs count in the period in which they were submitted. */
export class UsageTotal {
  @IsIn(usagePeriods)
  period!: UsagePeriod

  /** First day of the period, `2026-11-20`. */
  @IsString()
  startsOn!: string

  @IsNumber()
  gpuSeconds!: number

  @IsInt()
  costMicros!: number

  /** Held back for jobs that have not ended, by their estimates. */
  @IsNumber()
  reservedGpuSeconds!: number

  @IsInt()
  reservedCostMicros!: number

  /** That have ended. */
  @IsInt()
  jobs!: number

  /** Null: none. */
  @IsOptional()
  @IsNumber()
  gpuSecondsLimit?: number | null

  @IsOptional()
  @IsInt()
  costMicrosLimit?: number | null

  /** When the next period begins. */
  @IsISO8601()
  endsAt!: string
}

export class UsageReport {
  @IsIn(accountScopes)
  scope!: AccountScope

  @IsUUID()
  id!: string

  /** Newest first; without those in which nothing happened, but for the present ones. */
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => UsageTotal)
  totals!: UsageTotal[]

  /** Jobs at workers now, and those that have not ended. */
  @IsInt()
  running!: number

  @IsInt()
  open!: number

  @ValidateNested()
  @Type(() => Limits)
  limits!: Limits
}
