import type { DownloadView } from '@easel/client'
import type { Row } from './rows.ts'

export type View = 'files' | 'transfers'

/** Everything that the screen shows. It changes in `reduce` only. */
export type State = {
  readonly view: View
  readonly rows: readonly Row[]
  /** The newest first. */
  readonly downloads: readonly DownloadView[]
  /** Keys of rows, seen or hidden. */
  readonly selected: ReadonlySet<string>
  readonly missingOnly: boolean
  readonly filter: string
  /** Letters go into the filter. */
  readonly filtering: boolean
  /** What the cursor is on, by key or id: it stays there when lines come and go. */
  readonly cursor: Readonly<Record<View, string | undefined>>
  /** Downloads that were asked for here. */
  readonly started: ReadonlySet<string>
  /** The download whose error and files are shown. */
  readonly opened: string | undefined
  readonly message: string
}

export const initialState: State = {
  view: 'files',
  rows: [],
  downloads: [],
  selected: new Set(),
  missingOnly: true,
  filter: '',
  filtering: false,
  cursor: { files: undefined, transfers: undefined },
  started: new Set(),
  opened: undefined,
  message: 'Asking the server …',
}

export function visibleRows({ rows, missingOnly, filter }: State): Row[] {
  return rows.filter((row) => (!missingOnly || row.state !== 'present') && matches(filter, row))
}

export function visibleDownloads({ downloads, filter }: State): DownloadView[] {
  const text = filter.toLowerCase()
  return downloads.filter(({ title, filename, url, status, folder }) =>
    [title, filename, url, status, folder].some((part) => part?.toLowerCase().includes(text)),
  )
}

/** Of the view: keys or ids, in their order. */
export function linesOf(state: State): string[] {
  return state.view === 'files'
    ? visibleRows(state).map(({ key }) => key)
    : visibleDownloads(state).map(({ id }) => id)
}

/** Where the cursor is among the lines. What it was on may be gone: then it is at the top. */
export function cursorAt(state: State): number {
  const key = state.cursor[state.view]
  return Math.max(0, key === undefined ? 0 : linesOf(state).indexOf(key))
}

export function countSelected(state: State): { selected: number; all: number; hidden: number } {
  const visible = new Set(visibleRows(state).map(({ key }) => key))
  const hidden = [...state.selected].filter((key) => !visible.has(key)).length
  return { selected: state.selected.size, all: state.rows.length, hidden }
}

/** It takes bytes now, or will as soon as it is its turn. */
export function isUnderWay({ status }: Pick<DownloadView, 'status'>): boolean {
  return status === 'queued' || status === 'running' || status === 'verifying'
}

function matches(filter: string, { name, folder, bundles }: Row): boolean {
  const text = filter.toLowerCase()
  return [name, folder, ...bundles].some((part) => part.toLowerCase().includes(text))
}
