import { Type } from 'class-transformer'
import {
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsOptional,
  IsString,
  ValidateNested,
} from 'class-validator'

export class FolderCount {
  @IsString()
  folder!: string

  @IsInt()
  files!: number

  @IsInt()
  bytes!: number
}

export class RootCount {
  /** Empty: the models folder itself. */
  @IsString()
  root!: string

  @IsBoolean()
  present!: boolean

  @IsInt()
  files!: number

  @IsInt()
  bytes!: number
}

export class GroupCount {
  /** Empty: not known. */
  @IsString()
  id!: string

  @IsInt()
  files!: number

  @IsInt()
  bytes!: number
}

/** InvokeAI's models, which are looked into for files that need no download. */
export class ExternalCount {
  @IsInt()
  models!: number

  @IsInt()
  hashed!: number

  /** Folders, and files that are not there. */
  @IsInt()
  skipped!: number
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

  @IsOptional()
  @IsInt()
  linked?: number

  /** Contents that lie more than once on the disk, and what that takes. */
  @IsOptional()
  @IsInt()
  duplicates?: number

  @IsOptional()
  @IsInt()
  duplicateBytes?: number

  @IsOptional()
  @IsInt()
  misplaced?: number

  /** Files beside which nothing could be written; it is tried again with each scan. */
  @IsOptional()
  @IsInt()
  failedSidecars?: number

  @IsOptional()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => RootCount)
  roots?: RootCount[]

  @IsOptional()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => GroupCount)
  families?: GroupCount[]

  @IsOptional()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => GroupCount)
  formats?: GroupCount[]

  @IsOptional()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => GroupCount)
  types?: GroupCount[]

  @IsOptional()
  @ValidateNested()
  @Type(() => ExternalCount)
  external?: ExternalCount | null
}
