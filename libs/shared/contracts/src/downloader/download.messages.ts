import { Type } from 'class-transformer'
import {
  IsArray,
  IsIn,
  IsInt,
  IsISO8601,
  IsOptional,
  IsString,
  IsUrl,
  IsUUID,
  Length,
  Matches,
  Max,
  Min,
  ValidateNested,
} from 'class-validator'
import { modelFolders } from '../catalog/library.messages.ts'
import { PageQuery } from '../page.ts'
import type { ModelFolder } from '../catalog/library.messages.ts'

export const downloadSources = ['url'] as const
export type DownloadSource = (typeof downloadSources)[number]

export const downloadStatuses = [
  'queued',
  'running',
  'verifying',
  'paused',
  'completed',
  'failed',
  'canceled',
] as const
export type DownloadStatus = (typeof downloadStatuses)[number]

export class CreateDownload {
  @IsOptional()
  @IsUUID()
  spaceId?: string

  @IsOptional()
  @IsIn(downloadSources)
  source?: DownloadSource

  @IsUrl({ protocols: ['http', 'https'], require_tld: false, require_protocol: true })
  @Length(1, 4_000)
  url!: string

  /** The folder below the models folder. */
  @IsIn(modelFolders)
  folder!: ModelFolder

  /** Left out: as the server names it. */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  filename?: string

  /** What the bytes must hash to; without it the file is kept as "unverified". */
  @IsOptional()
  @Matches(/^[0-9a-fA-F]{64}$/)
  sha256?: string

  /** Sent only to the URL's own host; encrypted at rest, never shown. */
  @IsOptional()
  @IsString()
  @Length(1, 1_000)
  token?: string

  /** Higher goes first. */
  @IsOptional()
  @IsInt()
  @Min(-10)
  @Max(10)
  priority?: number
}

export class DownloadError {
  @IsString()
  code!: string

  @IsString()
  message!: string
}

export class DownloadView {
  @IsUUID()
  id!: string

  @IsIn(downloadSources)
  source!: DownloadSource

  /** Without credentials and query secrets. */
  @IsString()
  url!: string

  @IsIn(downloadStatuses)
  status!: DownloadStatus

  @IsString()
  folder!: string

  @IsOptional()
  @IsString()
  filename?: string | null

  @IsOptional()
  @IsInt()
  bytesTotal?: number | null

  /** Written to disk and hashed. */
  @IsInt()
  bytesDone!: number

  @IsOptional()
  @IsInt()
  bytesPerSecond?: number | null

  @IsOptional()
  @IsInt()
  etaSeconds?: number | null

  @IsOptional()
  @IsString()
  sha256?: string | null

  /** The expected hash was given and met. */
  @IsIn(['pending', 'verified', 'unverified', 'mismatch'])
  verification!: 'pending' | 'verified' | 'unverified' | 'mismatch'

  @IsInt()
  attempts!: number

  @IsInt()
  priority!: number

  @IsOptional()
  @ValidateNested()
  @Type(() => DownloadError)
  error?: DownloadError | null

  /** Another request of the same file: this one shares its transfer. */
  @IsOptional()
  @IsUUID()
  transferId?: string | null

  @IsUUID()
  spaceId!: string

  @IsUUID()
  createdBy!: string

  @IsISO8601()
  createdAt!: string

  @IsOptional()
  @IsISO8601()
  finishedAt?: string | null
}

export class ListDownloads extends PageQuery {
  @IsOptional()
  @IsArray()
  @IsIn(downloadStatuses, { each: true })
  status?: DownloadStatus[]

  @IsOptional()
  @IsUUID()
  spaceId?: string
}

export class DownloadPage {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => DownloadView)
  items!: DownloadView[]

  @IsOptional()
  @IsString()
  nextCursor?: string | null
}

export class DownloadSettings {
  /** Over all transfers; `null` is no cap. */
  @IsOptional()
  @IsInt()
  @Min(1_024)
  maxBytesPerSecond?: number | null

  @IsInt()
  @Min(1)
  @Max(64)
  maxConcurrent!: number
}

export class UpdateDownloadSettings {
  static readonly nullable = ['maxBytesPerSecond'] as const

  @IsOptional()
  @IsInt()
  @Min(1_024)
  maxBytesPerSecond?: number | null

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(64)
  maxConcurrent?: number
}

/** A download as it now is; progress is live, not a fact. */
export class DownloadChanged {
  @IsIn([
    'download.queued',
    'download.paused',
    'download.resumed',
    'download.completed',
    'download.failed',
    'download.canceled',
  ])
  event!: string

  @ValidateNested()
  @Type(() => DownloadView)
  download!: DownloadView
}

/** A finished, verified file lies under its final name. */
export class FilePlaced {
  @IsUUID()
  transferId!: string

  /** Below the models folder, with `/`. */
  @IsString()
  path!: string

  @IsInt()
  bytes!: number

  @IsString()
  sha256!: string
}
