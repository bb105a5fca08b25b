import { scopes, spaceRoles, userRoles } from '@easel/protocol'
import { PageQuery } from '@easel/contracts'
import { Type } from 'class-transformer'
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsEmail,
  IsIn,
  IsISO8601,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Matches,
  ValidateNested,
} from 'class-validator'
import type { Scope, SpaceRole, UserRole } from '@easel/protocol'

export class CreateKey {
  @IsString()
  @Length(1, 100)
  name!: string

  /** Left out: all that the caller has. */
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(20)
  @IsIn(scopes, { each: true })
  scopes?: Scope[]

  @IsOptional()
  @IsISO8601()
  expiresAt?: string
}

export class KeyView {
  @IsUUID()
  id!: string

  @IsString()
  name!: string

  /** First and last letters. */
  @IsString()
  hint!: string

  @IsArray()
  @IsIn(scopes, { each: true })
  scopes!: Scope[]

  @IsISO8601()
  createdAt!: string

  @IsOptional()
  @IsISO8601()
  lastUsedAt?: string | null

  @IsOptional()
  @IsISO8601()
  expiresAt?: string | null

  @IsOptional()
  @IsISO8601()
  revokedAt?: string | null
}

export class NewKey extends KeyView {
  /** The key itself: shown here and never again. */
  @IsString()
  key!: string
}

export class KeyPage {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => KeyView)
  items!: KeyView[]

  @IsOptional()
  @IsString()
  nextCursor?: string | null
}

export class CreateUser {
  @IsEmail()
  @Length(3, 320)
  email!: string

  @IsOptional()
  @IsString()
  @Length(1, 100)
  name?: string

  @IsOptional()
  @IsIn(userRoles)
  role?: UserRole

  @IsString()
  @Length(8, 1_000)
  password!: string
}

export class UpdateUser {
  @IsOptional()
  @IsString()
  @Length(1, 100)
  name?: string

  @IsOptional()
  @IsIn(userRoles)
  role?: UserRole

  @IsOptional()
  @IsString()
  @Length(8, 1_000)
  password?: string

  @IsOptional()
  @IsBoolean()
  disabled?: boolean
}

export class UserView {
  @IsUUID()
  id!: string

  @IsString()
  email!: string

  @IsString()
  name!: string

  @IsIn(userRoles)
  role!: UserRole

  @IsUUID()
  personalSpaceId!: string

  @IsBoolean()
  disabled!: boolean

  @IsISO8601()
  createdAt!: string
}

export class ListUsers extends PageQuery {
  /** In the name or the e-mail address. */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  q?: string
}

export class UserPage {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => UserView)
  items!: UserView[]

  @IsOptional()
  @IsString()
  nextCursor?: string | null
}

export class CreateSpace {
  @IsString()
  @Length(1, 100)
  name!: string

  /** Short name for `X-Space`; made from the name when left out. */
  @IsOptional()
  @Matches(/^[a-z0-9][a-z0-9-]{1,62}$/)
  slug?: string
}

export class UpdateSpace {
  @IsString()
  @Length(1, 100)
  name!: string
}

export class SpaceView {
  @IsUUID()
  id!: string

  @IsString()
  slug!: string

  @IsString()
  name!: string

  @IsBoolean()
  personal!: boolean

  /** The caller's own; none for an admin who is no member. */
  @IsOptional()
  @IsIn(spaceRoles)
  role?: SpaceRole | null

  @IsISO8601()
  createdAt!: string
}

export class SpacePage {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => SpaceView)
  items!: SpaceView[]

  @IsOptional()
  @IsString()
  nextCursor?: string | null
}

export class AddMember {
  /** One of the two. */
  @IsOptional()
  @IsUUID()
  userId?: string

  @IsOptional()
  @IsEmail()
  email?: string

  @IsIn(spaceRoles)
  role!: SpaceRole
}

export class UpdateMember {
  @IsIn(spaceRoles)
  role!: SpaceRole
}

export class MemberView {
  @IsUUID()
  userId!: string

  @IsString()
  email!: string

  @IsString()
  name!: string

  @IsIn(spaceRoles)
  role!: SpaceRole

  @IsISO8601()
  createdAt!: string
}

export class MemberPage {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => MemberView)
  items!: MemberView[]

  @IsOptional()
  @IsString()
  nextCursor?: string | null
}

export class ListAudit extends PageQuery {
  @IsOptional()
  @IsUUID()
  userId?: string

  @IsOptional()
  @IsString()
  @Length(1, 100)
  action?: string
}

export class AuditView {
  static readonly json = ['details'] as const

  @IsString()
  id!: string

  @IsISO8601()
  at!: string

  @IsOptional()
  @IsUUID()
  userId?: string | null

  @IsString()
  action!: string

  @IsOptional()
  @IsString()
  target?: string | null

  @IsOptional()
  @IsString()
  address?: string | null

  @IsObject()
  details!: Record<string, unknown>
}

export class AuditPage {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => AuditView)
  items!: AuditView[]

  @IsOptional()
  @IsString()
  nextCursor?: string | null
}
