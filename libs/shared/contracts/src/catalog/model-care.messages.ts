import { Type } from 'class-transformer'
import {
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsOptional,
  IsString,
  Length,
  Matches,
  ValidateNested,
} from 'class-validator'
import { PageQuery } from '../page.ts'
import { ModelCard, VersionView } from './model.messages.ts'
import { modelSources, nsfwLevels, remoteSources } from './model-terms.ts'
import type { ModelSourceId, NsfwLevel, RemoteSourceId } from './model-terms.ts'

export class FindByHash {
  /** SHA-256, AutoV2 or AutoV3. */
  @Matches(/^[0-9a-fA-F]{8,64}$/)
  hash!: string

  /** Left out: `pg`. */
  @IsOptional()
  @IsIn(nsfwLevels)
  maxNsfw?: NsfwLevel
}

/** Which version of which model a file is. */
export class HashMatch {
  @ValidateNested()
  @Type(() => ModelCard)
  model!: ModelCard

  @ValidateNested()
  @Type(() => VersionView)
  version!: VersionView

  /** The file of the version with this hash. */
  @IsString()
  fileId!: string
}

export class SetFavorite {
  @IsIn(modelSources)
  source!: ModelSourceId

  @IsString()
  @Length(1, 200)
  id!: string

  @IsBoolean()
  favorite!: boolean
}

export class ListFavorites extends PageQuery {
  /** Left out: `pg`. */
  @IsOptional()
  @IsIn(nsfwLevels)
  maxNsfw?: NsfwLevel
}

export class FavoritePage {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => ModelCard)
  items!: ModelCard[]

  @IsOptional()
  @IsString()
  nextCursor?: string | null
}

/** A newer version of something that is installed. */
export class UpdateView {
  @ValidateNested()
  @Type(() => ModelCard)
  model!: ModelCard

  @IsString()
  installedVersionId!: string

  @IsString()
  installedVersionName!: string

  @ValidateNested()
  @Type(() => VersionView)
  newest!: VersionView

  @IsISO8601()
  foundAt!: string
}

export class ListUpdates extends PageQuery {
  /** Left out: `pg`. */
  @IsOptional()
  @IsIn(nsfwLevels)
  maxNsfw?: NsfwLevel
}

export class UpdatePage {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => UpdateView)
  items!: UpdateView[]

  @IsOptional()
  @IsString()
  nextCursor?: string | null
}

/** The user does not want to hear of this version again. */
export class DismissUpdate {
  @IsIn(remoteSources)
  source!: RemoteSourceId

  @IsString()
  @Length(1, 200)
  modelId!: string

  @IsString()
  @Length(1, 200)
  versionId!: string
}

/** There is a newer version of something that is installed. */
export class ModelUpdateFound {
  @IsIn(remoteSources)
  source!: RemoteSourceId

  @IsString()
  modelId!: string

  @IsString()
  modelName!: string

  @IsString()
  installedVersionId!: string

  @IsString()
  installedVersionName!: string

  @IsString()
  versionId!: string

  @IsString()
  versionName!: string
}

export class ModelChanged {
  @IsIn(['model.update-available'])
  event!: 'model.update-available'

  @ValidateNested()
  @Type(() => ModelUpdateFound)
  update!: ModelUpdateFound
}

/** How the catalogue is kept up to date with one source. */
export class SourceSyncView {
  @IsIn(remoteSources)
  source!: RemoteSourceId

  /** `waiting`: the source failed, and the next run goes on where this one was. */
  @IsIn(['idle', 'running', 'waiting'])
  state!: 'idle' | 'running' | 'waiting'

  /** Models that were looked at in this run, or the last. */
  @IsInt()
  models!: number

  @IsInt()
  changed!: number

  @IsOptional()
  @IsString()
  problem?: string | null

  @IsOptional()
  @IsISO8601()
  startedAt?: string | null

  @IsOptional()
  @IsISO8601()
  finishedAt?: string | null
}

export class SyncView {
  /** Hours, minutes: as milliseconds; 0 is never by itself. */
  @IsInt()
  everyMs!: number

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => SourceSyncView)
  sources!: SourceSyncView[]
}
