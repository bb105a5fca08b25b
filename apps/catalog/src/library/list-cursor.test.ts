import { newId } from '@easel/protocol'
import { expect, test } from 'vitest'
import { decodeCursor, encodeCursor } from './list-cursor.ts'

test('a cursor comes back as it was', () => {
  const cursor = { sort: 'name', value: 'über "x"', id: newId() }

  expect(decodeCursor(encodeCursor(cursor), 'name')).toEqual(cursor)
})

test.each([
  'nonsense',
  Buffer.from('null').toString('base64url'),
  encodeCursor({ sort: 'newest', value: 'x', id: newId() }),
  encodeCursor({ sort: 'name', value: 'a', id: "'; drop" }),
  encodeCursor({ sort: 'name', value: 'a', id: '-'.repeat(36) }),
  encodeCursor({ sort: 'name', value: 'a\0b', id: newId() }),
])('%s is refused', (text) => {
  expect(() => decodeCursor(text, 'name')).toThrow('another list')
})

test('a day that no calendar has is refused', () => {
  const text = encodeCursor({ sort: 'newest', value: '2026-02-30T00:00:00.000Z', id: newId() })

  expect(() => decodeCursor(text, 'newest')).toThrow('another list')
})

test('a number of another list is refused', () => {
  const text = encodeCursor({ sort: 'largest', value: '1e9', id: newId() })

  expect(() => decodeCursor(text, 'largest')).toThrow('another list')
})
