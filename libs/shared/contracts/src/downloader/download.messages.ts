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
  IsUrl,
  IsUUID,
  Length,
  Matches,
  Max,
  Min,
  ValidateNested,
} from 'class-validator'
import { modelFolders } from '../catalog/library.messages.ts'
import { ModelWish, WishedModel } from '../catalog/resolve.messages.ts'
import { PageQuery } from '../page.ts'
import type { ModelFolder } from '../catalog/library.messages.ts'

/** `files`: several wishes at once. */
export const downloadSources = [
  'url',
  'civitai',
  'huggingface',
  'hash',
  'reference',
  'bundle',
  'files',
] as const
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

export class CreateDownload extends WishedModel {
  /** Given by who asks: asked again with it, the same person has the same download. */
  @IsOptional()
  @IsUUID()
  id?: string

  @IsOptional()
  @IsUUID()
  spaceId?: string

  /** Left out: `url`. What the others need beside it is told at `ModelWish`. */
  @IsOptional()
  @IsIn(downloadSources)
  source?: DownloadSource

  @IsOptional()
  @IsUrl({ protocols: ['http', 'https'], require_tld: false, require_protocol: true })
  @Length(1, 4_000)
  url?: string

  /** Further places with the same bytes. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(10)
  @IsUrl({ protocols: ['http', 'https'], require_tld: false, require_protocol: true }, { each: true })
  @Length(1, 4_000, { each: true })
  mirrors?: string[]

  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(200)
  @ValidateNested({ each: true })
  @Type(() => ModelWish)
  files?: ModelWish[]

  /** The folder below the models folder. A plain address needs it; of others the catalogue knows it. */
  @IsOptional()
  @IsIn(modelFolders)
  folder?: ModelFolder

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

/** One of the files that a download brings. */
export class DownloadFileView {
  @IsUUID()
  transferId!: string

  @IsIn(downloadStatuses)
  status!: DownloadStatus

  @IsString()
  folder!: string

  @IsOptional()
  @IsString()
  filename?: string | null

  @IsInt()
  bytesDone!: number

  @IsOptional()
  @IsInt()
  bytesTotal?: number | null

  @IsOptional()
  @IsString()
  sha256?: string | null

  @IsIn(['pending', 'verified', 'unverified', 'mismatch'])
  verification!: 'pending' | 'verified' | 'unverified' | 'mismatch'

  /** It did not have to be fetched: the bytes were here already. */
  @IsBoolean()
  reused!: boolean

  @IsOptional()
  @ValidateNested()
  @Type(() => DownloadError)
  error?: DownloadError | null
}

/** Sums over its files; what only one file has is null when there are several. */
export class DownloadView {
  @IsUUID()
  id!: string

  /** What it brings, as people know it. */
  @IsOptional()
  @IsString()
  title?: string | null

  /** Left out in lists and live where there are many. */
  @IsOptional()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => DownloadFileView)
  files?: DownloadFileView[]

  @IsOptional()
  @IsString()
  modelId?: string | null

  @IsOptional()
  @IsString()
  versionId?: string | null

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

  @IsOptional()
  @IsIn(downloadSources)
  source?: DownloadSource

  /** Part of the title or of a file's name. */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  q?: string
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
