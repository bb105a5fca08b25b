import { scopes, spaceRoles, userRoles } from '@easel/protocol'
import { nsfwLevels } from '@easel/contracts'
import { Type } from 'class-transformer'
import {
  IsArray,
  IsBoolean,
  IsIn,
  IsISO8601,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  ValidateNested,
} from 'class-validator'
import type { NsfwLevel } from '@easel/contracts'
import type { Scope, SpaceRole, UserRole } from '@easel/protocol'

export class LogIn {
  @IsString()
  @Length(3, 320)
  email!: string

  @IsString()
  @Length(1, 1_000)
  password!: string
}

export class SpaceMembership {
  @IsUUID()
  id!: string

  @IsString()
  slug!: string

  @IsIn(spaceRoles)
  role!: SpaceRole
}

export class Me {
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

  /** What pictures of models may show when a request says nothing of it. */
  @IsIn(nsfwLevels)
  maxNsfw!: NsfwLevel

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => SpaceMembership)
  spaces!: SpaceMembership[]

  /** What the credential of this call may do. */
  @IsArray()
  @IsIn(scopes, { each: true })
  scopes!: Scope[]
}

export class UpdateMe {
  @IsOptional()
  @IsString()
  @Length(1, 100)
  name?: string

  /** `pg` until it is chosen. */
  @IsOptional()
  @IsIn(nsfwLevels)
  maxNsfw?: NsfwLevel

  /** A new password; needs the old one, and ends all log-ins. */
  @IsOptional()
  @IsString()
  @Length(8, 1_000)
  password?: string

  @IsOptional()
  @IsString()
  @Length(1, 1_000)
  oldPassword?: string
}

export class LogInView {
  @IsUUID()
  id!: string

  @IsISO8601()
  createdAt!: string

  @IsString()
  address!: string

  @IsString()
  userAgent!: string

  @IsBoolean()
  current!: boolean
}

export class LogInList {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => LogInView)
  items!: LogInView[]
}
