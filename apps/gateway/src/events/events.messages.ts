import { PageQuery } from '@easel/contracts'
import { Type } from 'class-transformer'
import {
  IsArray,
  IsISO8601,
  IsInt,
  IsOptional,
  IsString,
  IsUUID,
  Matches,
  ValidateNested,
} from 'class-validator'

export class ListEvents extends PageQuery {
  /** The cursor to go on after: `nextCursor`, or an event's id. */
  @IsOptional()
  @Matches(/^\d{1,18}$/)
  after?: string

  /** For WebSockets: of `POST /api/events/ticket`. */
  @IsOptional()
  @IsString()
  ticket?: string
}

export class EventView {
  static readonly json = ['data'] as const

  /** The cursor; missing in lossy events. */
  @IsOptional()
  @IsString()
  id?: string | null

  /** `job.queued`, `asset.created`, … */
  @IsString()
  type!: string

  @IsISO8601()
  time!: string

  @IsOptional()
  @IsUUID()
  spaceId?: string | null

  /** What it is about, as it was then. */
  data!: unknown
}

export class EventPage {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => EventView)
  items!: EventView[]

  /** Where to go on, even when there is nothing new. */
  @IsString()
  nextCursor!: string
}

export class EventTicket {
  @IsString()
  ticket!: string

  @IsInt()
  expiresInSeconds!: number
}
