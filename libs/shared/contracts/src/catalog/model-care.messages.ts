import { Type } from 'class-transformer'
import {
  IsArray,
  IsBoolean,
  IsIn,
  IsISO8601,
  IsOptional,
  IsString,
  Length,
  Matches,
  ValidateNested,
} from 'class-validator'
import { PageQuery } from '../page.ts'
import { ModelCard, VersionView } from './model.messages.ts'
import { modelSources, remoteSources } from './model-terms.ts'
import type { ModelSourceId, RemoteSourceId } from './model-terms.ts'

export class FindByHash {
  /** SHA-256, AutoV2 or AutoV3. */
  @Matches(/^[0-9a-fA-F]{8,64}$/)
  hash!: string
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

export class ListFavorites extends PageQuery {}

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

export class ListUpdates extends PageQuery {}

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
