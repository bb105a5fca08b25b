/** The API leaves out what there is not, or says `null`. */
export function isGiven<T>(value: T | null | undefined): value is T {
  return value !== null && value !== undefined
}
