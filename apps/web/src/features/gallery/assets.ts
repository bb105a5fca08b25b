import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { easel } from '../../api/easel.ts'
import { live } from '../../api/live.ts'
import { isFiltered, toQuery } from './gallery-search.ts'
import type { AssetPage, AssetView } from '@easel/client'
import type { InfiniteData } from '@tanstack/react-query'
import type { GallerySearch } from './gallery-search.ts'

type Pages = InfiniteData<AssetPage, string | undefined>

const pageSize = 200

export const assetsKey = (search: GallerySearch) => ['assets', toQuery(search)] as const

/**
 * The assets of a search, page by page. New ones come in at the top as they are made while `follow` holds, that is while
 * the reader is there; else they are counted.
 */
export function useAssets(search: GallerySearch, follow: () => boolean) {
  const client = useQueryClient()
  const [held, setHeld] = useState<AssetView[]>([])
  const key = assetsKey(search)
  const name = JSON.stringify(key)
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) =>
      easel.assets.list({
        ...toQuery(search),
        limit: pageSize,
        ...(pageParam !== undefined && { cursor: pageParam }),
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  })
  const atTop = search.sort === undefined
  const filtered = isFiltered(search)
  useEffect(() => {
    setHeld([])
    return live.listen({
      event: ({ type, data }) => {
        const asset = data as AssetView
        if (type === 'asset.created' && atTop) {
          // Whether it fits the filter only the server knows.
          if (follow() && !filtered) client.setQueryData<Pages>(key, (pages) => prepend(pages, [asset]))
          else setHeld((before) => [asset, ...before])
        } else if (type === 'asset.updated') {
          client.setQueryData<Pages>(key, (pages) =>
            change(pages, (each) => (each.id === asset.id ? asset : each)),
          )
        } else if (type === 'asset.deleted') {
          client.setQueryData<Pages>(key, (pages) =>
            change(pages, (each) => (each.id === asset.id ? undefined : each)),
          )
        }
      },
    })
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the key is new in every render, its name is not
  }, [client, name, atTop, filtered, follow])
  const showHeld = () => {
    if (filtered) void client.resetQueries({ queryKey: key })
    else client.setQueryData<Pages>(key, (pages) => prepend(pages, held))
    setHeld([])
  }
  return {
    ...query,
    items: query.data?.pages.flatMap(({ items }) => items) ?? [],
    held: held.length,
    showHeld,
  }
}

function prepend(pages: Pages | undefined, assets: readonly AssetView[]): Pages | undefined {
  const [first, ...rest] = pages?.pages ?? []
  if (!pages || !first) return pages
  const known = new Set(first.items.map(({ id }) => id))
  const fresh = assets.filter(({ id }) => !known.has(id))
  return { ...pages, pages: [{ ...first, items: [...fresh, ...first.items] }, ...rest] }
}

export function change(
  pages: Pages | undefined,
  to: (asset: AssetView) => AssetView | undefined,
): Pages | undefined {
  if (!pages) return pages
  return {
    ...pages,
    pages: pages.pages.map((page) => ({ ...page, items: page.items.flatMap((each) => to(each) ?? []) })),
  }
}
