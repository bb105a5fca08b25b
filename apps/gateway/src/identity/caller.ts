import { notFound } from '@easel/protocol'
import type { NsfwLevel } from '@easel/contracts'
import type { Actor } from '@easel/protocol'

export type Credential = {
  readonly kind: 'key' | 'session'
  /** Of the key's row, or of the session. */
  readonly id: string
}

/** Who is at the other end of a request or a socket. */
export type Caller = {
  readonly actor: Actor
  readonly email: string
  readonly name: string
  /** What pictures of models may show when a request says nothing of it. */
  readonly maxNsfw: NsfwLevel
  readonly credential: Credential
  /** Ids of the caller's spaces by their slugs. */
  readonly slugs: ReadonlyMap<string, string>
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

export function isUuid(text: string): boolean {
  return uuid.test(text)
}

/** The space that a header or a query names, by id or slug. Of an admin's ids the services are the judges. */
export function findSpace(caller: Caller, name: string): string {
  const id = caller.slugs.get(name) ?? (isUuid(name) ? name.toLowerCase() : undefined)
  if (id === undefined || (!(id in caller.actor.spaces) && caller.actor.role !== 'admin')) {
    throw notFound('space', 'SPACE_NOT_FOUND')
  }
  return id
}
