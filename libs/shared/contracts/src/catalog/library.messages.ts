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
  Matches,
  ValidateNested,
} from 'class-validator'
import { PageQuery } from '../page.ts'
import { modelSources, modelTypes } from './model-terms.ts'
import type { ModelSourceId, ModelType } from './model-terms.ts'

/** ComfyUI's folder names below `models/`. */
export const modelFolders = [
  'checkpoints',
  'loras',
  'vae',
  'diffusion_models',
  'text_encoders',
  'clip_vision',
  'controlnet',
  'embeddings',
  'upscale_models',
  'hypernetworks',
  'style_models',
  'gligen',
  'vae_approx',
  'model_patches',
  'audio_encoders',
  'other',
] as const
export type ModelFolder = (typeof modelFolders)[number]

export const fileFormats = ['safetensors', 'gguf', 'pickle', 'other'] as const
export type FileFormat = (typeof fileFormats)[number]

export const fileStates = ['hashing', 'ready', 'refused'] as const
export type FileState = (typeof fileStates)[number]

export class LibraryFileView {
  static readonly json = ['metadata'] as const

  @IsUUID()
  id!: string

  /** File name without folder and ending. */
  @IsString()
  name!: string

  /** Below the models folder, with `/`. */
  @IsString()
  path!: string

  @IsString()
  folder!: string

  @IsIn(fileFormats)
  format!: FileFormat

  @IsIn(fileStates)
  state!: FileState

  /** Why a file is refused, or why it is unsafe. */
  @IsOptional()
  @IsString()
  problem?: string | null

  /** A pickle can run code when it is loaded: listed, never opened. */
  @IsBoolean()
  unsafe!: boolean

  @IsInt()
  bytes!: number

  @IsISO8601()
  modifiedAt!: string

  @IsOptional()
  @IsString()
  sha256?: string | null

  @IsOptional()
  @IsString()
  autoV2?: string | null

  @IsOptional()
  @IsString()
  autoV3?: string | null

  /** As the file's own header tells: `SDXL 1.0`, `Flux.1 D`, … */
  @IsOptional()
  @IsString()
  baseModel?: string | null

  @IsOptional()
  @IsString()
  title?: string | null

  @IsArray()
  @IsString({ each: true })
  triggerWords!: string[]

  @IsOptional()
  @IsInt()
  tensorCount?: number | null

  @IsOptional()
  @IsNumber()
  parameterCount?: number | null

  @IsArray()
  @IsString({ each: true })
  dtypes!: string[]

  @IsOptional()
  @IsObject()
  metadata?: Record<string, string> | null

  @IsISO8601()
  indexedAt!: string

  /** Empty or left out: the models folder itself; else the name of a further one, which is only read. */
  @IsOptional()
  @IsString()
  root?: string | null

  /** Id of the family (`sdxl`, `flux1-dev`, `wan22-i2v`, …), by catalogue, header and name. */
  @IsOptional()
  @IsString()
  family?: string | null

  /** What it is by its header, where that tells it. */
  @IsOptional()
  @IsIn(modelTypes)
  type?: ModelType | null

  /** `bf16`, `fp8`, `quanto-int8`, `Q4_K_M`, … */
  @IsOptional()
  @IsString()
  precision?: string | null

  /** Of a pair of experts (Wan 2.2), which. */
  @IsOptional()
  @IsIn(['high', 'low'])
  noise?: 'high' | 'low' | null

  /** The model that it is, by its hash or a sidecar. */
  @IsOptional()
  @IsIn(modelSources)
  modelSource?: ModelSourceId | null

  @IsOptional()
  @IsString()
  modelId?: string | null

  @IsOptional()
  @IsString()
  versionId?: string | null

  @IsOptional()
  @IsISO8601()
  linkedAt?: string | null

  @IsOptional()
  @IsString()
  description?: string | null

  /** From a sidecar: notes of whoever uses it, and how strong a LoRA is to be. */
  @IsOptional()
  @IsString()
  notes?: string | null

  @IsOptional()
  @IsNumber()
  preferredWeight?: number | null

  /** Blob of a small picture (WebP). */
  @IsOptional()
  @IsString()
  preview?: string | null

  /** Other names of these bytes: links, and copies. Only of a single file. */
  @IsOptional()
  @IsArray()
  @IsString({ each: true })
  aliases?: string[]

  /** With `variants: together`: the other precisions of this file, and all bytes together. */
  @IsOptional()
  @IsArray()
  @IsUUID(undefined, { each: true })
  variantIds?: string[]

  @IsOptional()
  @IsInt()
  bytesTogether?: number | null
}

export class ListLibraryFiles extends PageQuery {
  /** Part of the name. */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  q?: string

  @IsOptional()
  @IsString()
  @Length(1, 64)
  folder?: string

  @IsOptional()
  @IsString()
  @Length(1, 64)
  base?: string

  @IsOptional()
  @IsString()
  @Length(1, 64)
  family?: string

  /** LoRAs, embeddings and the like that go with models of this family. */
  @IsOptional()
  @IsString()
  @Length(1, 64)
  compatibleWith?: string

  @IsOptional()
  @IsIn(modelTypes)
  type?: ModelType

  @IsOptional()
  @IsString()
  @Length(0, 64)
  root?: string

  /** Whether it is known which model it is. */
  @IsOptional()
  @IsBoolean()
  linked?: boolean

  @IsOptional()
  @IsIn(modelSources)
  modelSource?: ModelSourceId

  @IsOptional()
  @IsString()
  @Length(1, 200)
  modelId?: string

  @IsOptional()
  @IsString()
  @Length(1, 200)
  versionId?: string

  /** `together`: a file and its quantized twin, just these two, are one row. */
  @IsOptional()
  @IsIn(['apart', 'together'])
  variants?: 'apart' | 'together'

  @IsOptional()
  @IsIn(fileFormats)
  format?: FileFormat

  @IsOptional()
  @IsBoolean()
  unsafe?: boolean

  @IsOptional()
  @IsIn(['name', 'newest', 'largest'])
  sort?: 'name' | 'newest' | 'largest'
}

export class LibraryFilePage {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => LibraryFileView)
  items!: LibraryFileView[]

  @IsOptional()
  @IsString()
  nextCursor?: string | null
}

export class GetFileByHash {
  /** SHA-256, or CivitAI's AutoV2 or AutoV3. */
  @Matches(/^[0-9a-fA-F]{8,64}$/)
  hash!: string
}

export class ScanLibrary {
  /** Only below this folder; left out: all. */
  @IsOptional()
  @IsString()
  @Length(1, 1_000)
  path?: string
}

/** A file came into the library, changed, or went. */
export class LibraryFileChanged {
  @IsIn(['library.file-added', 'library.file-changed', 'library.file-removed'])
  event!: 'library.file-added' | 'library.file-changed' | 'library.file-removed'

  @ValidateNested()
  @Type(() => LibraryFileView)
  file!: LibraryFileView
}
