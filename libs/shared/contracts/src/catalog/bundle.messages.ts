import { Type } from 'class-transformer'
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsNumber,
  IsOptional,
  IsString,
  IsUrl,
  Length,
  Matches,
  Min,
  ValidateNested,
} from 'class-validator'
import { PageQuery } from '../page.ts'
import { modelFolders } from './library.messages.ts'
import { remoteSources } from './model-terms.ts'
import type { ModelFolder } from './library.messages.ts'
import type { RemoteSourceId } from './model-terms.ts'

const slug = /^[a-z0-9][a-z0-9._-]{0,63}$/

export class BundleFile {
  @IsIn(modelFolders)
  folder!: ModelFolder

  @IsString()
  @Length(1, 300)
  filename!: string

  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(10)
  @IsUrl({ protocols: ['http', 'https'], require_tld: false, require_protocol: true }, { each: true })
  urls!: string[]

  @IsOptional()
  @IsIn(remoteSources)
  token?: RemoteSourceId | null

  @IsOptional()
  @IsInt()
  @Min(0)
  bytes?: number | null

  @IsOptional()
  @Matches(/^[0-9a-f]{64}$/)
  sha256?: string | null

  /** Files with the same name here are one thing in several precisions (`bf16`, `fp8`, `q4_k_m`): one is needed. */
  @IsOptional()
  @IsString()
  @Length(1, 100)
  choice?: string | null

  @IsOptional()
  @IsString()
  @Length(1, 64)
  precision?: string | null

  /** Halves of one model, as Wan 2.2's high and low noise: who takes one takes the other. */
  @IsOptional()
  @IsIn(['high', 'low'])
  noise?: 'high' | 'low' | null

  /** Not needed to run, but of use: a turbo LoRA, an upscaler. */
  @IsOptional()
  @IsBoolean()
  optional?: boolean
}

export class PutBundle {
  @Matches(slug)
  id!: string

  @IsString()
  @Length(1, 100)
  name!: string

  @IsOptional()
  @IsString()
  @Length(0, 2_000)
  description?: string

  @IsOptional()
  @IsString()
  @Length(1, 64)
  family?: string | null

  @IsOptional()
  @IsString()
  @Length(1, 200)
  licence?: string | null

  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(200)
  @ValidateNested({ each: true })
  @Type(() => BundleFile)
  files!: BundleFile[]
}

export class BundleView extends PutBundle {
  /** It came with Easel; an admin may put another in its place, and deleting that brings it back. */
  @IsBoolean()
  builtin!: boolean

  /** Of the files that are needed in their preferred precision. */
  @IsInt()
  bytes!: number

  @IsISO8601()
  updatedAt!: string
}

export class ListBundles extends PageQuery {
  @IsOptional()
  @IsString()
  @Length(1, 200)
  q?: string

  @IsOptional()
  @IsString()
  @Length(1, 64)
  family?: string
}

export class BundlePage {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => BundleView)
  items!: BundleView[]

  @IsOptional()
  @IsString()
  nextCursor?: string | null
}

export class BundleById {
  @Matches(slug)
  id!: string

  /** Of what comes in several precisions, this one. */
  @IsOptional()
  @IsString()
  @Length(1, 64)
  variant?: string
}

export class BundleFileStatus extends BundleFile {
  /** `present` only when its hash is right, or when nobody has told a hash. */
  @IsIn(['present', 'downloading', 'partial', 'wrong', 'missing'])
  state!: 'present' | 'downloading' | 'partial' | 'wrong' | 'missing'

  @IsNumber()
  progress!: number

  /** In the library. */
  @IsOptional()
  @IsString()
  path?: string | null
}

export class BundleStatus {
  @IsString()
  id!: string

  @IsIn(['present', 'partial', 'missing'])
  state!: 'present' | 'partial' | 'missing'

  /** By bytes, from 0 to 1. */
  @IsNumber()
  progress!: number

  @IsInt()
  bytesPresent!: number

  @IsInt()
  bytesTotal!: number

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => BundleFileStatus)
  files!: BundleFileStatus[]
}

export class Manifest {
  /** Its file name without ending: others refer to it by this. */
  @IsString()
  @Length(1, 200)
  name!: string

  @IsString()
  @Length(2, 1_000_000)
  text!: string
}

/** WanGP's `defaults/*.json`. */
export class ImportManifests {
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(500)
  @ValidateNested({ each: true })
  @Type(() => Manifest)
  manifests!: Manifest[]

  /** Say what would come of it, and keep nothing. */
  @IsOptional()
  @IsBoolean()
  dryRun?: boolean
}

export class RefusedManifest {
  @IsString()
  name!: string

  @IsString()
  problem!: string
}

export class ImportedManifests {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => BundleView)
  bundles!: BundleView[]

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => RefusedManifest)
  refused!: RefusedManifest[]
}
