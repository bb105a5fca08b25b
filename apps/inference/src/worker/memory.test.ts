import { expect, test } from 'vitest'
import { Memory } from './memory.ts'

test('what is remembered stays, however much comes after it', () => {
  const memory = new Memory(60_000)
  memory.add('first')
  for (let index = 0; index < 19_000; index++) memory.add(`key ${index}`)

  expect(memory.has('first')).toBe(true)
  expect(memory.has('other')).toBe(false)
})

test('very many keys do not fill the memory', () => {
  const memory = new Memory(60_000)
  memory.add('first')
  for (let index = 0; index < 50_000; index++) memory.add(`key ${index}`)

  expect(memory.has('first')).toBe(false)
  expect(memory.has('key 49999')).toBe(true)
})
