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
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Matches,
  ValidateNested,
} from 'class-validator'
import { PageQuery } from '../page.ts'
import { LibraryFileView, modelFolders } from './library.messages.ts'
import type { ModelFolder } from './library.messages.ts'
import { modelSources, modelTypes, remoteSources } from './model-terms.ts'
import type { ModelSourceId, ModelType, RemoteSourceId } from './model-terms.ts'

const sha256 = /^[0-9a-fA-F]{64}$/

/** One real file: hard links and links to it are the same bytes, and count once. */
export class DuplicateCopy {
  @IsUUID()
  id!: string

  /** Empty: the models folder itself; else the name of a further one. */
  @IsString()
  root!: string

  @IsString()
  path!: string

  /** Other names of this very file. */
  @IsArray()
  @IsString({ each: true })
  links!: string[]

  @IsISO8601()
  modifiedAt!: string
}

/** The same bytes more than once on the disk. */
export class DuplicateView {
  @Matches(sha256)
  sha256!: string

  @IsString()
  name!: string

  /** Of one copy. */
  @IsInt()
  bytes!: number

  /** What one copy alone would save. */
  @IsInt()
  wastedBytes!: number

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => DuplicateCopy)
  copies!: DuplicateCopy[]
}

export class ListDuplicates extends PageQuery {}

/** Those that waste most come first. */
export class DuplicatePage {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => DuplicateView)
  items!: DuplicateView[]

  @IsOptional()
  @IsString()
  nextCursor?: string | null
}

export class ListMisplaced extends PageQuery {}

/** A file whose header says that it belongs into another folder. */
export class MisplacedFile {
  @ValidateNested()
  @Type(() => LibraryFileView)
  file!: LibraryFileView

  /** What it is by its header. */
  @IsIn(modelTypes)
  type!: ModelType

  /** The folder where ComfyUI looks for it. */
  @IsIn(modelFolders)
  belongsIn!: ModelFolder

  /** Where `moveFile` would put it. */
  @IsString()
  suggestedPath!: string

  /** It lies in a folder that Easel may not write to. */
  @IsBoolean()
  readOnly!: boolean
}

export class MisplacedPage {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => MisplacedFile)
  items!: MisplacedFile[]

  @IsOptional()
  @IsString()
  nextCursor?: string | null
}

/** Renames a file inside the models folder. Left out: where it belongs. */
export class MoveFile {
  @IsUUID()
  id!: string

  /** Below the models folder, with the file's name. */
  @IsOptional()
  @IsString()
  @Length(1, 1_000)
  path?: string
}

/** Asks InvokeAI's database: by hash, else by where it came from, else by name. One of them is needed. */
export class FindExternal {
  @IsOptional()
  @Matches(sha256)
  sha256?: string

  @IsOptional()
  @IsString()
  @Length(1, 2_000)
  url?: string

  @IsOptional()
  @IsString()
  @Length(1, 300)
  name?: string
}

/** A file that lies elsewhere on this machine: it can be linked instead of fetched. */
export class ExternalFile {
  @IsString()
  id!: string

  @IsIn(['sha256', 'url', 'name'])
  foundBy!: 'sha256' | 'url' | 'name'

  /** Absolute, on the catalog's machine. */
  @IsString()
  absolutePath!: string

  @IsString()
  name!: string

  @IsInt()
  bytes!: number

  /** Null until it is hashed; a match by URL or name is then only a guess. */
  @IsOptional()
  @Matches(sha256)
  sha256?: string | null

  @IsOptional()
  @IsString()
  base?: string | null

  @IsOptional()
  @IsString()
  type?: string | null

  @IsOptional()
  @IsString()
  source?: string | null
}

/** Writes beside model files what is known of them. Left out: all that are linked to a model. */
export class WriteSidecars {
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(500)
  @IsUUID(undefined, { each: true })
  ids?: string[]

  /** Of the answer before: without `ids` a call writes some hundred at most. */
  @IsOptional()
  @IsUUID()
  cursor?: string
}

export class SidecarOutcome {
  @IsUUID()
  id!: string

  @IsString()
  path!: string

  @IsIn(['written', 'unchanged', 'skipped', 'failed'])
  outcome!: 'written' | 'unchanged' | 'skipped' | 'failed'

  @IsOptional()
  @IsString()
  problem?: string | null
}

export class SidecarOutcomes {
  @IsInt()
  written!: number

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => SidecarOutcome)
  items!: SidecarOutcome[]

  /** There are more files: call again with it. */
  @IsOptional()
  @IsUUID()
  nextCursor?: string | null
}

/** Of a library file, or of a version in the catalogue. */
export class GetTriggerWords {
  @IsOptional()
  @IsUUID()
  fileId?: string

  @IsOptional()
  @IsIn(remoteSources)
  source?: RemoteSourceId

  @IsOptional()
  @IsString()
  @Length(1, 200)
  versionId?: string
}

export class TriggerWords {
  @IsArray()
  @IsString({ each: true })
  words!: string[]

  @IsIn(['catalogue', 'sidecar', 'header', 'none'])
  from!: 'catalogue' | 'sidecar' | 'header' | 'none'
}

/** Says which model a file is, where its hash does not; null takes the link away. */
export class LinkFile {
  @IsUUID()
  id!: string

  @IsOptional()
  @IsIn(modelSources)
  source?: ModelSourceId | null

  @IsOptional()
  @IsString()
  @Length(1, 200)
  modelId?: string | null

  @IsOptional()
  @IsString()
  @Length(1, 200)
  versionId?: string | null
}

export class ReadRemoteHeader {
  @IsString()
  @Length(1, 2_000)
  url!: string
}

/** What the first bytes of a model file tell; nothing else of it is fetched. */
export class HeaderView {
  static readonly json = ['metadata', 'dtypes'] as const

  @IsIn(['safetensors', 'gguf'])
  format!: 'safetensors' | 'gguf'

  @IsInt()
  bytes!: number

  @IsInt()
  headerBytes!: number

  @IsInt()
  tensorCount!: number

  @IsNumber()
  parameterCount!: number

  /** Elements by data type. */
  @IsObject()
  dtypes!: Record<string, number>

  @IsOptional()
  @IsString()
  architecture?: string | null

  @IsOptional()
  @IsString()
  quantization?: string | null

  @IsOptional()
  @IsString()
  family?: string | null

  @IsOptional()
  @IsIn(modelTypes)
  type?: ModelType | null

  @IsArray()
  @IsString({ each: true })
  triggerWords!: string[]

  @IsObject()
  metadata!: Record<string, string>
}

export class FolderOfType {
  @IsIn(modelTypes)
  type!: ModelType

  /** Below the models folder. */
  @IsString()
  folder!: string
}

export class FolderTable {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => FolderOfType)
  items!: FolderOfType[]
}

export class FamilyView {
  @IsString()
  id!: string

  @IsString()
  name!: string

  @IsIn(['image', 'video', 'audio', '3d'])
  kind!: 'image' | 'video' | 'audio' | '3d'

  @IsArray()
  @IsString({ each: true })
  civitaiBaseModels!: string[]

  /** Whose LoRAs its models load. */
  @IsArray()
  @IsString({ each: true })
  loraFamilies!: string[]
}

export class FamilyList {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => FamilyView)
  items!: FamilyView[]
}
