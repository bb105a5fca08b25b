import { expect, test } from 'vitest'
import { fileNameOf, filePathOf } from './file-name.ts'

test.each([
  ['ok.safetensors', 'ok.safetensors'],
  ['../../etc/passwd', 'passwd'],
  ['a\\b\\c.bin', 'c.bin'],
  ['-rf.bin', 'rf.bin'],
  ['.hidden', 'hidden'],
  ['CON\u0000<x>.bin', 'CON__x_.bin'],
  ['evil\u202egnp.exe', 'evil_gnp.exe'],
  ['...', 'model'],
  [`${'x'.repeat(400)}.safetensors`, `${'x'.repeat(188)}.safetensors`],
])('%j is kept as %j', (given, kept) => {
  expect(fileNameOf(given)).toBe(kept)
})

test('a path keeps its folders and never leaves them', () => {
  expect(filePathOf('unet/../../x//y.bin')).toBe('unet/x/y.bin')
})
