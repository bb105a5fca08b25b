import { useInfiniteQuery } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import { easel } from '../../api/easel.ts'
import { queries } from '../../api/queries.ts'
import { hiddenAssets } from './asset-actions.ts'
import { assetsKey, followAssets, newcomers, readAs } from './asset-feed.ts'
import { prepend } from './pages.ts'
import type { AssetView, GetAssetsQuery } from '@easel/client'
import type { Pages } from './pages.ts'

const pageSize = 200

/**
 * The assets of one query, page by page; another query needs another reader. New ones come in at the top as they are made while `isAtTop` holds; else they are
 * counted.
 */
export function useAssets(query: GetAssetsQuery, isAtTop: () => boolean) {
  const name = JSON.stringify(query)
  const [held, setHeld] = useState<readonly AssetView[]>([])
  const list = useInfiniteQuery({
    queryKey: assetsKey(query),
    queryFn: async ({ pageParam, signal }) => {
      const missed = newcomers(query)
      const page = await easel.assets.list({
        ...query,
        limit: pageSize,
        ...(pageParam !== undefined && { cursor: pageParam }),
      })
      signal.throwIfAborted()
      if (pageParam !== undefined || query.sort !== undefined) return page
      return prepend({ pages: [page], pageParams: [undefined] }, missed()).pages[0]!
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  })
  useEffect(() => {
    followAssets()
    return readAs(JSON.parse(name) as GetAssetsQuery, {
      isAtTop,
      hold: (asset) => setHeld((before) => [asset, ...before]),
    })
  }, [name, isAtTop])
  const showHeld = useCallback(() => {
    const key = assetsKey(JSON.parse(name) as GetAssetsQuery)
    queries.setQueryData<Pages>(key, (pages) => pages && prepend(pages, held))
    setHeld([])
  }, [name, held])
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
  return { ...list, items, held: held.length, showHeld, onEnd }
}
