import { safeText } from './safe-text.ts'
import { fitText, padText, textWidth } from './text-width.ts'

export type Column<T> = {
  readonly title: string
  readonly value: (row: T) => string | number | null | undefined
  readonly side?: 'left' | 'right'
  /** May be cut when the terminal is narrow. Ids are not: they are there to be copied. */
  readonly flexible?: boolean
}

const gap = 2
const leastFlexible = 6

/**
 * Lines of a table. `columns` is the width of the terminal: flexible columns are cut, the widest first, until
 * the table fits; without it nothing is cut.
 */
export function formatTable<T>(
  rows: readonly T[],
  columns: readonly Column<T>[],
  { columns: available }: { columns?: number } = {},
): string[] {
  const cells = rows.map((row) => columns.map((column) => safeText(String(column.value(row) ?? ''))))
  const titles = columns.map(({ title }) => title)
  const widths = columns.map((_, i) => Math.max(...[titles, ...cells].map((line) => textWidth(line[i]!))))
  if (available !== undefined) shrink(widths, columns, available)
  return [titles, ...cells].map((line) => {
    const padded = line.map((text, i) => padText(fitText(text, widths[i]!), widths[i]!, columns[i]!.side))
    const whole = padded.join(' '.repeat(gap)).trimEnd()
    return available === undefined ? whole : fitText(whole, available)
  })
}

function shrink<T>(widths: number[], columns: readonly Column<T>[], available: number): void {
  const excess = () => widths.reduce((sum, width) => sum + width, gap * (widths.length - 1)) - available
  while (excess() > 0) {
    const candidates = widths.keys().filter((i) => columns[i]!.flexible && widths[i]! > leastFlexible)
    const widest = candidates.reduce((best, i) => (best < 0 || widths[i]! > widths[best]! ? i : best), -1)
    if (widest < 0) return
    widths[widest]! -= 1
  }
}

/** Lines of `name  value`, for one thing. What is absent is left out. */
export function formatFacts(
  facts: readonly (readonly [string, string | number | null | undefined])[],
): string[] {
  const known = facts.filter(([, value]) => value !== null && value !== undefined && value !== '')
  const width = Math.max(0, ...known.map(([name]) => textWidth(name)))
  return known.map(([name, value]) => `${padText(name, width)}  ${safeText(String(value))}`)
}
