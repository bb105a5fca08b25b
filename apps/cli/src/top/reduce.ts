import type { DownloadView } from '@easel/client'
import type { BundleFile, Row } from './rows.ts'
import { cursorAt, initialState, isUnderWay, linesOf, visibleRows, type State } from './state.ts'

/** What happens: a key, or news from the server. */
export type Action =
  | { readonly type: 'key'; readonly name: string; readonly text?: string }
  | { readonly type: 'rows'; readonly rows: readonly Row[] }
  | { readonly type: 'downloads'; readonly downloads: readonly DownloadView[] }
  | { readonly type: 'download'; readonly download: DownloadView; readonly startedHere?: boolean }
  | { readonly type: 'gone'; readonly id: string }
  | { readonly type: 'said'; readonly message: string }

/** What is to be done about it, outside of here. */
export type Effect =
  | { readonly type: 'fetch'; readonly files: readonly BundleFile[] }
  | { readonly type: 'stop' | 'resume' | 'retry' | 'cancel'; readonly ids: readonly string[] }
  | { readonly type: 'refresh' }
  | { readonly type: 'quit' }

export type Step = { readonly state: State; readonly effects: readonly Effect[] }

export function reduce(state: State, action: Action): Step {
  switch (action.type) {
    case 'key':
      return state.filtering ? typed(state, action) : pressed(state, action.name)
    case 'rows':
      return stay(withRows(state, action.rows))
    case 'downloads':
      return stay({ ...state, downloads: action.downloads })
    case 'download':
      return stay(withDownload(state, action))
    case 'gone':
      return stay({ ...state, downloads: state.downloads.filter(({ id }) => id !== action.id) })
    case 'said':
      return stay({ ...state, message: action.message })
  }
}

function pressed(state: State, name: string): Step {
  const both = keysOfBoth[name]
  if (both) return both(state)
  const own = state.view === 'files' ? keysOfFiles[name] : keysOfTransfers[name]
  return own ? own(state) : stay(state)
}

type Press = (state: State) => Step
type Presses = Readonly<Record<string, Press | undefined>>

const keysOfBoth: Presses = keys({
  up: (state) => move(state, -1),
  k: (state) => move(state, -1),
  down: (state) => move(state, 1),
  j: (state) => move(state, 1),
  pageup: (state) => move(state, -10),
  pagedown: (state) => move(state, 10),
  home: (state) => move(state, -Infinity),
  end: (state) => move(state, Infinity),
  tab: (state) => stay({ ...state, view: state.view === 'files' ? 'transfers' : 'files', opened: undefined }),
  f: (state) => stay({ ...state, filtering: true }),
  r: (state) => ({ state: { ...state, message: 'Asking the server …' }, effects: [{ type: 'refresh' }] }),
  escape,
  q: (state) => ({ state, effects: [{ type: 'quit' }] }),
  'ctrl-c': (state) => ({ state, effects: [{ type: 'quit' }] }),
})

const keysOfFiles: Presses = keys({
  return: toggle,
  space: toggle,
  a: (state) => {
    const selected = new Set([...state.selected, ...visibleRows(state).map(({ key }) => key)])
    return stay({ ...state, selected })
  },
  u: (state) => stay({ ...state, selected: new Set() }),
  s: (state) => stay({ ...state, missingOnly: !state.missingOnly }),
  d: download,
})

const keysOfTransfers: Presses = keys({
  return: (state) => {
    const id = downloadAt(state)?.id
    return stay({ ...state, opened: state.opened === id ? undefined : id })
  },
  s: (state) => {
    const at = downloadAt(state)
    if (at?.status === 'paused') return ask(state, { type: 'resume', ids: [at.id] })
    if (at?.status === 'failed') return ask(state, { type: 'retry', ids: [at.id] })
    return stay(state)
  },
  x: (state) => {
    const at = downloadAt(state)
    return at && isUnderWayOrPaused(at) ? ask(state, { type: 'cancel', ids: [at.id] }) : stay(state)
  },
})

/** While the filter is typed: it holds at once. */
function typed(state: State, { name, text = '' }: { name: string; text?: string }): Step {
  if (name === 'ctrl-c') return { state, effects: [{ type: 'quit' }] }
  if (name === 'escape') return stay({ ...state, filtering: false, filter: '' })
  if (name === 'return') return stay({ ...state, filtering: false })
  if (name === 'up' || name === 'down') return move(state, name === 'up' ? -1 : 1)
  if (name === 'backspace') return stay({ ...state, filter: [...state.filter].slice(0, -1).join('') })
  return /^\P{C}+$/u.test(text)
    ? stay({ ...state, filter: `${state.filter}${text}`.slice(0, 100) })
    : stay(state)
}

/** Back by one: the filter, what is open, what runs; then out. */
function escape(state: State): Step {
  if (state.filter !== '') return stay({ ...state, filter: '' })
  if (state.opened !== undefined) return stay({ ...state, opened: undefined })
  const at = state.view === 'transfers' ? downloadAt(state) : undefined
  const running = at && isUnderWay(at) ? [at] : state.downloads.filter((each) => isOwn(state, each))
  const ids = running.map(({ id }) => id)
  return ids.length > 0 ? ask(state, { type: 'stop', ids }) : { state, effects: [{ type: 'quit' }] }
}

/** The halves of one model go together, whatever the filter shows. */
function toggle(state: State): Step {
  const row = visibleRows(state)[cursorAt(state)]
  if (!row) return stay(state)
  const selected = new Set(state.selected)
  const isOn = selected.has(row.key)
  for (const { key, pair } of state.rows) {
    if (pair !== row.pair) continue
    if (isOn) selected.delete(key)
    else selected.add(key)
  }
  return stay({ ...state, selected })
}

function download(state: State): Step {
  const rows = state.rows.filter(({ key }) => state.selected.has(key))
  const files = rows.flatMap((row) => row.files).filter((file) => isWanted(file))
  if (files.length === 0) {
    const message = rows.length === 0 ? 'Nothing is selected: Enter, or a for all' : 'All of it is here'
    return stay({ ...state, message })
  }
  return ask(state, { type: 'fetch', files })
}

const isWanted = ({ state }: BundleFile) => state !== 'present' && state !== 'downloading'

function isOwn({ started }: State, download: DownloadView): boolean {
  return started.has(download.id) && isUnderWay(download)
}

function isUnderWayOrPaused(download: DownloadView): boolean {
  return isUnderWay(download) || download.status === 'paused' || download.status === 'failed'
}

function downloadAt(state: State): DownloadView | undefined {
  const id = linesOf(state)[cursorAt(state)]
  return state.downloads.find((download) => download.id === id)
}

function move(state: State, by: number): Step {
  const lines = linesOf(state)
  const to = Math.min(lines.length - 1, Math.max(0, cursorAt(state) + by))
  return stay({ ...state, cursor: { ...state.cursor, [state.view]: lines[to] } })
}

/** What is no longer in any bundle is no longer selected. */
function withRows(state: State, rows: readonly Row[]): State {
  const known = new Set(rows.map(({ key }) => key))
  const selected = new Set([...state.selected].filter((key) => known.has(key)))
  const message = state.message === initialState.message ? '' : state.message
  return { ...state, rows, selected, message }
}

function withDownload(
  state: State,
  { download: news, startedHere }: { download: DownloadView; startedHere?: boolean },
): State {
  const isKnown = state.downloads.some(({ id }) => id === news.id)
  const downloads = isKnown
    ? state.downloads.map((each) => (each.id === news.id ? { ...each, ...news } : each))
    : [news, ...state.downloads]
  const started = startedHere ? new Set([...state.started, news.id]) : state.started
  return { ...state, downloads, started }
}

function ask(state: State, effect: Effect): Step {
  return { state, effects: [effect] }
}

function stay(state: State): Step {
  return { state, effects: [] }
}

/** Without a prototype: a key may be called anything. */
function keys(presses: Record<string, Press>): Presses {
  return Object.assign(Object.create(null) as Record<string, Press>, presses)
}
