/**
 * Does a path match a pattern? `*` is any text, `/` too, as Hugging Face's own clients read it, and `?` one
 * character. Takes time in proportion to both lengths, whatever the pattern.
 */
export function matchesPattern(path: string, pattern: string): boolean {
  let at = 0
  let star = -1
  let retry = 0
  let p = 0
  while (at < path.length) {
    if (pattern[p] === '*') {
      star = p++
      retry = at
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === path[at])) {
      p++
      at++
    } else if (star >= 0) {
      p = star + 1
      at = ++retry
    } else return false
  }
  while (pattern[p] === '*') p++
  return p === pattern.length
}
