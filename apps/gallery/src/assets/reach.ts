import { canRead, notFound } from '@easel/protocol'
import type { Actor } from '@easel/protocol'

/** The spaces a list is about: the one asked for, else all that the actor is a member of. */
export function readableSpaces(actor: Actor, spaceId: string | undefined): string[] {
  if (spaceId === undefined) return Object.keys(actor.spaces)
  if (!canRead(actor, spaceId)) throw notFound('space', 'SPACE_NOT_FOUND')
  return [spaceId]
}

/** What is no id at all is not found either. */
export const isUuid = (text: string): boolean =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text)
