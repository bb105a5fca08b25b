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
