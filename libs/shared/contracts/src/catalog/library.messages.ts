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

export class FolderCount {
  @IsString()
  folder!: string

  @IsInt()
  files!: number

  @IsInt()
  bytes!: number
}

export class ScanView {
  @IsIn(['idle', 'scanning'])
  state!: 'idle' | 'scanning'

  @IsInt()
  found!: number

  /** Files whose bytes had to be read. */
  @IsInt()
  hashed!: number

  @IsInt()
  unchanged!: number

  @IsInt()
  removed!: number

  @IsInt()
  failed!: number

  @IsInt()
  bytesHashed!: number

  @IsInt()
  bytesToHash!: number

  @IsOptional()
  @IsISO8601()
  startedAt?: string | null

  @IsOptional()
  @IsISO8601()
  finishedAt?: string | null
}

export class LibraryStats {
  @IsInt()
  files!: number

  @IsInt()
  bytes!: number

  @IsInt()
  hashed!: number

  @IsInt()
  unsafe!: number

  @IsInt()
  refused!: number

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => FolderCount)
  folders!: FolderCount[]

  @ValidateNested()
  @Type(() => ScanView)
  scan!: ScanView
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
