import { crc32 } from 'node:zlib'

const endOfHeader = 33

/** A PNG with text chunks after its header, as ComfyUI writes them. */
export function pngWithText(png: Buffer, texts: Record<string, string>): Buffer {
  const chunks = Object.entries(texts).map(([key, text]) =>
    chunk('tEXt', Buffer.from(`${key}\0${text}`, 'latin1')),
  )
  return Buffer.concat([png.subarray(0, endOfHeader), ...chunks, png.subarray(endOfHeader)])
}

/** The header of a PNG that claims that size, and nothing after it. */
export function pngHeader(width: number, height: number): Buffer {
  const data = Buffer.alloc(13)
  data.writeUInt32BE(width, 0)
  data.writeUInt32BE(height, 4)
  data.set([8, 2, 0, 0, 0], 8)
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', data)])
}

export function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const crc = Buffer.alloc(4)
  crc.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, crc])
}
