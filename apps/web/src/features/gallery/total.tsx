import { useQuery } from '@tanstack/react-query'
import { bytes, count } from '../../lib/format.ts'
import { statsQuery } from './asset-feed.ts'
import type { CurrentSpace } from '../../api/space.ts'

/** How much the space holds. */
export function Total({ space }: { space: CurrentSpace }) {
  const { data } = useQuery(statsQuery(space.id))
  if (!data || data.total === 0) return null
  return (
    <p className="nums text-sm text-ink-2 max-md:hidden">
      {count(data.total, 'item')}, {bytes(data.bytes)}
    </p>
  )
}
