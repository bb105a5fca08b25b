import { CheckNeeds, DownloadView, NeedsView } from '@easel/contracts'
import { Type } from 'class-transformer'
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsInt,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Max,
  Min,
  ValidateNested,
} from 'class-validator'

export class FetchNeeds extends CheckNeeds {
  @IsOptional()
  @IsUUID()
  spaceId?: string

  /** As the graph names them; left out: all that are missing and can be had. */
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(200)
  @IsString({ each: true })
  @Length(1, 400, { each: true })
  names?: string[]

  @IsOptional()
  @IsInt()
  @Min(-10)
  @Max(10)
  priority?: number
}

export class FetchedNeeds {
  /** As they were before. */
  @ValidateNested()
  @Type(() => NeedsView)
  needs!: NeedsView

  /** Brings them all; null when there is nothing to fetch. */
  @IsOptional()
  @ValidateNested()
  @Type(() => DownloadView)
  download?: DownloadView | null

  /** Missing, and not part of the download. Why not is told by their states. */
  @IsArray()
  @IsString({ each: true })
  unfetched!: string[]
}
