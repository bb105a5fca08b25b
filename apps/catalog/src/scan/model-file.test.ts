import { expect, test } from 'vitest'
import { isIgnored, modelFileOf } from './model-file.ts'

test('a path tells name, folder and format', () => {
  expect(modelFileOf('loras/style/castle.v2.safetensors')).toEqual({
    name: 'castle.v2',
    folder: 'loras',
    format: 'safetensors',
  })
  expect(modelFileOf('checkpoints/OLD.CKPT')).toMatchObject({ name: 'OLD', format: 'pickle' })
  expect(modelFileOf('vae/model.bin')).toMatchObject({ format: 'pickle' })
})

test('old folder names count as the new ones, and loose files as other', () => {
  expect(modelFileOf('unet/flux.gguf')).toMatchObject({ folder: 'diffusion_models', format: 'gguf' })
  expect(modelFileOf('clip/t5.safetensors')).toMatchObject({ folder: 'text_encoders' })
  expect(modelFileOf('loose.safetensors')).toMatchObject({ folder: 'other' })
})

test('names of prototypes are folders and endings like any other', () => {
  expect(modelFileOf('__proto__/a.safetensors')).toMatchObject({ folder: '__proto__' })
  expect(modelFileOf('constructor/a.gguf')).toMatchObject({ folder: 'constructor' })
  expect(modelFileOf('loras/a.constructor')).toBeUndefined()
})

test.each(['loras/readme.txt', 'loras/.hidden.safetensors', 'loras/.safetensors', 'loras/safetensors'])(
  '%s is no model',
  (path) => expect(modelFileOf(path)).toBeUndefined(),
)

test.each(['a.safetensors.part', 'b.gguf.TMP', '.easel-partial', 'c.safetensors.aria2'])(
  '%s is ignored',
  (name) => expect(isIgnored(name)).toBe(true),
)
