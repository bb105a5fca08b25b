import { expect, test } from 'vitest'
import type { Graph } from '@easel/comfyui'
import { fileFaults } from './file-faults.ts'

const load = (image: string, class_type = 'LoadImage') => ({ '1': { class_type, inputs: { image } } })
const save = (filename_prefix: string) => ({ '9': { class_type: 'SaveImage', inputs: { filename_prefix } } })

test.each(['photo.png', 'folder/photo.png', 'a..b.png', 'photo.png [input]', 'asset:0193'])(
  'a graph may read %s',
  (image) => expect(fileFaults(load(image))).toEqual([]),
)

test.each([
  '../photo.png',
  'a/../../photo.png',
  'a\\..\\photo.png',
  '/etc/passwd',
  'C:\\secrets.png',
  'ComfyUI_00001_.png [output]',
  'ComfyUI_00001_.png [temp]',
])('a graph may not read %s', (image) => {
  expect(fileFaults(load(image))).toMatchObject([{ path: 'workflow.1.inputs.image' }])
})

test('what other jobs made is read by no loader of outputs', () => {
  expect(fileFaults(load('ComfyUI_00001_.png', 'LoadImageOutput'))).toHaveLength(1)
})

test.each(['ComfyUI', 'day/%date%', 'a..b'])('a graph may write %s', (prefix) =>
  expect(fileFaults(save(prefix))).toEqual([]),
)

test.each(['../x', 'a/../../x', '/tmp/x', '\\\\host\\x'])('a graph may not write %s', (prefix) => {
  expect(fileFaults(save(prefix))).toMatchObject([{ path: 'workflow.9.inputs.filename_prefix' }])
})

test.each([
  'ComfyUI_00001_.latent [output]',
  'ComfyUI_00001_.latent_[output]',
  'a.latent [temp]',
  '../output/ComfyUI_00001_.latent',
  'a/..\\..\\output/b.latent',
  { recording: 'turn.mp4 [output]' },
])('no node is given %j', (latent) => {
  const graph = { '1': { class_type: 'LoadLatent', inputs: { latent } } } as unknown as Graph

  expect(fileFaults(graph)).toMatchObject([{ path: 'workflow.1.inputs.latent' }])
})

test.each([
  'a cat, at 3.5 [output]s',
  'one... [temp] two',
  'from here .. to there, f/1.8',
  'sub/model.safetensors',
])('%s is a text like any other', (text) => {
  expect(fileFaults({ '1': { class_type: 'CLIPTextEncode', inputs: { text } } })).toEqual([])
})
