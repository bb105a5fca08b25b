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
  IsUUID,
  ValidateNested,
} from 'class-validator'
import { outputKinds } from '../inference/job-terms.ts'
import { assetOrigins, thumbnailStates } from './asset-terms.ts'
import type { GraphJson, OutputKind } from '../inference/job-terms.ts'
import type { AssetOrigin, ThumbnailState } from './asset-terms.ts'

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

export class AssetPage {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => AssetView)
  items!: AssetView[]

  @IsOptional()
  @IsString()
  nextCursor?: string | null
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

export class ModelCount {
  @IsString()
  model!: string

  @IsInt()
  count!: number
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
