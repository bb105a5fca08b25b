import { Type } from 'class-transformer'
import {
  ArrayMaxSize,
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
  Length,
  Matches,
  Max,
  Min,
  ValidateNested,
} from 'class-validator'
import { outputKinds } from '../inference/job-terms.ts'
import { PageQuery } from '../page.ts'
import type { GraphJson, OutputKind } from '../inference/job-terms.ts'

export const assetOrigins = ['job', 'upload'] as const
export type AssetOrigin = (typeof assetOrigins)[number]

export const assetSorts = ['newest', 'oldest', 'rating'] as const
export type AssetSort = (typeof assetSorts)[number]

/** Longest side in pixels. */
export const thumbnailSizes = [256, 512, 1024] as const
export type ThumbnailSize = (typeof thumbnailSizes)[number]

export const thumbnailStates = ['pending', 'ready', 'none', 'failed'] as const
export type ThumbnailState = (typeof thumbnailStates)[number]

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

export class AssetView {
  @IsUUID()
  id!: string

  @IsIn(outputKinds)
  kind!: OutputKind

  @IsIn(assetOrigins)
  origin!: AssetOrigin

  @IsString()
  mime!: string

  @IsOptional()
  @IsString()
  filename?: string | null

  @IsOptional()
  @IsInt()
  width?: number | null

  @IsOptional()
  @IsInt()
  height?: number | null

  @IsOptional()
  @IsNumber()
  durationSeconds?: number | null

  @IsOptional()
  @IsBoolean()
  hasAudio?: boolean | null

  @IsInt()
  bytes!: number

  @IsString()
  hash!: string

  /** Path on the gateway. */
  @IsString()
  url!: string

  /** Path on the gateway; absent for what has no picture (text, latents). */
  @IsOptional()
  @IsString()
  thumbnailUrl?: string | null

  @IsIn(thumbnailStates)
  thumbnail!: ThumbnailState

  /** Text outputs, up to 64 KiB of them. */
  @IsOptional()
  @IsString()
  text?: string | null

  @IsOptional()
  @IsUUID()
  jobId?: string | null

  @IsOptional()
  @IsInt()
  outputIndex?: number | null

  @IsOptional()
  @IsUUID()
  workflowId?: string | null

  @IsOptional()
  @IsUUID()
  sessionId?: string | null

  /** What it was made with, as far as the graph tells. */
  @IsOptional()
  @IsString()
  prompt?: string | null

  @IsOptional()
  @IsString()
  negativePrompt?: string | null

  @IsArray()
  @IsString({ each: true })
  models!: string[]

  @IsArray()
  @IsString({ each: true })
  loras!: string[]

  @IsOptional()
  @IsString()
  sampler?: string | null

  @IsOptional()
  @IsString()
  scheduler?: string | null

  /** Digits: a seed of 64 bits is too large for a JSON number. */
  @IsOptional()
  @IsString()
  seed?: string | null

  @IsOptional()
  @IsInt()
  steps?: number | null

  @IsOptional()
  @IsNumber()
  cfg?: number | null

  @IsArray()
  @IsString({ each: true })
  tags!: string[]

  @IsOptional()
  @IsString()
  notes?: string | null

  /** 0 is "not rated". */
  @IsInt()
  rating!: number

  @IsBoolean()
  favorite!: boolean

  @IsUUID()
  spaceId!: string

  @IsUUID()
  createdBy!: string

  @IsISO8601()
  createdAt!: string

  @IsISO8601()
  updatedAt!: string
}

/** An asset with all that is known of it. */
export class AssetDetail extends AssetView {
  static readonly json = ['graph', 'workflow', 'metadata'] as const

  /** The graph that made it, in API format. */
  @IsOptional()
  @IsObject()
  graph?: GraphJson | null

  /** The graph in UI format, where the file carries one. */
  @IsOptional()
  @IsObject()
  workflow?: Record<string, unknown> | null

  /** What else the file says of itself. */
  @IsOptional()
  @IsObject()
  metadata?: Record<string, unknown> | null
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
  @IsISO8601()
  since?: string

  @IsOptional()
  @IsISO8601()
  until?: string

  @IsOptional()
  @IsIn(assetSorts)
  sort?: AssetSort
}

export class AssetPage {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => AssetView)
  items!: AssetView[]

  @IsOptional()
  @IsString()
  nextCursor?: string | null
}

export class UpdateAsset {
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

/** Where the bytes are: the gateway reads them from the blob store. */
export class AssetContent {
  @IsString()
  blob!: string

  @IsString()
  mime!: string

  @IsInt()
  bytes!: number

  @IsOptional()
  @IsString()
  filename?: string | null
}

export class ResolveAssets {
  @IsArray()
  @ArrayMaxSize(256)
  @IsUUID(undefined, { each: true })
  ids!: string[]
}

export class ResolvedAsset extends AssetContent {
  @IsUUID()
  id!: string

  @IsUUID()
  spaceId!: string

  @IsIn(outputKinds)
  kind!: OutputKind
}

export class ResolvedAssets {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => ResolvedAsset)
  items!: ResolvedAsset[]
}

/** An asset as it now is. */
export class AssetChanged {
  @IsIn(['asset.created', 'asset.updated', 'asset.deleted'])
  event!: 'asset.created' | 'asset.updated' | 'asset.deleted'

  @ValidateNested()
  @Type(() => AssetView)
  asset!: AssetView
}

export class AssetStats {
  @IsInt()
  total!: number

  @IsInt()
  bytes!: number

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => ModelCount)
  models!: ModelCount[]
}

export class ModelCount {
  @IsString()
  model!: string

  @IsInt()
  count!: number
}

export class AssetScope {
  @IsOptional()
  @IsUUID()
  spaceId?: string
}
