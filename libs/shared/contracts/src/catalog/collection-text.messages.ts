import { Type } from 'class-transformer'
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  ValidateNested,
} from 'class-validator'

/** replicate-runner's `loras.yaml`, as YAML or JSON; or what an export gave. */
export class ImportCollections {
  @IsOptional()
  @IsUUID()
  spaceId?: string

  @IsString()
  @Length(2, 256 * 1_024)
  text!: string

  /** Say what would come of it, and keep nothing. */
  @IsOptional()
  @IsBoolean()
  dryRun?: boolean
}

/** `updated`: one of this name was there, and is now what the text says. */
export const importOutcomes = ['created', 'updated', 'unchanged'] as const
export type ImportOutcome = (typeof importOutcomes)[number]

export class ImportedCollection {
  @IsString()
  name!: string

  @IsIn(importOutcomes)
  outcome!: ImportOutcome

  /** None with `dryRun`, unless it is there already. */
  @IsOptional()
  @IsUUID()
  id?: string | null

  @IsInt()
  entryCount!: number
}

export class ImportRemark {
  /** Of the text: `loras.castle`. */
  @IsString()
  path!: string

  @IsString()
  message!: string
}

export class ImportedCollections {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => ImportedCollection)
  collections!: ImportedCollection[]

  /** What was left out, and why. */
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => ImportRemark)
  remarks!: ImportRemark[]
}

export class ExportCollections {
  @IsOptional()
  @IsUUID()
  spaceId?: string

  /** Left out: all of the space. */
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(200)
  @IsUUID(undefined, { each: true })
  ids?: string[]
}

/** In the shape of `loras.yaml`. */
export class ExportedCollections {
  static readonly json = ['loras', 'lora_collections'] as const

  @IsObject()
  loras!: Record<string, unknown>

  @IsObject()
  lora_collections!: Record<string, unknown>
}
