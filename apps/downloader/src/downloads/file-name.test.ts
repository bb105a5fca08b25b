import { expect, test } from 'vitest'
import { requireFileName, requireFilePath, safeFileName } from './file-name.ts'

test.each([
  ['model.safetensors', 'model.safetensors'],
  ['../../etc/passwd.gguf', 'passwd.gguf'],
  ['C:\\models\\a.ckpt', 'a.ckpt'],
  ['..hidden.pt', 'hidden.pt'],
  ['CON.safetensors', '_CON.safetensors'],
  ['com1.x.gguf', '_com1.x.gguf'],
  ['a\0b\u202egnp.safetensors', 'abgnp.safetensors'],
  ['what?<is>:this|*.safetensors', 'whatisthis.safetensors'],
  ['two  spaces \t.bin', 'two spaces .bin'],
  ['trailing.safetensors. . ', 'trailing.safetensors'],
  ['u\u0308ber.safetensors', 'über.safetensors'],
  ['half\ud800.safetensors', 'half.safetensors'],
])('%j becomes %j', (text, name) => {
  expect(safeFileName(text, 'loras')).toBe(name)
})

test.each([
  '',
  '.',
  '..',
  '.safetensors',
  'run.sh',
  'page.html',
  'config.json',
  'a.safetensors.part',
  'noending',
])('%j is no name of a model', (text) => expect(safeFileName(text, 'loras')).toBeUndefined())

test('what goes with a model may lie in some folders only', () => {
  expect(safeFileName('tokenizer.json', 'text_encoders')).toBe('tokenizer.json')
  expect(safeFileName('tokenizer.json', 'checkpoints')).toBeUndefined()
})

test('a long name keeps its ending and whole characters', () => {
  const name = safeFileName(`${'界'.repeat(300)}.safetensors`, 'loras')!

  expect(Buffer.byteLength(name)).toBeLessThanOrEqual(200)
  expect(name).toMatch(/^界+\.safetensors$/)
})

test('a name that was asked for is refused rather than changed', () => {
  expect(requireFileName('fine name.safetensors', 'loras')).toBe('fine name.safetensors')
  for (const text of ['a/b.safetensors', '.a.safetensors', 'a.exe', 'a\u202e.safetensors']) {
    expect(() => requireFileName(text, 'loras')).toThrow('file name')
  }
})

test('files of a repository keep their folders', () => {
  expect(requireFilePath('text_encoders', 'qwen/tokenizer/spiece.model')).toEqual({
    folder: 'text_encoders/qwen/tokenizer',
    filename: 'spiece.model',
  })
})

test.each([
  ['loras', '../a.safetensors'],
  ['loras', 'a/../../b.safetensors'],
  ['loras', '/etc/a.json'],
  ['loras', 'a//b.json'],
  ['loras', 'a\\b.json'],
  ['loras', '.git/../config.json'],
  ['loras', '...json'],
  ['loras', 'con/a.json'],
  ['loras', 'C:/a.json'],
  ['.easel-partial', 'a.safetensors'],
  ['../loras', 'a.safetensors'],
  ['', 'a.safetensors'],
  ['loras', `${'a/'.repeat(20)}b.json`],
  ['loras', 'a\u202e.json'],
])('%j %j leads where it may not', (folder, filename) => {
  expect(() => requireFilePath(folder, filename)).toThrow('cannot be kept')
})

test.each(['modeling.py', 'run.sh', 'a.exe', 'LICENSE', '.gitattributes', '.git/config.json'])(
  '%j is left out',
  (filename) => {
    expect(requireFilePath('other', filename)).toBeUndefined()
  },
)
