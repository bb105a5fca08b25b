import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Matches,
  Max,
  Min,
} from 'class-validator'
import { outputKinds } from '../inference/job-terms.ts'
import { PageQuery, pointInTime } from '../page.ts'
import { assetOrigins, assetSorts, thumbnailSizes } from './asset-terms.ts'
import type { OutputKind } from '../inference/job-terms.ts'
import type { AssetOrigin, AssetSort, ThumbnailSize } from './asset-terms.ts'

/** Bytes that the gateway has already put into the blob store. */
export class CreateAsset {
  @IsOptional()
  @IsUUID()
  spaceId?: string

  /** `blake3:<hex>`. */
  @Matches(/^blake3:[0-9a-f]{64}$/)
  blob!: string

  @IsInt()
  @Min(0)
  bytes!: number

  /** What the uploader calls it: shown, never used as a path. */
  @IsString()
  @Length(1, 255)
  filename!: string

  @IsOptional()
  @IsUUID()
  sessionId?: string

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(100)
  @IsString({ each: true })
  @Length(1, 64, { each: true })
  tags?: string[]
}

export class ListAssets extends PageQuery {
  /** Words in prompt, notes, tags, file name. */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  q?: string

  @IsOptional()
  @IsString()
  @Length(1, 200)
  model?: string

  @IsOptional()
  @IsString()
  @Length(1, 200)
  lora?: string

  @IsOptional()
  @IsString()
  @Length(1, 64)
  tag?: string

  @IsOptional()
  @IsIn(outputKinds)
  kind?: OutputKind

  @IsOptional()
  @IsIn(assetOrigins)
  origin?: AssetOrigin

  @IsOptional()
  @IsUUID()
  spaceId?: string

  @IsOptional()
  @IsUUID()
  sessionId?: string

  @IsOptional()
  @IsUUID()
  jobId?: string

  @IsOptional()
  @IsUUID()
  createdBy?: string

  /** At least this many stars. */
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(5)
  rating?: number

  @IsOptional()
  @IsBoolean()
  favorite?: boolean

  @IsOptional()
  @IsISO8601({ strict: true })
  @Matches(pointInTime)
  since?: string

  @IsOptional()
  @IsISO8601({ strict: true })
  @Matches(pointInTime)
  until?: string

  @IsOptional()
  @IsIn(assetSorts)
  sort?: AssetSort
}

export class UpdateAsset {
  static readonly nullable = ['sessionId'] as const

  @IsUUID()
  id!: string

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(100)
  @IsString({ each: true })
  @Length(1, 64, { each: true })
  tags?: string[]

  @IsOptional()
  @IsString()
  @Length(0, 10_000)
  notes?: string

  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(5)
  rating?: number

  @IsOptional()
  @IsBoolean()
  favorite?: boolean

  /** `null` takes it out of its session. */
  @IsOptional()
  @IsUUID()
  sessionId?: string | null
}

export class GetThumbnail {
  @IsUUID()
  id!: string

  @IsIn(thumbnailSizes)
  size!: ThumbnailSize
}

export class ResolveAssets {
  @IsArray()
  @ArrayMaxSize(256)
  @IsUUID(undefined, { each: true })
  ids!: string[]
}

export class AssetScope {
  @IsOptional()
  @IsUUID()
  spaceId?: string
}
