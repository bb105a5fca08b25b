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
  Length,
  Matches,
  ValidateNested,
} from 'class-validator'
import { PageQuery } from '../page.ts'

const sha256 = /^[0-9a-f]{64}$/

/** One content of the hub: a model file, kept once. */
export class HubFileView {
  @Matches(sha256)
  sha256!: string

  @IsInt()
  bytes!: number

  /** Names below the models folder that are links to it. */
  @IsArray()
  @IsString({ each: true })
  paths!: string[]

  /** `lost`: its bytes are gone. `bad`: they are not what they should be; nobody is given them. */
  @IsIn(['present', 'evicted', 'bad', 'lost'])
  state!: 'present' | 'evicted' | 'bad' | 'lost'

  /** Eviction leaves it alone. */
  @IsBoolean()
  pinned!: boolean

  @IsISO8601()
  usedAt!: string

  @IsOptional()
  @IsISO8601()
  verifiedAt?: string | null

  @IsISO8601()
  createdAt!: string
}

/** `hub.content-bad`, `hub.content-lost`: nobody is given it any more. */
export class HubFileChanged {
  @IsString()
  event!: string

  @ValidateNested()
  @Type(() => HubFileView)
  file!: HubFileView
}

export class ListHubFiles extends PageQuery {
  @IsOptional()
  @IsIn(['present', 'evicted', 'bad', 'lost'])
  state?: 'present' | 'evicted' | 'bad' | 'lost'
}

export class HubFilePage {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => HubFileView)
  items!: HubFileView[]

  @IsOptional()
  @IsString()
  nextCursor?: string | null
}

export class HubStatus {
  @IsInt()
  files!: number

  @IsInt()
  bytes!: number

  /** What the same names would take without the hub. */
  @IsInt()
  bytesLinked!: number

  /** null: no budget. */
  @IsOptional()
  @IsInt()
  budgetBytes?: number | null

  @IsOptional()
  @IsInt()
  freeBytes?: number | null

  @IsInt()
  bad!: number

  @IsOptional()
  @IsISO8601()
  verifiedAt?: string | null

  /** A check of all contents is under way. */
  @IsBoolean()
  verifying!: boolean
}

export class HubHash {
  @Matches(sha256)
  sha256!: string
}

export class PinHubFile {
  @Matches(sha256)
  sha256!: string

  @IsBoolean()
  pinned!: boolean
}

/** Left out: all, in the background. */
export class VerifyHub {
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @Matches(sha256, { each: true })
  sha256?: string[]
}

/** Takes real files of the library into the hub: each becomes a link to a content that is kept once. */
export class AdoptFiles {
  /** Below the models folder. */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(500)
  @IsString({ each: true })
  @Length(1, 1_000, { each: true })
  paths!: string[]

  @IsOptional()
  @IsBoolean()
  dryRun?: boolean
}

export class AdoptedFile {
  @IsString()
  path!: string

  @IsIn(['linked', 'already', 'skipped', 'failed'])
  outcome!: 'linked' | 'already' | 'skipped' | 'failed'

  @IsOptional()
  @IsString()
  problem?: string | null

  /** Freed on the disk. */
  @IsInt()
  bytesFreed!: number
}

export class AdoptedFiles {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => AdoptedFile)
  items!: AdoptedFile[]

  /** Paths that were not come to, because each file is read first: ask again with them. */
  @IsOptional()
  @IsArray()
  @IsString({ each: true })
  left?: string[]
}

/** Where workers find contents: a worker that keeps a cache asks for all that a job needs. */
export class LocateContents {
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(200)
  @Matches(sha256, { each: true })
  sha256!: string[]
}

export class ContentPlace {
  @Matches(sha256)
  sha256!: string

  @IsInt()
  bytes!: number

  /** In the hub's store. */
  @IsString()
  key!: string
}

export class ContentPlaces {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => ContentPlace)
  items!: ContentPlace[]
}
