import { Type } from 'class-transformer'
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Length,
  Matches,
  ValidateNested,
} from 'class-validator'
import { modelFolders } from './library.messages.ts'
import type { ModelFolder } from './library.messages.ts'
import { gates, remoteSources } from './model-terms.ts'
import type { Gate, RemoteSourceId } from './model-terms.ts'

const hash = /^[0-9a-fA-F]{8,64}$/

/** What names a model, a file or several; which of them are needed depends on the source. */
export class WishedModel {
  /** CivitAI: the newest version of this model. */
  @IsOptional()
  @Matches(/^\d{1,12}$/)
  modelId?: string

  /** CivitAI: this version. */
  @IsOptional()
  @Matches(/^\d{1,12}$/)
  versionId?: string

  /** CivitAI: of the version, this file instead of the primary one. */
  @IsOptional()
  @Matches(/^\d{1,12}$/)
  fileId?: string

  /** SHA-256, AutoV2 or AutoV3. */
  @IsOptional()
  @Matches(hash)
  hash?: string

  /** Hugging Face: `owner/name`. */
  @IsOptional()
  @Matches(/^[A-Za-z0-9][\w.-]{0,95}\/[A-Za-z0-9][\w.-]{0,95}$/)
  repo?: string

  /** Hugging Face: branch, tag or commit; left out: `main`. */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  revision?: string

  /** Hugging Face: one file of the repository. Bundle: one file of it, as `folder/filename`. */
  @IsOptional()
  @IsString()
  @Length(1, 500)
  path?: string

  /** Hugging Face: files that match (`*.safetensors`, `unet/**`). Without path and pattern: the whole repository. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(20)
  @IsString({ each: true })
  @Length(1, 200, { each: true })
  patterns?: string[]

  /** `reference`: an AIR, `hf://…`, or the address of a model's page at CivitAI or Hugging Face. */
  @IsOptional()
  @IsString()
  @Length(1, 2_000)
  reference?: string

  /** `bundle`: its id, and of its variants one. */
  @IsOptional()
  @Matches(/^[a-z0-9][a-z0-9._-]{0,63}$/)
  bundleId?: string

  @IsOptional()
  @IsString()
  @Length(1, 64)
  variant?: string
}

/** What somebody wants to have, in one of several forms. */
export class ModelWish extends WishedModel {
  @IsIn(['civitai', 'huggingface', 'hash', 'reference', 'bundle'])
  source!: 'civitai' | 'huggingface' | 'hash' | 'reference' | 'bundle'

  /** Of a wish for one file: where it is to lie, and under which name (`/` for folders), instead of the usual. */
  @IsOptional()
  @IsIn(modelFolders)
  folder?: ModelFolder

  @IsOptional()
  @IsString()
  @Length(1, 300)
  filename?: string
}

export class ResolveModels {
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(200)
  @ValidateNested({ each: true })
  @Type(() => ModelWish)
  wishes!: ModelWish[]
}

/** One file as the downloader is to fetch it. */
export class ResolvedFile {
  /** Places with the same bytes, the best first. Without credentials. */
  @IsArray()
  @IsString({ each: true })
  urls!: string[]

  /** The stored token that goes with the first address. */
  @IsOptional()
  @IsIn(remoteSources)
  token?: RemoteSourceId | null

  /** Below the models folder. */
  @IsString()
  folder!: string

  /** May hold `/`: a file of a whole repository keeps its place. */
  @IsString()
  filename!: string

  @IsOptional()
  @IsInt()
  bytes?: number | null

  /** The published one; null: nobody says. */
  @IsOptional()
  @IsString()
  sha256?: string | null

  @IsIn(gates)
  gate!: Gate

  @IsOptional()
  @IsString()
  approvalUrl?: string | null

  /** What it belongs to, as people know it. */
  @IsOptional()
  @IsString()
  title?: string | null

  @IsOptional()
  @IsString()
  source?: string | null

  @IsOptional()
  @IsString()
  modelId?: string | null

  @IsOptional()
  @IsString()
  versionId?: string | null

  /** The library file with this hash, if there is one. */
  @IsOptional()
  @IsString()
  libraryPath?: string | null
}

export class Resolved {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => ResolvedFile)
  files!: ResolvedFile[]

  /** Of all together, as far as it is known. */
  @IsInt()
  bytes!: number
}
