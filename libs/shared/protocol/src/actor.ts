import { AppError, notFound } from './app-error.ts'

export const userRoles = ['admin', 'member', 'viewer'] as const
export type UserRole = (typeof userRoles)[number]

export const spaceRoles = ['owner', 'editor', 'viewer'] as const
export type SpaceRole = (typeof spaceRoles)[number]

/** What a credential may be used for; a cookie session has them all. */
export const scopes = [
  'jobs:read',
  'jobs:write',
  'assets:read',
  'assets:write',
  'models:read',
  'models:write',
  'admin',
] as const
export type Scope = (typeof scopes)[number]

/** Who is calling, as the gateway found out; travels in the message headers. */
export type Actor = {
  readonly userId: string
  readonly role: UserRole
  readonly personalSpaceId: string
  /** Role by space id. A space that is not in it does not exist for this actor. */
  readonly spaces: Readonly<Record<string, SpaceRole>>
  readonly scopes: readonly Scope[]
}

export function requireActor(context: { readonly actor: Actor | undefined }): Actor {
  if (!context.actor) throw new AppError('unauthenticated', 'Sign in first', { reason: 'NO_CREDENTIALS' })
  return context.actor
}

const rank: Record<SpaceRole, number> = { viewer: 0, editor: 1, owner: 2 }

/** May the actor see what is in the space? Admins see every space. */
export function canRead(actor: Actor, spaceId: string): boolean {
  return actor.role === 'admin' || Object.hasOwn(actor.spaces, spaceId)
}

/** May the actor change what is in the space? */
export function canWrite(actor: Actor, spaceId: string): boolean {
  if (actor.role === 'admin') return true
  const role = Object.hasOwn(actor.spaces, spaceId) ? actor.spaces[spaceId] : undefined
  return actor.role !== 'viewer' && role !== undefined && rank[role] >= rank.editor
}

/** Throws `not_found` for who cannot see the space, `forbidden` for who only can see it. */
export function requireWrite(actor: Actor, spaceId: string): void {
  if (!canRead(actor, spaceId)) throw notFound('space', 'SPACE_NOT_FOUND')
  if (!canWrite(actor, spaceId)) {
    throw new AppError('forbidden', 'You may look at this space but not change it', {
      reason: 'SPACE_READ_ONLY',
    })
  }
}
