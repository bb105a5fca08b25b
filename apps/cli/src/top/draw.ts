import type { DownloadView } from '@easel/client'
import { nameOf } from '../downloads/name-of.ts'
import { safeText } from '../output/safe-text.ts'
import { fitText, padText } from '../output/text-width.ts'
import { formatBytes, formatPercent, formatSeconds } from '../output/units.ts'
import type { Row } from './rows.ts'
import { countSelected, cursorAt, isUnderWay, visibleDownloads, visibleRows, type State } from './state.ts'

export type Size = { readonly columns: number; readonly rows: number }

/** A line and how it stands out. */
export type Line = { readonly text: string; readonly look?: 'title' | 'cursor' | 'faint' }

const barWidth = 10
const least = { columns: 40, rows: 8 }

/** Just as many lines as the terminal has, none wider than it is. */
export function draw(state: State, size: Size): Line[] {
  if (size.columns < least.columns || size.rows < least.rows) {
    return fill([{ text: 'This terminal is too small' }], size)
  }
  const foot = footOf(state)
  const opened = state.view === 'transfers' ? openedLines(state) : []
  const head = headOf(state)
  const room = size.rows - head.length - foot.length - opened.length
  return [
    ...fill([...head, ...bodyOf(state, room, size.columns)], {
      ...size,
      rows: size.rows - foot.length - opened.length,
    }),
    ...fill([...opened, ...foot], { ...size, rows: opened.length + foot.length }),
  ]
}

function headOf(state: State): Line[] {
  const { selected, all, hidden } = countSelected(state)
  const running = state.downloads.filter(({ status }) => status === 'running')
  const speed = running.reduce((sum, { bytesPerSecond }) => sum + (bytesPerSecond ?? 0), 0)
  const under = state.downloads.filter(isUnderWay).length
  const counts = `${selected}/${all} selected${hidden > 0 ? ` (${hidden} hidden)` : ''}`
  const transfers = `${under} under way${speed > 0 ? ` ${formatBytes(speed)}/s` : ''}`
  const tabs = state.view === 'files' ? '[Files] Transfers' : 'Files [Transfers]'
  const mode = state.view === 'files' && state.missingOnly ? '   missing only' : ''
  return [{ text: `${tabs}   ${counts}   ${transfers}${mode}`, look: 'title' }]
}

function footOf({ view, filter, filtering, message }: State): Line[] {
  const keys =
    view === 'files'
      ? 'Enter select  d download  a all  u none  s missing/all  r refresh  f filter  Tab  q'
      : 'Enter details  s start  x cancel  Esc stop  r refresh  f filter  Tab files  q quit'
  const typed = filtering ? `Filter: ${filter}_` : filter === '' ? '' : `Filter: ${filter} (Esc ends it)`
  return [{ text: typed === '' ? message : typed }, { text: keys, look: 'faint' }]
}

function bodyOf(state: State, room: number, columns: number): Line[] {
  const lines =
    state.view === 'files'
      ? visibleRows(state).map((row) => rowLine(row, state.selected.has(row.key), columns))
      : visibleDownloads(state).map((download) => downloadLine(download, columns))
  const title = state.view === 'files' ? fileTitle(columns) : downloadTitle(columns)
  const at = cursorAt(state)
  const shown = Math.max(1, room - 1)
  // The cursor stays in the middle, but at both ends.
  const first = Math.max(0, Math.min(at - Math.floor(shown / 2), lines.length - shown))
  const body = lines.slice(first, first + shown).map((text, index): Line => {
    return first + index === at ? { text, look: 'cursor' } : { text }
  })
  const empty = state.view === 'files' ? 'No such files.' : 'No downloads.'
  return [{ text: title, look: 'faint' }, ...(body.length > 0 ? body : [{ text: `  ${empty}` }])]
}

const nameWidth = (columns: number) => Math.max(10, columns - 4 - 17 - 10 - 19)

function fileTitle(columns: number): string {
  return `    ${padText('FILE', nameWidth(columns))} ${padText('FOLDER', 16)} ${padText('SIZE', 9, 'right')} STATE`
}

function rowLine(row: Row, selected: boolean, columns: number): string {
  const { name, folder, bytes, state, progress } = row
  const size = bytes > 0 ? formatBytes(bytes) : ''
  const isPart = state !== 'present' && progress > 0
  const told = isPart ? `${state} ${formatPercent(progress)}` : state
  return [
    selected ? '[x]' : '[ ]',
    padText(fitText(safeText(name), nameWidth(columns)), nameWidth(columns)),
    padText(fitText(safeText(folder), 16), 16),
    padText(size, 9, 'right'),
    told,
  ].join(' ')
}

const titleWidth = (columns: number) => Math.max(8, columns - 11 - 18 - 11 - 11 - 8)

function downloadTitle(columns: number): string {
  const cells = [padText('STATE', 10), padText('FILE', titleWidth(columns)), padText('DONE', 17)]
  return `${cells.join(' ')} ${padText('SIZE', 10, 'right')} ${padText('SPEED', 10, 'right')} ETA`
}

function downloadLine(download: DownloadView, columns: number): string {
  const { status, bytesDone, bytesTotal, bytesPerSecond, etaSeconds } = download
  const share = status === 'completed' ? 1 : bytesTotal ? bytesDone / bytesTotal : 0
  const width = titleWidth(columns)
  const isRunning = status === 'running'
  return [
    padText(status, 10),
    padText(fitText(safeText(nameOf(download)), width), width),
    `${bar(share)} ${formatPercent(share).padStart(4)}`,
    padText(formatBytes(bytesTotal ?? bytesDone), 10, 'right'),
    padText(isRunning && bytesPerSecond ? `${formatBytes(bytesPerSecond)}/s` : '', 10, 'right'),
    isRunning ? formatSeconds(etaSeconds) : '',
  ].join(' ')
}

function bar(share: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * barWidth)
  return `[${'#'.repeat(filled)}${'-'.repeat(barWidth - filled)}]`
}

const mostOpened = 6

function openedLines({ opened, downloads }: State): Line[] {
  const download = downloads.find(({ id }) => id === opened)
  if (!download) return []
  const { id, error, files = [], folder, filename, url } = download
  const places = files && files.length > 0 ? files : [{ folder, filename, status: download.status }]
  return [
    { text: `Download ${id}  ${url}`, look: 'title' as const },
    ...(error ? [{ text: `${error.message} [${error.code}]` }] : []),
    ...places.slice(0, mostOpened - 2).map((place) => ({
      text: `  ${padText(place.status, 10)} ${place.folder}/${place.filename ?? '?'}`,
    })),
  ]
}

function fill(lines: readonly Line[], { columns, rows }: Size): Line[] {
  const fitted = lines
    .slice(0, rows)
    .map(({ text, look }) => ({ text: fitText(safeText(text), columns), ...(look && { look }) }))
  return [...fitted, ...Array.from({ length: rows - fitted.length }, () => ({ text: '' }))]
}
