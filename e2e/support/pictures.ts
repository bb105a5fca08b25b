import sharp from 'sharp'

export type Shape = readonly [width: number, height: number]

/** What studios make: portrait, landscape, square, wide film, phone. */
export const shapes: readonly Shape[] = [
  [832, 1216],
  [1216, 832],
  [1024, 1024],
  [1344, 768],
  [768, 1344],
  [1152, 896],
  [896, 1152],
  [1536, 640],
]

/** A picture like no other of its number, with edges and grain as a camera's or a model's has them. */
export async function aPicture(number: number, [width, height]: Shape): Promise<Buffer> {
  const random = numbers(number)
  const hue = Math.floor(random() * 360)
  const blobs = Array.from({ length: 14 }, () => {
    const [x, y, r] = [random() * width, random() * height, 30 + random() * 220]
    return `<circle cx="${x}" cy="${y}" r="${r}" fill="hsl(${hue + random() * 90} 55% ${20 + random() * 60}%)" opacity="${0.3 + random() * 0.6}"/>`
  })
  const drawn = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <rect width="100%" height="100%" fill="hsl(${hue} 40% 35%)"/>${blobs.join('')}</svg>`
  const grain = await sharp({
    create: {
      width,
      height,
      channels: 3,
      background: 'gray',
      noise: { type: 'gaussian', mean: 128, sigma: 22 },
    },
  })
    .png({ compressionLevel: 1 })
    .toBuffer()
  return sharp(Buffer.from(drawn))
    .composite([{ input: grain, blend: 'soft-light' }])
    .jpeg({ quality: 88 })
    .toBuffer()
}

/** The same for the same seed. */
function numbers(seed: number): () => number {
  let state = seed * 2_654_435_761 + 1
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296
    return state / 4_294_967_296
  }
}
