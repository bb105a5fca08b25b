import { IsInt, IsOptional, IsString, Length, Max, Min } from 'class-validator'

/**
 * A day, or a moment of it, as Postgres reads it, too: ISO 8601 knows weeks, days of years and hours that it does not.
 */
export const pointInTime =
  /^(?!0000)\d{4}-\d\d-\d\d(T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(Z|[+-](0\d|1[0-4]):[0-5]\d)?)?$/

/** What every list takes. */
export class PageQuery {
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(200)
  limit?: number

  /** Opaque: `nextCursor` of the page before. */
  @IsOptional()
  @IsString()
  @Length(1, 500)
  cursor?: string
}

export class ById {
  @IsString()
  @Length(1, 100)
  id!: string
}

/** The input of what needs none. */
export class Nothing {}
