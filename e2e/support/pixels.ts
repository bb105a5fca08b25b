import sharp from 'sharp'

/** Red, green and blue of every pixel. */
export function pixels(picture: Buffer): Promise<Buffer> {
  return sharp(picture).removeAlpha().raw().toBuffer()
}

/** How far the two are apart where they are farthest. */
export function farthest(a: Buffer, b: Buffer): number {
  if (a.length !== b.length) return Infinity
  return a.reduce((most, value, index) => Math.max(most, Math.abs(value - b[index]!)), 0)
}
