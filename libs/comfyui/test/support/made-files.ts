import { readFileSync } from 'node:fs'
import { crc32, deflateSync } from 'node:zlib'

/** Made by ComfyUI 0.33 from one graph of eleven nodes. */
export function fileMadeByComfyUi(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`../fixtures/files/${name}`, import.meta.url)))
}

/** A PNG of nothing but text chunks. */
export function aPng(chunks: { type: string; data: Buffer }[]): Uint8Array {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(640, 0)
  header.writeUInt32BE(480, 4)
  const parts = [{ type: 'IHDR', data: header }, ...chunks, { type: 'IEND', data: Buffer.alloc(0) }]
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...parts.map(pngChunk)])
}

export const textChunk = (key: string, text: string) => ({
  type: 'tEXt',
  data: Buffer.from(`${key}\0${text}`),
})

export const compressedChunk = (key: string, text: string | Buffer) => ({
  type: 'zTXt',
  data: Buffer.concat([Buffer.from(`${key}\0\0`), deflateSync(text)]),
})

export const internationalChunk = (key: string, text: string) => ({
  type: 'iTXt',
  data: Buffer.concat([Buffer.from(`${key}\0\x01\0de\0\0`), deflateSync(text)]),
})

function pngChunk({ type, data }: { type: string; data: Buffer }): Buffer {
  const typed = Buffer.concat([Buffer.from(type), data])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  sum.writeUInt32BE(crc32(typed))
  return Buffer.concat([length, typed, sum])
}

/** A JPEG of an EXIF block and a frame header; `texts` are ASCII values, orientation a number of EXIF. */
export function aJpeg(texts: string[], orientation = 1): Uint8Array {
  const exif = Buffer.concat([Buffer.from('Exif\0\0'), tiff(texts, orientation)])
  const frame = Buffer.from([8, 0, 100, 0, 200, 1, 1, 0x11, 0])
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    segment(0xe1, exif),
    segment(0xc0, frame),
    Buffer.from([0xff, 0xd9]),
  ])
}

function segment(marker: number, data: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0])
  head.writeUInt16BE(data.length + 2, 2)
  return Buffer.concat([head, data])
}

function tiff(texts: string[], orientation: number): Buffer {
  const values = texts.map((text) => Buffer.from(`${text}\0`))
  const count = texts.length + 1
  const directory = Buffer.alloc(2 + count * 12 + 4)
  directory.writeUInt16BE(count)
  directory.writeUInt16BE(0x0112, 2)
  directory.writeUInt16BE(3, 4)
  directory.writeUInt32BE(1, 6)
  directory.writeUInt16BE(orientation, 10)
  let offset = 8 + directory.length
  values.forEach((value, index) => {
    const at = 14 + index * 12
    directory.writeUInt16BE(0x010f + index, at)
    directory.writeUInt16BE(2, at + 2)
    directory.writeUInt32BE(value.length, at + 4)
    directory.writeUInt32BE(offset, at + 8)
    offset += value.length
  })
  return Buffer.concat([Buffer.from('MM\0*\0\0\0\x08', 'latin1'), directory, ...values])
}
