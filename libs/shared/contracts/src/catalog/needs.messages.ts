import { Type } from 'class-transformer'
import {
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  ValidateNested,
} from 'class-validator'
import { LicenceView } from './model.messages.ts'
import { ModelWish, ResolvedFile } from './resolve.messages.ts'

export const needStates = ['present', 'downloading', 'available', 'ambiguous', 'gated', 'unknown'] as const
export type NeedState = (typeof needStates)[number]

/** Where a missing file can be had. */
export class NeedSource {
  /** What to ask the downloader for. */
  @ValidateNested()
  @Type(() => ModelWish)
  wish!: ModelWish

  @ValidateNested()
  @Type(() => ResolvedFile)
  file!: ResolvedFile

  /** Known by its hash, by the workflow's own entry, by a bundle, or by its name alone. */
  @IsIn(['hash', 'workflow', 'bundle', 'name'])
  foundBy!: 'hash' | 'workflow' | 'bundle' | 'name'

  @IsOptional()
  @ValidateNested()
  @Type(() => LicenceView)
  licence?: LicenceView | null
}

/** A file that a graph names. */
export class NeedView {
  /** As the graph names it, with `/`. */
  @IsString()
  name!: string

  /** Nodes that name it. */
  @IsArray()
  @IsString({ each: true })
  nodes!: string[]

  /** Where ComfyUI looks for it; null: the node's class does not tell. */
  @IsOptional()
  @IsString()
  folder?: string | null

  @IsIn(needStates)
  state!: NeedState

  /** Of the library. */
  @IsOptional()
  @IsUUID()
  fileId?: string | null

  /** Where it is in the library: perhaps under another name than the graph's. */
  @IsOptional()
  @IsString()
  path?: string | null

  @IsOptional()
  @IsString()
  sha256?: string | null

  @IsOptional()
  @IsInt()
  bytes?: number | null

  /** The best first; none when it is present or nobody knows it. */
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => NeedSource)
  sources!: NeedSource[]

  /** Files of the library with a similar name. */
  @IsArray()
  @IsString({ each: true })
  similar!: string[]

  /** Of a download under way, from 0 to 1. */
  @IsOptional()
  @IsNumber()
  progress?: number | null

  /** In words: why it cannot be fetched, or what to decide. */
  @IsOptional()
  @IsString()
  problem?: string | null
}

export class CheckNeeds {
  static readonly json = ['workflow'] as const

  /** A graph in API format, or a workflow in UI format, whose `models` entries are read, too. */
  @IsObject()
  workflow!: Record<string, unknown>

  /** Only what is known here: no source is asked. */
  @IsOptional()
  @IsBoolean()
  offline?: boolean
}

export class NeedsView {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => NeedView)
  files!: NeedView[]

  /** All are present. */
  @IsBoolean()
  complete!: boolean

  /** All that are missing can be fetched. */
  @IsBoolean()
  fetchable!: boolean

  /** To fetch, as far as it is known. */
  @IsInt()
  missingBytes!: number
}
