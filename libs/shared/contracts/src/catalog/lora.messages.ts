import { Type } from 'class-transformer'
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsNumber,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Matches,
  ValidateNested,
} from 'class-validator'
import { PageQuery } from '../page.ts'
import { ExampleView } from './model.messages.ts'
import { gates, modelSources, nsfwLevels } from './model-terms.ts'
import type { Gate, ModelSourceId, NsfwLevel } from './model-terms.ts'

export const loraSources = ['library', 'civitai', 'huggingface', 'bundle'] as const
export type LoraSource = (typeof loraSources)[number]

/** Which LoRA is meant, wherever it is. */
export class LoraReference {
  @IsIn(loraSources)
  source!: LoraSource

  /** `library`: a file that is here. */
  @IsOptional()
  @IsUUID()
  libraryFileId?: string | null

  /** `library`: of that file; it is known again by this under another name, and fetched again by it. */
  @IsOptional()
  @Matches(/^[0-9a-fA-F]{64}$/)
  sha256?: string | null

  /** `civitai`: a version; or a model, of which the newest is taken. */
  @IsOptional()
  @Matches(/^\d{1,12}$/)
  modelId?: string | null

  @IsOptional()
  @Matches(/^\d{1,12}$/)
  versionId?: string | null

  /** `civitai`: of the version, this file instead of the primary one. */
  @IsOptional()
  @Matches(/^\d{1,12}$/)
  fileId?: string | null

  /** `huggingface`: `owner/name`. */
  @IsOptional()
  @Matches(/^[A-Za-z0-9][\w.-]{0,95}\/[A-Za-z0-9][\w.-]{0,95}$/)
  repo?: string | null

  @IsOptional()
  @IsString()
  @Length(1, 200)
  revision?: string | null

  /** `huggingface`: the file in the repository; left out where it has only one. `bundle`: `loras/name`. */
  @IsOptional()
  @IsString()
  @Length(1, 500)
  path?: string | null

  @IsOptional()
  @Matches(/^[a-z0-9][a-z0-9._-]{0,63}$/)
  bundleId?: string | null
}

/** `unknown`: its source has not been asked yet, or it is gone from there. */
export const loraStates = ['installed', 'downloading', 'available', 'unknown'] as const
export type LoraState = (typeof loraStates)[number]

/** What is known of a LoRA now. */
export class LoraFacts {
  @ValidateNested()
  @Type(() => LoraReference)
  lora!: LoraReference

  /** As people know it. */
  @IsString()
  title!: string

  /** As its maker, the file or what lies beside it tells them. */
  @IsArray()
  @IsString({ each: true })
  triggerWords!: string[]

  @IsIn(loraStates)
  state!: LoraState

  /** Of a download under way, from 0 to 1. */
  @IsOptional()
  @IsNumber()
  progress?: number | null

  @IsOptional()
  @IsUUID()
  libraryFileId?: string | null

  /** As ComfyUI's loaders name it, once it is here. */
  @IsOptional()
  @IsString()
  fileName?: string | null

  @IsOptional()
  @IsString()
  family?: string | null

  @IsOptional()
  @IsString()
  baseModel?: string | null

  @IsOptional()
  @IsInt()
  bytes?: number | null

  @IsOptional()
  @IsNumber()
  preferredWeight?: number | null

  @IsOptional()
  @ValidateNested()
  @Type(() => ExampleView)
  image?: ExampleView | null

  @IsOptional()
  @IsIn(gates)
  gate?: Gate | null

  /** The model that it is, as the routes of models name it. */
  @IsOptional()
  @IsIn(modelSources)
  modelSource?: ModelSourceId | null

  @IsOptional()
  @IsString()
  modelId?: string | null

  @IsOptional()
  @IsString()
  versionId?: string | null

  /** Its page at the source. */
  @IsOptional()
  @IsString()
  url?: string | null
}

/** `preset`: of a bundle. `downloaded`: fetched by Easel. `local`: put here by somebody. `catalogue`: elsewhere. */
export const loraOrigins = ['preset', 'downloaded', 'local', 'catalogue'] as const
export type LoraOrigin = (typeof loraOrigins)[number]

export class LoraView extends LoraFacts {
  @IsIn(loraOrigins)
  origin!: LoraOrigin

  /** Of the caller. */
  @IsBoolean()
  favorite!: boolean
}

export class ListLoras extends PageQuery {
  /** A family (`sdxl`), or a checkpoint of the library (its id, path, or name as ComfyUI has it): what it can load. */
  @IsOptional()
  @IsString()
  @Length(1, 400)
  for?: string

  /** Words of names, titles and trigger words. */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  q?: string

  /** Left out: all. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(4)
  @IsIn(loraOrigins, { each: true })
  origin?: LoraOrigin[]

  /** Only what can be used at once, or only what cannot. */
  @IsOptional()
  @IsBoolean()
  installed?: boolean

  /** Nothing above it is shown; left out: `pg`. */
  @IsOptional()
  @IsIn(nsfwLevels)
  maxNsfw?: NsfwLevel
}

/** What `for` was understood as. */
export class LoraUser {
  @IsString()
  name!: string

  /** Null: nobody knows the family of this file, so that nothing is left out. */
  @IsOptional()
  @IsString()
  family?: string | null

  /** Whose LoRAs it loads. */
  @IsArray()
  @IsString({ each: true })
  loraFamilies!: string[]
}

/** What is here first, then what bundles have, then favourites, then the rest of the catalogue. */
export class LoraPage {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => LoraView)
  items!: LoraView[]

  @IsOptional()
  @IsString()
  nextCursor?: string | null

  @IsOptional()
  @ValidateNested()
  @Type(() => LoraUser)
  for?: LoraUser | null
}
