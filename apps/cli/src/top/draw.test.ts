import { expect, test } from 'vitest'
import { aDownload } from '../../test/support/stand-in-gateway.ts'
import { aBundle, aFile, wan } from '../../test/support/top-samples.ts'
import { textWidth } from '../output/text-width.ts'
import { draw } from './draw.ts'
import { rowsOf } from './rows.ts'
import { initialState, type State } from './state.ts'

const size = { columns: 80, rows: 24 }
const files: State = { ...initialState, message: '', rows: rowsOf([wan]) }
const running = aDownload({ status: 'running', bytesDone: 2_048, bytesPerSecond: 1_024, etaSeconds: 2 })
const transfers: State = { ...files, view: 'transfers', downloads: [running] }
const textOf = (state: State, of = size) => draw(state, of).map(({ text }) => text)

test('files are shown with what is chosen, their state and what keys do', () => {
  const first = files.rows[0]?.key ?? ''
  const text = textOf({ ...files, selected: new Set([first]) }).join('\n')

  expect(text).toMatch(/\[Files\] Transfers {3}1\/5 selected/)
  expect(text).toMatch(/^\[x\] wan_high_noise\.safetensors +diffusion_models +1000 B missing$/m)
  expect(text).toMatch(/^\[ \] wan_tae\.safetensors .* partial 40%$/m)
  expect(text).not.toContain('wan_t5')
  expect(text).toContain('Enter select')
})

test('a transfer has a bar, a speed and an end', () => {
  const text = textOf(transfers).join('\n')

  expect(text).toMatch(/^running +castle\.safe\S* +\[#####-----\] +50% +4\.0 KiB +1\.0 KiB\/s 2s$/m)
  expect(text).toContain('1 under way 1.0 KiB/s')
})

test('what is hostile in a name is written out', () => {
  const hostile = aBundle('x', [aFile('\x1b[2J\u202e.safetensors')])

  expect(textOf({ ...files, rows: rowsOf([hostile]) }).join('\n')).toContain('\\x1b[2J\\u202e')
})

test('an opened download tells its error', () => {
  const error = { code: 'DISK_FULL', message: 'There is no room' }
  const failed = aDownload({ status: 'failed', error })

  const text = textOf({ ...transfers, downloads: [failed], opened: failed.id }).join('\n')

  expect(text).toContain('There is no room [DISK_FULL]')
})

test.each([
  [80, 24],
  [40, 8],
  [200, 60],
  [79, 9],
  [20, 5],
  [1, 1],
])('%i by %i is filled, and nothing is wider', (columns, rows) => {
  const wide = aBundle(
    'wide',
    Array.from({ length: 100 }, (_, index) => aFile(`模型${index}.safetensors`)),
  )
  const many = Array.from({ length: 30 }, () => ({ transferId: 'x', status: 'queued' as const }))
  const opened = { ...running, files: many as never }
  const states: State[] = [
    { ...files, rows: rowsOf([wide]), cursor: { files: undefined, transfers: undefined } },
    { ...files, rows: rowsOf([wide]), filter: 'x'.repeat(100), filtering: true },
    { ...transfers, downloads: [opened], opened: running.id },
  ]
  for (const state of states) {
    const text = textOf(state, { columns, rows })
    expect(text).toHaveLength(rows)
    expect(Math.max(...text.map(textWidth))).toBeLessThanOrEqual(columns)
  }
})

test('the cursor is in sight in a long list', () => {
  const long = rowsOf([
    aBundle(
      'long',
      Array.from({ length: 100 }, (_, at) => aFile(`${at}.safetensors`)),
    ),
  ])
  const cursor = { files: long[77]?.key, transfers: undefined }

  const lines = draw({ ...files, rows: long, cursor }, size)

  expect(lines.find(({ look }) => look === 'cursor')?.text).toContain('77.safetensors')
})
