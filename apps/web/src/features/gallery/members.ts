import { queryOptions } from '@tanstack/react-query'
import { easel } from '../../api/easel.ts'

/** Who works in a space. */
export const membersQuery = (spaceId: string) =>
  queryOptions({ queryKey: ['members', spaceId], queryFn: () => easel.spaces.members(spaceId) })
