import { expect, test } from 'vitest'
import { dispositionFileName } from './content-disposition.ts'

test.each([
  ['attachment; filename="model.safetensors"', 'model.safetensors'],
  ['attachment; filename=model.safetensors; size=3', 'model.safetensors'],
  ['attachment; filename="a \\"b\\".gguf"', 'a "b".gguf'],
  ['attachment; filename="plain.gguf"; filename*=UTF-8\'\'%C3%BCber.gguf', 'über.gguf'],
  ["attachment; FileName*=iso-8859-1'en'%FCber.gguf", 'über.gguf'],
  [`attachment; filename="${Buffer.from('über.gguf').toString('latin1')}"`, 'über.gguf'],
  ['attachment; filename="../../x.gguf"', '../../x.gguf'],
])('%j names %j', (header, name) => {
  expect(dispositionFileName(header)).toBe(name)
})

test.each([
  undefined,
  '',
  'inline',
  'attachment; filename=""',
  'attachment; xfilename=a',
  "attachment; filename*=utf-8''",
])('%j names nothing', (header) => expect(dispositionFileName(header)).toBeUndefined())

test('a header that is too long is not searched', () => {
  expect(dispositionFileName(`attachment; filename="${'\\a'.repeat(100_000)}`)).toBeUndefined()
})
