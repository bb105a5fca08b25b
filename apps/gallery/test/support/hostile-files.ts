import sharp from 'sharp'
import { pngHeader } from './png-text.ts'

/** Files that must end as "no thumbnail" without harm, by what is wrong with them. */
export async function hostileFiles(): Promise<Record<string, Buffer>> {
  const noise = await sharp({
    create: {
      width: 400,
      height: 400,
      channels: 3,
      background: 'white',
      noise: { type: 'gaussian', mean: 128, sigma: 60 },
    },
  })
    .png()
    .toBuffer()
  return {
    'claims 30000 x 30000': pngHeader(30_000, 30_000),
    'claims more than an integer holds': pngHeader(0xfffffff0, 0xfffffff0),
    'cut in the middle': noise.subarray(0, noise.length / 2),
    'a header and nothing else': pngHeader(10, 10),
    'a JPEG cut after its tables': (await sharp(noise).jpeg().toBuffer()).subarray(0, 700),
    'rubbish after a signature': Buffer.concat([
      Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
      noise.subarray(2_000, 4_000),
    ]),
    'a WebP of rubbish': Buffer.concat([
      Buffer.from('RIFF\x10\x27\0\0WEBPVP8 ', 'latin1'),
      noise.subarray(1_000, 9_000),
    ]),
    'an SVG': Buffer.from(
      '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="file:///etc/passwd"/></svg>',
    ),
    'an MP4 of rubbish': Buffer.concat([
      Buffer.from('\0\0\0\x18ftypisom\0\0\0\0isommp42', 'latin1'),
      noise.subarray(1_000, 9_000),
    ]),
    'a playlist that calls itself MP4': Buffer.from(
      '....ftypisom\n#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n',
    ),
    empty: Buffer.alloc(0),
  }
}
