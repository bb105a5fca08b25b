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
  Length,
  ValidateNested,
} from 'class-validator'
import { gates, installStates, modelSources, modelTypes, nsfwLevels } from './model-terms.ts'
import type { Gate, InstallState, ModelSourceId, ModelType, NsfwLevel } from './model-terms.ts'

/** A picture or film that shows what a model makes. */
export class ExampleView {
  static readonly json = ['meta'] as const

  @IsIn(['image', 'video'])
  kind!: 'image' | 'video'

  @IsString()
  url!: string

  @IsOptional()
  @IsInt()
  width?: number | null

  @IsOptional()
  @IsInt()
  height?: number | null

  @IsOptional()
  @IsString()
  blurhash?: string | null

  @IsIn(nsfwLevels)
  nsfw!: NsfwLevel

  @IsOptional()
  @IsString()
  prompt?: string | null

  @IsOptional()
  @IsString()
  negative?: string | null

  /** Seed, steps, sampler, cfg and what else its maker told. */
  @IsOptional()
  @IsObject()
  meta?: Record<string, unknown> | null
}

export class LicenceView {
  @IsOptional()
  @IsString()
  id?: string | null

  @IsOptional()
  @IsString()
  name?: string | null

  /** In plain words: "You may sell images you make with it", one per right or duty. */
  @IsArray()
  @IsString({ each: true })
  terms!: string[]

  /** What is made with it may be sold; undefined: nobody says. */
  @IsOptional()
  @IsBoolean()
  commercialUse?: boolean | null

  @IsOptional()
  @IsBoolean()
  creditRequired?: boolean | null

  @IsOptional()
  @IsBoolean()
  derivatives?: boolean | null

  @IsOptional()
  @IsString()
  url?: string | null
}

/** What of a model or version is in the library. */
export class Installed {
  @IsIn(installStates)
  state!: InstallState

  /** Library files. */
  @IsArray()
  @IsUUID(undefined, { each: true })
  fileIds!: string[]
}

export class ModelCard {
  @IsIn(modelSources)
  source!: ModelSourceId

  /** The source's own: a number of CivitAI, `owner/name` of Hugging Face, a library file. */
  @IsString()
  id!: string

  @IsString()
  name!: string

  @IsIn(modelTypes)
  type!: ModelType

  @IsOptional()
  @IsString()
  family?: string | null

  /** As the source names it. */
  @IsOptional()
  @IsString()
  baseModel?: string | null

  @IsOptional()
  @IsString()
  creator?: string | null

  @IsArray()
  @IsString({ each: true })
  tags!: string[]

  @IsIn(nsfwLevels)
  nsfw!: NsfwLevel

  @IsOptional()
  @ValidateNested()
  @Type(() => ExampleView)
  image?: ExampleView | null

  @IsInt()
  downloads!: number

  @IsInt()
  likes!: number

  /** Of the file that is fetched unless another is chosen. */
  @IsOptional()
  @IsInt()
  bytes?: number | null

  @IsIn(gates)
  gate!: Gate

  @IsOptional()
  @IsBoolean()
  commercialUse?: boolean | null

  @ValidateNested()
  @Type(() => Installed)
  installed!: Installed

  /** Something older of it is installed. */
  @IsBoolean()
  updateAvailable!: boolean

  @IsBoolean()
  favorite!: boolean

  @IsOptional()
  @IsISO8601()
  publishedAt?: string | null

  @IsOptional()
  @IsISO8601()
  updatedAt?: string | null
}

export class ModelFileView {
  /** To ask for it: a number of CivitAI, a path in a repository, a library file. */
  @IsString()
  id!: string

  @IsString()
  name!: string

  /** `model`, `pruned`, `vae`, `config`, `training-data`, … as the source says. */
  @IsOptional()
  @IsString()
  role?: string | null

  /** Where it would be put. */
  @IsOptional()
  @IsString()
  folder?: string | null

  @IsOptional()
  @IsString()
  format?: string | null

  /** `fp16`, `bf16`, `fp8`, `q4_k_m`, … */
  @IsOptional()
  @IsString()
  precision?: string | null

  @IsOptional()
  @IsInt()
  bytes?: number | null

  @IsOptional()
  @IsString()
  sha256?: string | null

  @IsOptional()
  @IsString()
  autoV2?: string | null

  @IsOptional()
  @IsString()
  autoV3?: string | null

  /** The one that is fetched unless another is chosen. */
  @IsBoolean()
  primary!: boolean

  @IsBoolean()
  unsafe!: boolean

  /** What the source's scanners say: `Success`, `Danger`, `Pending`, … */
  @IsOptional()
  @IsString()
  pickleScan?: string | null

  @IsOptional()
  @IsString()
  virusScan?: string | null

  /** The library file with these bytes. */
  @IsOptional()
  @IsUUID()
  libraryFileId?: string | null
}

export class VersionView {
  @IsString()
  id!: string

  @IsString()
  name!: string

  @IsOptional()
  @IsString()
  family?: string | null

  @IsOptional()
  @IsString()
  baseModel?: string | null

  @IsOptional()
  @IsString()
  description?: string | null

  /** In the order in which its maker gives them. */
  @IsArray()
  @IsString({ each: true })
  triggerWords!: string[]

  @IsIn(gates)
  gate!: Gate

  @IsOptional()
  @IsISO8601()
  earlyAccessUntil?: string | null

  @IsOptional()
  @IsISO8601()
  publishedAt?: string | null

  @IsOptional()
  @IsNumber()
  downloads?: number | null

  @ValidateNested()
  @Type(() => Installed)
  installed!: Installed

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => ModelFileView)
  files!: ModelFileView[]

  /** None above the level that was asked for. */
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => ExampleView)
  images!: ExampleView[]

  /** Images that are left out for their level. */
  @IsInt()
  hiddenImages!: number
}

export class ModelView extends ModelCard {
  /** Markdown without raw HTML: safe to show. */
  @IsOptional()
  @IsString()
  description?: string | null

  @ValidateNested()
  @Type(() => LicenceView)
  licence!: LicenceView

  /** Where to accept terms or ask for access. */
  @IsOptional()
  @IsString()
  approvalUrl?: string | null

  /** Its page at the source. */
  @IsOptional()
  @IsString()
  url?: string | null

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => VersionView)
  versions!: VersionView[]

  /** When the source was last asked. */
  @IsOptional()
  @IsISO8601()
  syncedAt?: string | null

  /** The source did not answer now: this is what it said then. */
  @IsBoolean()
  stale!: boolean
}

export class GetModel {
  @IsIn(modelSources)
  source!: ModelSourceId

  @IsString()
  @Length(1, 200)
  id!: string

  /** Left out: `pg`. */
  @IsOptional()
  @IsIn(nsfwLevels)
  maxNsfw?: NsfwLevel

  /** Ask the source even when what is known is fresh. */
  @IsOptional()
  @IsBoolean()
  refresh?: boolean
}
