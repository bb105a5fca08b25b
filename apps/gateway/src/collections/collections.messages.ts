import { DownloadView, ListMissing, UnfetchedEntry } from '@easel/contracts'
import { Type } from 'class-transformer'
import { IsArray, IsInt, IsOptional, Max, Min, ValidateNested } from 'class-validator'

export class FetchCollection extends ListMissing {
  @IsOptional()
  @IsInt()
  @Min(-10)
  @Max(10)
  priority?: number
}

export class FetchedCollection {
  /** Brings all that is missing; null when there is nothing to fetch. */
  @IsOptional()
  @ValidateNested()
  @Type(() => DownloadView)
  download?: DownloadView | null

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => UnfetchedEntry)
  unfetched!: UnfetchedEntry[]
}
