import { ArrayMaxSize, IsArray, IsBoolean, IsIn, IsUUID } from 'class-validator'

export const accountStates = ['active', 'disabled', 'deleted'] as const
export type AccountState = (typeof accountStates)[number]

/** What a user may change from now on. */
export class AccessChanged {
  @IsUUID()
  userId!: string

  @IsIn(accountStates)
  state!: AccountState

  /** May change every space. */
  @IsBoolean()
  everywhere!: boolean

  /** Spaces that the user may change; of others he may see some. */
  @IsArray()
  @ArrayMaxSize(10_000)
  @IsUUID('all', { each: true })
  spaceIds!: string[]
}
