import type { Place } from './window.ts'

/** Where each list was left, by its query; as long as the page is open. */
const places = new Map<string, Place>()
const most = 50

export const placeOf = (name: string): Place | undefined => places.get(name)

/** Undefined: at the top. */
export function rememberPlace(name: string, place: Place | undefined): void {
  places.delete(name)
  if (place) places.set(name, place)
  const [oldest] = places.keys()
  if (places.size > most && oldest !== undefined) places.delete(oldest)
}

/** The first of each list when it was first seen. */
const bases = new Map<string, string>()

/** How many have come to a list since it was first seen. */
export function freshOf(name: string, ids: readonly string[]): number {
  const base = bases.get(name)
  const at = base === undefined ? -1 : ids.indexOf(base)
  if (at >= 0) return at
  if (ids[0] !== undefined) bases.set(name, ids[0])
  return 0
}
