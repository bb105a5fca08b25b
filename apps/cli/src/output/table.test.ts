import { expect, test } from 'vitest'
import { formatFacts, formatTable, type Column } from './table.ts'
import { fitText, textWidth } from './text-width.ts'

type Row = { id: string; name: string; size: number }
const columns: readonly Column<Row>[] = [
  { title: 'ID', value: ({ id }) => id },
  { title: 'NAME', value: ({ name }) => name, flexible: true },
  { title: 'SIZE', value: ({ size }) => size, side: 'right' },
]
const id = '0193b3a2-1111-7000-8000-000000000001'

test('columns are as wide as what is in them, numbers stand at the right', () => {
  const rows = [
    { id: 'a', name: 'castle', size: 7 },
    { id: 'b', name: 'at dawn', size: 1234 },
  ]

  expect(formatTable(rows, columns)).toEqual(['ID  NAME     SIZE', 'a   castle      7', 'b   at dawn  1234'])
})

test.each([40, 60, 80])('a table fits a terminal of %i columns, whatever the letters', (width) => {
  const names = ['x'.repeat(500), '漢'.repeat(200), '👩‍👩‍👧'.repeat(90), 'e\u0301'.repeat(300)]
  const rows = names.map((name) => ({ id: 'k', name, size: 1 }))

  const lines = formatTable(rows, columns, { columns: width })

  expect(lines.map(textWidth).every((wide) => wide <= width)).toBe(true)
})

test('ids are not cut as long as names can be', () => {
  const lines = formatTable([{ id, name: 'a long name of a picture', size: 1 }], columns, { columns: 60 })

  expect(lines[1]).toContain(id)
  expect(lines[1]).toContain('…')
})

test('nothing is cut in a pipe', () => {
  const name = 'x'.repeat(500)

  expect(formatTable([{ id, name, size: 1 }], columns)[1]).toContain(name)
})

test('escape sequences in a cell are written out before they are measured', () => {
  const lines = formatTable([{ id: 'a', name: '\x1b[31mred', size: 1 }], columns)

  expect(lines[1]).toBe('a   \\x1b[31mred     1')
})

test('facts that are not known are left out', () => {
  expect(
    formatFacts([
      ['id', 'a'],
      ['name', undefined],
      ['rating', 0],
    ]),
  ).toEqual(['id      a', 'rating  0'])
})

test('a text that is too long ends with an ellipsis, and no letter is halved', () => {
  expect(fitText('漢字漢字', 5)).toBe('漢字…')
  expect(fitText('👩‍👩‍👧👩‍👩‍👧', 3)).toBe('👩‍👩‍👧…')
  expect(fitText('abc', 3)).toBe('abc')
  expect(fitText('abc', 0)).toBe('')
})

test.each([
  ['abc', 3],
  ['漢字', 4],
  ['ｆｕｌｌ', 8],
  ['한글', 4],
  ['e\u0301', 1],
  ['👍', 2],
  ['👩‍👩‍👧', 2],
  ['❤️', 2],
  ['×…·', 3],
])('%s takes %i columns', (text, width) => {
  expect(textWidth(text)).toBe(width)
})

test('optional columns go before flexible ones become too narrow, the empty ones first', () => {
  const wide: readonly Column<Row>[] = [
    ...columns,
    { title: 'KIND', value: () => 'picture', optional: true },
    { title: 'RATED', value: () => '', optional: true },
    { title: 'CREATED', value: () => '3m 5s ago' },
  ]
  const rows = [{ id, name: 'a long name of a picture', size: 1 }]

  const [all, some, few] = [120, 82, 76].map((width) => formatTable(rows, wide, { columns: width })[0])

  expect(all).toMatch(/NAME +SIZE +KIND +RATED +CREATED$/)
  expect(some).toMatch(/NAME +SIZE +KIND +CREATED$/)
  expect(few).toMatch(/NAME +SIZE +CREATED$/)
})
