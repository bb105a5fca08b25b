import { expect, test } from 'vitest'
import { aJpeg, aPng, fileMadeByComfyUi } from '../../test/support/made-files.ts'
import { imageSize } from './image-size.ts'
import { mimeOfName, sniffMime } from './sniff.ts'

const gif = Buffer.from('GIF89a\x40\x01\xf0\x00\0\0\0', 'latin1')
const webp = (chunk: string, body: number[]) =>
  Buffer.concat([
    Buffer.from(`RIFF\0\0\0\0WEBP${chunk}\0\0\0\0`, 'latin1'),
    Buffer.from(body),
    Buffer.alloc(16),
  ])

test.each<[string, Uint8Array, [number, number]]>([
  ['PNG', aPng([]), [640, 480]],
  ['GIF', gif, [320, 240]],
  ['JPEG', aJpeg([]), [200, 100]],
  ['JPEG that is turned', aJpeg([], 6), [100, 200]],
  ['WebP with a canvas', fileMadeByComfyUi('animation.webp'), [32, 24]],
  ['lossless WebP', webp('VP8L', [0x2f, 0x3f, 0xc1, 0x3b, 0]), [320, 240]],
  ['lossy WebP', webp('VP8 ', [0, 0, 0, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xf0, 0x00]), [320, 240]],
])('the size of a %s is read from its head', (_name, file, [width, height]) => {
  expect(imageSize(file)).toEqual({ width, height })
})

test('a head that is too short, or no image, has no size', () => {
  for (const length of [0, 4, 12, 20]) expect(imageSize(aPng([]).subarray(0, length))).toBeUndefined()
  expect(imageSize(Buffer.from('not an image at all, but long enough'))).toBeUndefined()
})

test.each([
  ['image.png', 'image/png'],
  ['animation.webp', 'image/webp'],
  ['video.mp4', 'video/mp4'],
  ['video.webm', 'video/webm'],
  ['audio.flac', 'audio/flac'],
  ['audio.mp3', 'audio/mpeg'],
  ['audio.opus', 'audio/ogg'],
])('%s is %s by its bytes and by its name', (name, mime) => {
  expect(sniffMime(fileMadeByComfyUi(name).subarray(0, 64))).toBe(mime)
  expect(mimeOfName(name)).toBe(mime)
})

test('a name without a known extension is just bytes', () => {
  expect(mimeOfName('x.constructor')).toBe('application/octet-stream')
  expect(mimeOfName('toString')).toBe('application/octet-stream')
})
