import { IsInt, IsOptional, IsString, Length, Max, Min } from 'class-validator'

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
