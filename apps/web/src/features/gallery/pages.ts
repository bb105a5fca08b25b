import type { AssetPage, AssetView } from '@easel/client'
import type { InfiniteData } from '@tanstack/react-query'

export type Pages = InfiniteData<AssetPage, string | undefined>

/** In front of all; those that are there already stay where they are. */
export function prepend(pages: Pages, assets: readonly AssetView[]): Pages {
  const [first, ...rest] = pages.pages
  if (!first) return pages
  const known = new Set(first.items.map(({ id }) => id))
  const fresh = assets.filter(({ id }) => !known.has(id))
  if (fresh.length === 0) return pages
  return { ...pages, pages: [{ ...first, items: [...fresh, ...first.items] }, ...rest] }
}

/** Pages that hold none of them stay the same objects. */
export function change(
  pages: Pages,
  ids: ReadonlySet<string>,
  to: (asset: AssetView) => AssetView | undefined,
): Pages {
  let touched = false
  const next = pages.pages.map((page) => {
    if (!page.items.some(({ id }) => ids.has(id))) return page
    touched = true
    return { ...page, items: page.items.flatMap((each) => (ids.has(each.id) ? (to(each) ?? []) : each)) }
  })
  return touched ? { ...pages, pages: next } : pages
}
