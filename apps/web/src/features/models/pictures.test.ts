import { expect, test } from 'vitest'
import { meanColour, pictureAt, posterOf } from './pictures.ts'

const original = 'https://image.civitai.com/xG1/0a-b/original=true/12.jpeg'

test('a picture of CivitAI is asked for in the width it is shown at', () => {
  expect(pictureAt(original, 450)).toBe('https://image.civitai.com/xG1/0a-b/width=450/12.jpeg')
})

test('a picture of somewhere else is left as it is', () => {
  const other = 'https://huggingface.co/owner/name/resolve/main/a=b/picture.png'
  expect(pictureAt(other, 450)).toBe(other)
  expect(posterOf({ kind: 'video', url: other, nsfw: 'pg' }, 450)).toBeUndefined()
})

test('a video of CivitAI has a still', () => {
  const url = original.replace('.jpeg', '.mp4')
  expect(posterOf({ kind: 'video', url, nsfw: 'pg' }, 450)).toBe(
    'https://image.civitai.com/xG1/0a-b/anim=false,transcode=true,width=450/12.jpeg',
  )
})

test('the mean colour of a BlurHash is read, and nothing of a broken one', () => {
  expect(meanColour('LEHV6nWB2yk8pyo0adR*.7kCMdnj')).toBe('rgb(151 150 149)')
  expect(meanColour('L"""""')).toBeUndefined()
  expect(meanColour(null)).toBeUndefined()
})
