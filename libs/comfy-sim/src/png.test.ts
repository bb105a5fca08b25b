import sharp from 'sharp'
import { expect, test } from 'vitest'
import { encodePng, readPngText, type Raster } from './png.ts'

const raster = (width: number, height: number, channels: 1 | 3 | 4): Raster => ({
  width,
  height,
  channels,
  data: Uint8Array.from({ length: width * height * channels }, (_, at) => (at * 37) % 256),
})

test.each([
  { width: 5, height: 3, channels: 1 as const },
  { width: 64, height: 64, channels: 3 as const },
  { width: 300, height: 200, channels: 4 as const },
])(
  '$width x $height with $channels channels is read back by another decoder',
  async ({ width, height, channels }) => {
    const picture = raster(width, height, channels)

    const png = await encodePng(picture)

    const back = await sharp(png)
      .toColourspace(channels === 1 ? 'b-w' : 'srgb')
      .raw()
      .toBuffer()
    expect(new Uint8Array(back)).toEqual(picture.data)
  },
)

test('text is found again', async () => {
  const png = await encodePng(raster(2, 2, 3), [
    ['prompt', '{"1": {}}'],
    ['workflow', '{}'],
  ])

  expect([...readPngText(png)]).toEqual([
    ['prompt', '{"1": {}}'],
    ['workflow', '{}'],
  ])
  expect(readPngText(Buffer.from('no picture')).size).toBe(0)
})
