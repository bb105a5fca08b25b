import { safeText } from './safe-text.ts'
import { fitText, padText, textWidth } from './text-width.ts'

export type Column<T> = {
  readonly title: string
  readonly value: (row: T) => string | number | null | undefined
  readonly side?: 'left' | 'right'
  /** May be cut when the terminal is narrow. Ids are not: they are there to be copied. */
  readonly flexible?: boolean
  /** Left out when there is no room for it; the last of these first. */
  readonly optional?: boolean
}

const gap = 2
const leastFlexible = 6
/** Narrower than this a flexible column says little: then optional ones go. */
const goodFlexible = 16

/**
 * Lines of a table. `columns` is the width of the terminal: optional columns are left out and flexible ones cut,
 * the widest first, until the table fits; without it nothing is cut.
 */
export function formatTable<T>(
  rows: readonly T[],
  columns: readonly Column<T>[],
  { columns: available }: { columns?: number } = {},
): string[] {
  const all = columns.map((column) => measured(column, rows))
  const shown = available === undefined ? all : withRoom(all, available)
  if (available !== undefined) shrink(shown, available)
  return ['', ...rows].map((_, line) => {
    const padded = shown.map(({ cells, width, side }) => padText(fitText(cells[line]!, width), width, side))
    const whole = padded.join(' '.repeat(gap)).trimEnd()
    return available === undefined ? whole : fitText(whole, available)
  })
}

type Measured = { cells: string[]; width: number; empty: boolean } & Pick<
  Column<unknown>,
  'side' | 'flexible' | 'optional'
>

function measured<T>({ title, value, side, flexible, optional }: Column<T>, rows: readonly T[]): Measured {
  const values = rows.map((row) => safeText(String(value(row) ?? '')))
  const cells = [title, ...values]
  const width = Math.max(...cells.map(textWidth))
  return { cells, width, side, flexible, optional, empty: values.every((text) => text === '') }
}

function withRoom(columns: readonly Measured[], available: number): Measured[] {
  const kept = [...columns]
  const least = ({ width, flexible }: Measured) => (flexible ? Math.min(width, goodFlexible) : width)
  while (widthOf(kept.map(least)) > available) {
    const empty = kept.findLastIndex((column) => column.optional && column.empty)
    const last = empty < 0 ? kept.findLastIndex(({ optional }) => optional) : empty
    if (last < 0) break
    kept.splice(last, 1)
  }
  return kept
}

function shrink(columns: readonly Measured[], available: number): void {
  while (widthOf(columns.map(({ width }) => width)) > available) {
    const candidates = columns.filter(({ flexible, width }) => flexible && width > leastFlexible)
    const [first, ...others] = candidates
    if (!first) return
    others.reduce((widest, column) => (column.width > widest.width ? column : widest), first).width -= 1
  }
}

const widthOf = (widths: readonly number[]) =>
  widths.reduce((sum, width) => sum + width, gap * (widths.length - 1))

/** Lines of `name  value`, for one thing. What is absent is left out. */
export function formatFacts(
  facts: readonly (readonly [string, string | number | null | undefined])[],
): string[] {
  const known = facts.filter(([, value]) => value !== null && value !== undefined && value !== '')
  const width = Math.max(0, ...known.map(([name]) => textWidth(name)))
  return known.map(([name, value]) => `${padText(name, width)}  ${safeText(String(value))}`)
}
