import { crc32, deflate, deflateSync } from 'node:zlib'
import { promisify } from 'node:util'

/** Pixels of one picture, rows from the top, no padding; `channels` 1 grey, 3 RGB, 4 RGBA. */
export type Raster = { width: number; height: number; channels: 1 | 3 | 4; data: Uint8Array }

/** Below this size compressing here costs less than the way to a worker thread and back. */
const smallBytes = 64 * 1024
export const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const colorTypes = { 1: 0, 3: 2, 4: 6 } as const
const deflateInWorker = promisify<Buffer, { level: number }, Buffer>(deflate)
const end = chunk('IEND', Buffer.alloc(0))

export function chunk(type: string, data: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(data.length + 12)
  bytes.writeUInt32BE(data.length, 0)
  bytes.write(type, 4, 'latin1')
  data.copy(bytes, 8)
  bytes.writeUInt32BE(crc32(bytes.subarray(4, data.length + 8)), data.length + 8)
  return bytes
}

export function scanlines({ width, height, channels, data }: Raster): Buffer {
  const row = width * channels
  const bytes = Buffer.allocUnsafe((row + 1) * height)
  for (let y = 0; y < height; y++) {
    bytes[y * (row + 1)] = 0
    bytes.set(data.subarray(y * row, (y + 1) * row), y * (row + 1) + 1)
  }
  return bytes
}

export function header({ width, height, channels }: Raster): Buffer {
  const bytes = Buffer.alloc(13)
  bytes.writeUInt32BE(width, 0)
  bytes.writeUInt32BE(height, 4)
  bytes[8] = 8
  bytes[9] = colorTypes[channels]
  return bytes
}

export const textChunks = (text: readonly (readonly [string, string])[]): Buffer[] =>
  text.map(([key, value]) => chunk('tEXt', Buffer.from(`${key}\0${value}`, 'latin1')))

/**
 * A PNG without filters, with `tEXt` chunks before the pixels, as ComfyUI's files have them (compress level 4).
 * Small pictures are encoded at once, large ones off this thread.
 */
export function encodePng(
  raster: Raster,
  text: readonly (readonly [string, string])[] = [],
): Buffer | Promise<Buffer> {
  const before = [signature, chunk('IHDR', header(raster)), ...textChunks(text)]
  const assemble = (pixels: Buffer) => Buffer.concat([...before, chunk('IDAT', pixels), end])

  const lines = scanlines(raster)
  if (lines.length <= smallBytes) return assemble(deflateSync(lines, { level: 1 }))
  return deflateInWorker(lines, { level: 4 }).then(assemble)
}

/** The `tEXt` chunks of a PNG; empty for anything else. */
export function readPngText(bytes: Uint8Array): Map<string, string> {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const found = new Map<string, string>()
  if (file.length < 8 || !file.subarray(0, 8).equals(signature)) return found
  for (let at = 8; at + 12 <= file.length;) {
    const length = file.readUInt32BE(at)
    if (at + 12 + length > file.length) break
    if (file.toString('latin1', at + 4, at + 8) === 'tEXt') {
      const text = file.toString('latin1', at + 8, at + 8 + length)
      const nul = text.indexOf('\0')
      if (nul > 0) found.set(text.slice(0, nul), text.slice(nul + 1))
    }
    at += 12 + length
  }
  return found
}
