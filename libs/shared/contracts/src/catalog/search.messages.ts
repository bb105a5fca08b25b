import { Type } from 'class-transformer'
import {
  ArrayMaxSize,
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
import { ModelCard } from './model.messages.ts'
import { modelSources, modelTypes, nsfwLevels, searchPeriods, searchSorts } from './model-terms.ts'
import type { ModelSourceId, ModelType, NsfwLevel, SearchPeriod, SearchSort } from './model-terms.ts'

export class SearchModels extends PageQuery {
  @IsOptional()
  @IsString()
  @Length(1, 200)
  q?: string

  /** Left out: all. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(3)
  @IsIn(modelSources, { each: true })
  sources?: ModelSourceId[]

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(20)
  @IsIn(modelTypes, { each: true })
  type?: ModelType[]

  /** Families (`sdxl`) or base models as the source names them (`SDXL 1.0`). */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(20)
  @IsString({ each: true })
  @Length(1, 64, { each: true })
  base?: string[]

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(10)
  @IsString({ each: true })
  @Length(1, 64, { each: true })
  tag?: string[]

  /** Who made it. */
  @IsOptional()
  @IsString()
  @Length(1, 100)
  creator?: string

  @IsOptional()
  @IsIn(searchPeriods)
  period?: SearchPeriod

  /** Nothing above it is shown; left out: `pg`. */
  @IsOptional()
  @IsIn(nsfwLevels)
  maxNsfw?: NsfwLevel

  /** Only what allows to sell what is made with it. */
  @IsOptional()
  @IsBoolean()
  commercialUse?: boolean

  /** Of Hugging Face: `text-to-image`, … */
  @IsOptional()
  @Matches(/^[a-z0-9-]{1,60}$/)
  task?: string

  @IsOptional()
  @IsBoolean()
  installed?: boolean

  @IsOptional()
  @IsBoolean()
  favorite?: boolean

  @IsOptional()
  @IsIn(searchSorts)
  sort?: SearchSort

  /** Only what is already known here: no source is asked. */
  @IsOptional()
  @IsBoolean()
  offline?: boolean

  /** Counts by type, family and source come with the answer. */
  @IsOptional()
  @IsBoolean()
  facets?: boolean
}

export class FacetValue {
  @IsString()
  value!: string

  @IsInt()
  count!: number
}

export class Facets {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => FacetValue)
  type!: FacetValue[]

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => FacetValue)
  family!: FacetValue[]

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => FacetValue)
  source!: FacetValue[]

  /** False: there are so many that a sample was counted. */
  @IsOptional()
  @IsBoolean()
  exact?: boolean
}

export class SourceOutcome {
  @IsIn(modelSources)
  source!: ModelSourceId

  /** `cached`: it did not have to be asked. `failed`: what is shown of it is what was known before. */
  @IsIn(['asked', 'cached', 'failed'])
  state!: 'asked' | 'cached' | 'failed'

  @IsOptional()
  @IsString()
  code?: string | null

  @IsOptional()
  @IsString()
  message?: string | null

  @IsOptional()
  @IsISO8601()
  retryAt?: string | null
}

export class SearchPage {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => ModelCard)
  items!: ModelCard[]

  @IsOptional()
  @IsString()
  nextCursor?: string | null

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => SourceOutcome)
  sources!: SourceOutcome[]

  @IsOptional()
  @ValidateNested()
  @Type(() => Facets)
  facets?: Facets | null

  /** A better spelling when little was found. */
  @IsOptional()
  @IsString()
  didYouMean?: string | null
}

export class SuggestModels {
  @IsString()
  @Length(1, 100)
  q!: string

  @IsOptional()
  @IsIn(nsfwLevels)
  maxNsfw?: NsfwLevel
}

export class Suggestions {
  @IsArray()
  @IsString({ each: true })
  items!: string[]
}
