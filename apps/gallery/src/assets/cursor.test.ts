import { expect, test } from 'vitest'
import { decodeCursor, encodeCursor } from './cursor.ts'

test('a cursor comes back as it went', () => {
  expect(decodeCursor(encodeCursor(['5', '9007199254740993']), 2)).toEqual(['5', '9007199254740993'])
})

test.each([
  '',
  'x',
  'MQ',
  '%%%',
  Buffer.from('1.2.3').toString('base64url'),
  Buffer.from("1'--.2").toString('base64url'),
])('a cursor that is none of this order is refused: %j', (text) => {
  expect(() => decodeCursor(text, 2)).toThrow(expect.objectContaining({ code: 'invalid' }))
})
