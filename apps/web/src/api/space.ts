import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { meQuery, spaceOf, spacesQuery } from './queries.ts'
import type { SpaceView } from '@easel/client'

export type CurrentSpace = {
  id: string
  /** Until the list of spaces is read, its short name. */
  name: string
  personal: boolean
  /** None for an admin who is no member. */
  role: SpaceView['role']
  /** May change what is in it. The server decides; this keeps buttons away that it refuses. */
  canWrite: boolean
  /** May say who is in it. */
  canManage: boolean
}

/** The space that this tab works in. */
export function useSpace(): CurrentSpace {
  const { data: me } = useSuspenseQuery(meQuery)
  const { data: all } = useQuery(spacesQuery)
  const id = spaceOf(me)
  const own = me.spaces.find((each) => each.id === id)
  const space = all?.items.find((each) => each.id === id)
  const admin = me.role === 'admin'
  return {
    id,
    name: space?.name ?? own?.slug ?? '',
    personal: id === me.personalSpaceId,
    role: own?.role,
    canWrite: admin || (me.role !== 'viewer' && own !== undefined && own.role !== 'viewer'),
    canManage: admin || own?.role === 'owner',
  }
}
