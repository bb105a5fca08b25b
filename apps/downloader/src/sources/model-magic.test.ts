import { expect, test } from 'vitest'
import { magicFault } from './model-magic.ts'

const safetensors = Buffer.concat([Buffer.from([2, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('{}')])

test('what begins as its name says is sound', () => {
  expect(magicFault(safetensors, 'a.safetensors')).toBeUndefined()
  expect(magicFault(Buffer.from('GGUF\x03'), 'a.gguf')).toBeUndefined()
  expect(magicFault(Buffer.from('PK\x03\x04'), 'a.ckpt')).toBeUndefined()
})

test.each([
  ['<!DOCTYPE html><html>', 'a.safetensors'],
  ['{"error":"not found"}', 'a.safetensors'],
  ['', 'a.safetensors'],
  ['PK\x03\x04\x14\0\x08\x08\x08', 'a.sft'],
  ['\n <html>', 'a.ckpt'],
  ['GGML', 'a.gguf'],
])('%j is no %s', (text, name) => {
  expect(magicFault(Buffer.from(text, 'latin1'), name)).toBeTruthy()
})
