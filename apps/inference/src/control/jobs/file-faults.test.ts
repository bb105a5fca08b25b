import { expect, test } from 'vitest'
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
