import { expect, test } from 'vitest'
import { collect, integer, parseFileInput, parseSetting, parseSize, toRecord, wholeNumber } from './values.ts'

test.each([
  ['3.seed=42', '3.seed', 42],
  ['3.seed=18446744073709551615', '3.seed', 18446744073709551615n],
  ['3.cfg=7.5', '3.cfg', 7.5],
  ['6.text=a castle = home', '6.text', 'a castle = home'],
  ['6.text="42"', '6.text', '42'],
  ['6.text=', '6.text', ''],
  ['1.on=true', '1.on', true],
  ['1.none=null', '1.none', null],
  ['10:3.format.codec=h264', '10:3.format.codec', 'h264'],
  ['1.list={"__value__":[1,2]}', '1.list', { __value__: [1, 2] }],
])('--set %s', (text, key, value) => {
  expect(parseSetting(text)).toEqual([key, value])
})

test.each(['seed=42', '3.seed', '=42', '.seed=1', '3.=1', '3.__proto__=1', '__proto__.x.constructor=1'])(
  '--set %s is refused',
  (text) => {
    expect(() => parseSetting(text)).toThrow(/write it as in|is no input/)
  },
)

test('a path may hold an equals sign', () => {
  expect(parseFileInput('12.image=a=b.png')).toEqual(['12.image', 'a=b.png'])
})

test('repeated options are collected, and the last of a key wins', () => {
  const add = collect(parseSetting)

  const pairs = add('3.seed=2', add('3.seed=1', undefined))

  expect(toRecord(pairs)).toEqual({ '3.seed': 2 })
})

test.each([
  ['24GiB', 24 * 2 ** 30],
  ['24 gb', 24 * 2 ** 30],
  ['7.5G', 7.5 * 2 ** 30],
  ['512M', 512 * 2 ** 20],
  ['1000', 1_000],
])('--min-vram %s', (text, bytes) => {
  expect(parseSize('--min-vram')(text)).toBe(bytes)
})

test.each(['', '0', '-1', 'much', '1e9', '24 GiBs', '24PB'])('%j is no size', (text) => {
  expect(() => parseSize('--min-vram')(text)).toThrow('as in 24GiB')
})

test('a rank may be below zero', () => {
  expect(integer('--rank', { min: -100, max: 100 })('-7')).toBe(-7)
  expect(() => integer('--rank', { min: -100, max: 100 })('-101')).toThrow('from -100 to 100')
})

test.each(['0', '201', '1.5', '-1', '1e2', 'ten', ''])('%j is no limit from 1 to 200', (text) => {
  expect(() => wholeNumber('--limit', { min: 1, max: 200 })(text)).toThrow('from 1 to 200')
})
