import { expect, test } from 'vitest'
import { anAsset } from './an-asset.ts'
import { change, prepend } from './pages.ts'

const page = (...ids: string[]) => ({ items: ids.map((id) => anAsset({ id })), nextCursor: null })
const pages = { pages: [page('c', 'b'), page('a')], pageParams: [undefined, 'next'] }
const idsOf = ({ pages: all }: typeof pages) => all.map(({ items }) => items.map(({ id }) => id))

test('new ones come first, and one that is there is not there twice', () => {
  expect(idsOf(prepend(pages, [anAsset({ id: 'd' }), anAsset({ id: 'c' })]) as typeof pages)).toEqual([
    ['d', 'c', 'b'],
    ['a'],
  ])
  expect(prepend(pages, [anAsset({ id: 'b' })])).toBe(pages)
})

test('a page that holds none of what changes stays the same object', () => {
  const changed = change(pages, new Set(['a']), (asset) => ({ ...asset, rating: 5 }))

  expect(changed.pages[0]).toBe(pages.pages[0])
  expect(changed.pages[1]!.items[0]!.rating).toBe(5)
  expect(change(pages, new Set(['x']), () => undefined)).toBe(pages)
})

test('what is gone leaves its page', () => {
  expect(idsOf(change(pages, new Set(['c', 'a']), () => undefined) as typeof pages)).toEqual([['b'], []])
})
