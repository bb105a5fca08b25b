import { useInfiniteQuery } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo, useSyncExternalStore } from 'react'
import { easel } from '../../api/easel.ts'
import { hiddenAssets } from './asset-actions.ts'
import { assetsKey, followAssets, heldAssets, newcomers, readAs, showHeld } from './asset-feed.ts'
import { prepend } from './pages.ts'
import type { GetAssetsQuery } from '@easel/client'

const pageSize = 200

/**
 * The assets of one query, page by page; another query needs another reader. New ones come in at the top as they are made while `isAtTop` holds; else they are
 * counted.
 */
export function useAssets(query: GetAssetsQuery, isAtTop: () => boolean) {
  const name = JSON.stringify(query)
  const held = useSyncExternalStore(heldAssets.watch, () => heldAssets.of(name))
  const list = useInfiniteQuery({
    queryKey: assetsKey(query),
    queryFn: async ({ pageParam }) => {
      const missed = newcomers(query)
      const page = await easel.assets.list({
        ...query,
        limit: pageSize,
        ...(pageParam !== undefined && { cursor: pageParam }),
      })
      if (pageParam !== undefined || query.sort !== undefined) return page
      return prepend({ pages: [page], pageParams: [undefined] }, missed()).pages[0]!
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  })
  useEffect(() => {
    followAssets()
    return readAs(name, isAtTop)
  }, [name, isAtTop])
  const hidden = useSyncExternalStore(hiddenAssets.watch, hiddenAssets.ids)
  const { data } = list
  const items = useMemo(() => {
    const all = data?.pages.flatMap((page) => page.items) ?? []
    return hidden.size === 0 ? all : all.filter(({ id }) => !hidden.has(id))
  }, [data, hidden])
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = list
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage && !isFetchNextPageError) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage])
  return { ...list, items, held: held.length, showHeld: () => showHeld(name), onEnd }
}
