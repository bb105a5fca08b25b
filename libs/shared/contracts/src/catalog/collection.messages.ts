import { Type } from 'class-transformer'
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsInt,
  IsISO8601,
  IsNumber,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Max,
  Min,
  ValidateNested,
} from 'class-validator'
import { PageQuery } from '../page.ts'
import { LoraFacts, LoraReference } from './lora.messages.ts'
import { nsfwLevels } from './model-terms.ts'
import type { NsfwLevel } from './model-terms.ts'
import { ModelWish } from './resolve.messages.ts'

const mostEntries = 200
const mostBaseImages = 12

/** A LoRA of a collection, and how its people use it. */
export class CollectionEntry {
  /** Of one that is there already; a new one gets its own. */
  @IsOptional()
  @IsUUID()
  id?: string

  @IsOptional()
  @ValidateNested()
  @Type(() => LoraReference)
  lora?: LoraReference

  /** Instead of `lora`: an AIR, `hf://owner/name/file`, or the address of its page. */
  @IsOptional()
  @IsString()
  @Length(1, 2_000)
  reference?: string

  /** Left out: as its source names it. */
  @IsOptional()
  @IsString()
  @Length(0, 200)
  name?: string | null

  /** What to write into the prompt; left out: the trigger words that are known. */
  @IsOptional()
  @IsString()
  @Length(0, 500)
  trigger?: string | null

  /** Left out: 1. */
  @IsOptional()
  @IsNumber({ allowInfinity: false, allowNaN: false })
  @Min(-10)
  @Max(10)
  weight?: number

  @IsOptional()
  @IsString()
  @Length(0, 4_000)
  prompt?: string | null

  @IsOptional()
  @IsString()
  @Length(0, 4_000)
  notes?: string | null

  /** Assets of the space. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(mostBaseImages)
  @ArrayUnique()
  @IsUUID(undefined, { each: true })
  baseImages?: string[]
}

export class CreateCollection {
  @IsOptional()
  @IsUUID()
  spaceId?: string

  /** In its space there is no other of this name, in any case. */
  @IsString()
  @Length(1, 100)
  name!: string

  @IsOptional()
  @IsString()
  @Length(0, 2_000)
  description?: string | null

  /** What prompts with these LoRAs begin with. */
  @IsOptional()
  @IsString()
  @Length(0, 4_000)
  prompt?: string | null

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(20)
  @ArrayUnique()
  @IsString({ each: true })
  @Length(1, 50, { each: true })
  tags?: string[]

  /** Lower ones are listed first; left out: 0. */
  @IsOptional()
  @IsInt()
  @Min(-100_000)
  @Max(100_000)
  position?: number

  /** In their order. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(mostEntries)
  @ValidateNested({ each: true })
  @Type(() => CollectionEntry)
  entries?: CollectionEntry[]
}

/** What is left out stays. */
export class UpdateCollection {
  @IsUUID()
  id!: string

  /** The `If-Match` header: a stale one changes nothing. */
  @IsInt()
  revision!: number

  @IsOptional()
  @IsString()
  @Length(1, 100)
  name?: string

  @IsOptional()
  @IsString()
  @Length(0, 2_000)
  description?: string

  @IsOptional()
  @IsString()
  @Length(0, 4_000)
  prompt?: string

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(20)
  @ArrayUnique()
  @IsString({ each: true })
  @Length(1, 50, { each: true })
  tags?: string[]

  @IsOptional()
  @IsInt()
  @Min(-100_000)
  @Max(100_000)
  position?: number

  /** All of them, in their order: one that is left out is taken away. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(mostEntries)
  @ValidateNested({ each: true })
  @Type(() => CollectionEntry)
  entries?: CollectionEntry[]
}

/** What is there already stays as it is. */
export class AddToCollection {
  @IsUUID()
  id!: string

  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(50)
  @ValidateNested({ each: true })
  @Type(() => CollectionEntry)
  entries!: CollectionEntry[]
}

export class CollectionEntryId {
  @IsUUID()
  id!: string

  @IsUUID()
  entryId!: string
}

/** `gone`: it was deleted. `unknown`: the gallery did not answer. */
export const baseImageStates = ['present', 'gone', 'unknown'] as const
export type BaseImageState = (typeof baseImageStates)[number]

export class BaseImage {
  @IsUUID()
  assetId!: string

  @IsIn(baseImageStates)
  state!: BaseImageState

  @IsOptional()
  @IsString()
  thumbnailUrl?: string | null
}

export class CollectionEntryView extends LoraFacts {
  @IsUUID()
  id!: string

  @IsOptional()
  @IsString()
  name?: string | null

  /** Null: the trigger words. */
  @IsOptional()
  @IsString()
  trigger?: string | null

  @IsNumber()
  weight!: number

  @IsOptional()
  @IsString()
  prompt?: string | null

  @IsOptional()
  @IsString()
  notes?: string | null

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => BaseImage)
  baseImages!: BaseImage[]
}

export class CollectionSummary {
  @IsUUID()
  id!: string

  @IsUUID()
  spaceId!: string

  @IsString()
  name!: string

  @IsOptional()
  @IsString()
  description?: string | null

  @IsOptional()
  @IsString()
  prompt?: string | null

  @IsArray()
  @IsString({ each: true })
  tags!: string[]

  @IsInt()
  position!: number

  @IsInt()
  entryCount!: number

  /** The first base images: assets that may be gone by now. */
  @IsArray()
  @IsUUID(undefined, { each: true })
  covers!: string[]

  /** Rises with every change: the ETag. */
  @IsInt()
  revision!: number

  @IsUUID()
  createdBy!: string

  @IsISO8601()
  createdAt!: string

  @IsISO8601()
  updatedAt!: string
}

export class CollectionView extends CollectionSummary {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => CollectionEntryView)
  entries!: CollectionEntryView[]
}

export class ListCollections extends PageQuery {
  /** Left out: all that the caller may see. */
  @IsOptional()
  @IsUUID()
  spaceId?: string

  /** Part of the name. */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  q?: string

  @IsOptional()
  @IsString()
  @Length(1, 50)
  tag?: string
}

export class CollectionPage {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => CollectionSummary)
  items!: CollectionSummary[]

  @IsOptional()
  @IsString()
  nextCursor?: string | null
}

export class GetCollection {
  @IsUUID()
  id!: string

  /** No picture above it is shown; left out: `pg`. */
  @IsOptional()
  @IsIn(nsfwLevels)
  maxNsfw?: NsfwLevel
}

export class ListMissing {
  @IsUUID()
  id!: string

  /** Left out: all that are not here. */
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(mostEntries)
  @IsUUID(undefined, { each: true })
  entries?: string[]
}

export class UnfetchedEntry {
  @IsUUID()
  entryId!: string

  @IsString()
  title!: string

  @IsString()
  problem!: string
}

/** What is not here of a collection, as the downloader is to be asked for it. */
export class MissingLoras {
  @IsUUID()
  spaceId!: string

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => ModelWish)
  wishes!: ModelWish[]

  /** Nobody knows where to get them. */
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => UnfetchedEntry)
  unfetched!: UnfetchedEntry[]
}

export class CollectionChanged {
  @IsIn(['collection.created', 'collection.updated', 'collection.deleted'])
  event!: 'collection.created' | 'collection.updated' | 'collection.deleted'

  @ValidateNested()
  @Type(() => CollectionSummary)
  collection!: CollectionSummary
}
