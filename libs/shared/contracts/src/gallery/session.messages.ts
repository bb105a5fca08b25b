import { Type } from 'class-transformer'
import {
  IsArray,
  IsIn,
  IsInt,
  IsISO8601,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  ValidateNested,
} from 'class-validator'
import { PageQuery } from '../page.ts'

export const sessionKinds = ['image', 'video', 'bulk', 'workflow'] as const
export type SessionKind = (typeof sessionKinds)[number]

export class CreateSession {
  static readonly json = ['draft'] as const

  @IsOptional()
  @IsUUID()
  spaceId?: string

  @IsOptional()
  @IsIn(sessionKinds)
  kind?: SessionKind

  @IsOptional()
  @IsString()
  @Length(1, 200)
  title?: string

  /** What the page keeps between visits: inputs, settings, references. */
  @IsOptional()
  @IsObject()
  draft?: Record<string, unknown>
}

export class UpdateSession {
  static readonly json = ['draft'] as const

  @IsUUID()
  id!: string

  /** The `If-Match` header: a stale one changes nothing. */
  @IsInt()
  revision!: number

  @IsOptional()
  @IsString()
  @Length(1, 200)
  title?: string

  @IsOptional()
  @IsObject()
  draft?: Record<string, unknown>
}

export class SessionView {
  static readonly json = ['draft'] as const

  @IsUUID()
  id!: string

  @IsIn(sessionKinds)
  kind!: SessionKind

  @IsString()
  title!: string

  @IsOptional()
  @IsObject()
  draft?: Record<string, unknown> | null

  /** Rises with every change: the ETag. */
  @IsInt()
  revision!: number

  @IsInt()
  assetCount!: number

  /** The newest asset's. */
  @IsOptional()
  @IsString()
  thumbnailUrl?: string | null

  @IsUUID()
  spaceId!: string

  @IsUUID()
  createdBy!: string

  @IsISO8601()
  createdAt!: string

  @IsISO8601()
  updatedAt!: string
}

export class ListSessions extends PageQuery {
  @IsOptional()
  @IsUUID()
  spaceId?: string

  @IsOptional()
  @IsIn(sessionKinds)
  kind?: SessionKind
}

export class SessionPage {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => SessionView)
  items!: SessionView[]

  @IsOptional()
  @IsString()
  nextCursor?: string | null
}
