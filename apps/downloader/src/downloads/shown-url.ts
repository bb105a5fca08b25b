/** For people and logs: queries hold tokens and signatures as often as not. */
export function shownUrl(url: string): string {
  const { origin, pathname } = new URL(url)
  return `${origin}${pathname}`.slice(0, 2_000)
}
