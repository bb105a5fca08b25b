import { expect, test } from 'vitest'
import { readModelName, writeModelName } from './model-name.ts'

test.each([
  ['4201', 'civitai', '4201'],
  ['civitai:4201', 'civitai', '4201'],
  ['hf:Org/model.name', 'huggingface', 'Org/model.name'],
  ['huggingface:Org/model', 'huggingface', 'Org/model'],
  ['Org/model', 'huggingface', 'Org/model'],
  ['01936f5e-0000-7000-8000-00000000000f', 'local', '01936f5e-0000-7000-8000-00000000000f'],
])('%s is a model of %s', (text, source, id) => {
  expect(readModelName(text)).toEqual({ source, id })
})

test.each(['', 'castle', 'constructor:1', '__proto__:1', 'https://models.example/1', 'a/b/c'])(
  '%j is no model',
  (text) => {
    expect(() => readModelName(text)).toThrow('is no model')
  },
)

test('a name is written as it is read', () => {
  expect(writeModelName(readModelName('Org/model'))).toBe('hf:Org/model')
})
