import { expect, test } from 'vitest'
import { safeJson, safeLines, safeText } from './safe-text.ts'

test.each([
  ['\x1b[2J\x1b]0;owned\x07', '\\x1b[2J\\x1b]0;owned\\x07'],
  ['\x9b31m', '\\x9b31m'],
  ['invoice\u202egnp.exe', 'invoice\\u202egnp.exe'],
  ['a\nb\tc\rd', 'a\\nb\\tc\\rd'],
  ['zero\u200bwidth', 'zero\\u200bwidth'],
  ['\u{e0041}tag', '\\u{e0041}tag'],
  ['\ud800', '\\ud800'],
])('what could act on a terminal is written out: %j', (hostile, shown) => {
  expect(safeText(hostile)).toBe(shown)
})

test('letters of all scripts and emoji stay as they are', () => {
  const text = 'Größe 漢字 עברית العربية 👩‍👩‍👧 ✓'

  expect(safeText(text)).toBe(text)
})

test('lines stay lines, and each is made safe', () => {
  expect(safeLines('one\r\ntwo\n\x1b[A')).toEqual(['one', 'two', '\\x1b[A'])
})

test('JSON that was made safe says the same', () => {
  const value = { 'na\u202eme': ['\x1b[2J', '\x7f\x9b', '\u{e0041}', '漢 👍'] }

  const safe = safeJson(JSON.stringify(value))

  expect(JSON.parse(safe)).toEqual(value)
  expect(safe).not.toMatch(/[\x7f-\x9f\u202e]/)
})
