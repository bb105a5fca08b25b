import { expect, test } from 'vitest'
import { asDigits, asNumber, parseJson, pythonFloat, pythonJson, pythonText } from './json.ts'

test('a 64-bit seed keeps all its digits', () => {
  const { seed } = parseJson('{"seed": 18446744073709551615}') as { seed: unknown }

  expect(asDigits(seed)).toBe('18446744073709551615')
  expect(asNumber(seed)).toBe(2 ** 64)
  expect(JSON.stringify({ seed })).toBe('{"seed":18446744073709551615}')
})

test('long fractions stay ordinary numbers', () => {
  expect(parseJson('{"cfg": 0.1234567890123456}')).toEqual({ cfg: 0.1234567890123456 })
})

test('metadata is written as Python writes it', () => {
  const value = { text: 'Grün 画', list: [1, true, null], cfg: pythonFloat(8) }

  expect(pythonJson(value)).toBe('{"text": "Gr\\u00fcn \\u753b", "list": [1, true, null], "cfg": 8.0}')
})

test('values in messages look like Python', () => {
  expect(pythonText(['disabled', 3, null, false])).toBe("['disabled', 3, None, False]")
})
