import { Type } from 'class-transformer'
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Max,
  Min,
  ValidateNested,
} from 'class-validator'
import { remoteSources } from '../catalog/model-terms.ts'
import type { RemoteSourceId } from '../catalog/model-terms.ts'

export class TokenView {
  @IsIn(remoteSources)
  source!: RemoteSourceId

  @IsBoolean()
  hasToken!: boolean

  /** Its last four characters. */
  @IsOptional()
  @IsString()
  hint?: string | null

  @IsOptional()
  @IsISO8601()
  updatedAt?: string | null
}

export class TokenList {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => TokenView)
  items!: TokenView[]
}

/** An admin's, for the whole installation. */
export class PutToken {
  @IsIn(remoteSources)
  source!: RemoteSourceId

  @IsString()
  @Length(8, 500)
  token!: string
}

export class TokenOf {
  @IsIn(remoteSources)
  source!: RemoteSourceId
}

/** Between services only: never through the gateway. */
export class TokenSecret {
  @IsOptional()
  @IsString()
  token?: string | null
}

export class ActOnDownloads {
  @IsIn(['pause', 'resume', 'retry', 'cancel'])
  action!: 'pause' | 'resume' | 'retry' | 'cancel'

  /** Left out: all of the space that the action fits. */
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(500)
  @IsUUID(undefined, { each: true })
  ids?: string[]

  @IsOptional()
  @IsUUID()
  spaceId?: string
}

export class ActedOnDownloads {
  @IsArray()
  @IsUUID(undefined, { each: true })
  changed!: string[]

  @IsArray()
  @IsUUID(undefined, { each: true })
  unchanged!: string[]
}

export class SetPriority {
  @IsUUID()
  id!: string

  @IsInt()
  @Min(-10)
  @Max(10)
  priority!: number
}

/** Files under way or failed, by hash or by place: what others ask before they call a file missing. */
export class FindTransfers {
  @IsArray()
  @ArrayMaxSize(500)
  @IsString({ each: true })
  @Length(1, 400, { each: true })
  paths!: string[]
}

export class TransferProgress {
  /** Below the models folder, with `/`. */
  @IsString()
  path!: string

  @IsString()
  status!: string

  @IsInt()
  bytesDone!: number

  @IsOptional()
  @IsInt()
  bytesTotal?: number | null

  @IsOptional()
  @IsString()
  sha256?: string | null
}

export class FoundTransfers {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => TransferProgress)
  items!: TransferProgress[]
}
