import { hash } from 'node:crypto'
import { label } from './lettering.ts'
import type { Rgb } from './lettering.ts'
import type { Raster } from './png.ts'

export type Subject = {
  seed: string
  text: string
  model: string
  index: number
  width: number
  height: number
}

/** From 0 to 1, the next one of the picture's own row. */
type Chance = () => number

const layers = 5
/** Hues above and at the horizon, of a whole turn: the hours of a day. */
const hours: readonly (readonly [high: number, low: number])[] = [
  [0.58, 0.1],
  [0.62, 0.92],
  [0.72, 0.05],
  [0.55, 0.5],
  [0.07, 0.13],
  [0.53, 0.14],
  [0.95, 0.08],
  [0.63, 0.57],
  [0.47, 0.12],
  [0.78, 0.94],
]

/**
 * A picture for a seed and a prompt: the same ones give the same pixels, others give others. A landscape, so that a
 * gallery of them can be looked at; it says on its face that it is simulated.
 */
export function paint({ seed, text, model, index, width, height }: Subject): Raster {
  const chance = chances(`${seed}\0${text}\0${model}\0${index}\0${width}x${height}`)
  const raster: Raster = { width, height, channels: 3, data: new Uint8Array(width * height * 3) }
  const [above, below] = hours[Math.floor(chance() * hours.length) % hours.length]!
  const hue = above + 0.05 * chance()
  const glow = below + 0.04 * chance()
  const night = chance() < 0.3
  const high = hsl(hue, 0.45, night ? 0.12 : 0.42 + 0.16 * chance())
  const low = hsl(glow, 0.65, night ? 0.38 : 0.76)
  const horizon = 0.42 + 0.25 * chance()
  const light = {
    x: chance() * width,
    y: (0.12 + 0.4 * chance()) * height,
    radius: (0.05 + 0.09 * chance()) * Math.min(width, height),
  }
  paintSky(raster, { high, low, horizon, light, shine: hsl(glow, 0.8, 0.93) })
  const outline = [hills, peaks, roofs][Math.floor(chance() * 3) % 3]!
  const dark = hsl(hue + 0.04, 0.4, night ? 0.05 : 0.14)
  // Above this line nothing is painted yet, in each column: what is near hides what is far.
  const covered = new Int32Array(width).fill(height)
  const lands = Array.from({ length: layers }, (_, layer): Land => {
    const depth = (layer + 1) / layers
    // What is far is in the haze.
    const colour = mix(low, dark, 0.25 + 0.75 * depth ** 0.8)
    return {
      top: horizon + (1 - horizon) * 0.8 * (layer / layers),
      outline: outline(chance, 0.05 + 0.09 * depth),
      colour,
      foot: mix(colour, low, 0.25 * (1 - depth)),
    }
  })
  for (const land of lands.toReversed()) paintLand(raster, land, covered)
  label(raster, ['simulated', `seed ${seed}`, text, model])
  return raster
}

function chances(of: string): Chance {
  const row = Buffer.from(hash('sha512', of), 'hex')
  let at = 0
  // Two bytes each, and other ones in each round.
  return () => (row.readUInt16LE((at = (at + 2) % 62)) ^ ((at++ * 2_654_435_761) & 0xff)) / 0xffff
}

type Sky = {
  high: Rgb
  low: Rgb
  horizon: number
  light: { x: number; y: number; radius: number }
  shine: Rgb
}

function paintSky({ width, height, data }: Raster, { high, low, horizon, light, shine }: Sky): void {
  const end = Math.ceil(Math.min(1, horizon + 0.2) * height)
  const reach = light.radius * 4
  for (let y = 0; y < end; y++) {
    const sky = mix(high, low, Math.min(1, y / (horizon * height)))
    const row = y * width * 3
    put(data, row, sky)
    // Twice as much each time: a row is of one colour.
    for (let done = 3; done < width * 3; done *= 2)
      data.copyWithin(row + done, row, row + Math.min(done, width * 3 - done))
    const half = Math.sqrt(Math.max(0, reach ** 2 - (y - light.y) ** 2))
    const last = Math.min(width, Math.ceil(light.x + half))
    for (let x = Math.max(0, Math.floor(light.x - half)); x < last; x++) {
      const far = Math.sqrt((x - light.x) ** 2 + (y - light.y) ** 2)
      // Soft at its edge, by a pixel.
      const disc = Math.min(1, Math.max(0, light.radius - far + 0.5))
      const share = Math.max(disc, 0.4 * Math.max(0, 1 - far / reach) ** 2)
      const at = row + x * 3
      data[at] = sky[0] + (shine[0] - sky[0]) * share
      data[at + 1] = sky[1] + (shine[1] - sky[1]) * share
      data[at + 2] = sky[2] + (shine[2] - sky[2]) * share
    }
  }
}

/** How far the land rises above its line, as a share of the height, at a share of the width. */
type Outline = (x: number) => number

type Land = { top: number; outline: Outline; colour: Rgb; foot: Rgb }

function paintLand({ width, height, data }: Raster, land: Land, covered: Int32Array): void {
  const { top, outline, colour, foot } = land
  const line = Int32Array.from(covered, (_, x) =>
    Math.max(0, Math.round((top - outline(x / width)) * height)),
  )
  const first = line.reduce((least, y) => Math.min(least, y), height)
  const last = covered.reduce((most, y) => Math.max(most, y), 0)
  for (let y = first; y < last; y++) {
    const [red, green, blue] = mix(colour, foot, Math.min(1, (y - first) / (0.3 * height)))
    for (let x = 0, at = y * width * 3; x < width; x++, at += 3) {
      if (y < line[x]! || y >= covered[x]!) continue
      data[at] = red
      data[at + 1] = green
      data[at + 2] = blue
    }
  }
  for (let x = 0; x < width; x++) covered[x] = Math.min(covered[x]!, line[x]!)
}

function hills(chance: Chance, size: number): Outline {
  const waves = [1.3, 2.9, 6.1].map((count) => ({ count: count * (0.6 + chance()), start: chance() * 7 }))
  return (x) =>
    size *
    waves.reduce((sum, { count, start }, at) => sum + Math.sin(x * count * 6.3 + start) / (at + 1.5), 0)
}

function peaks(chance: Chance, size: number): Outline {
  const folds = [1.7, 3.7, 8.3, 17.1].map((count) => ({
    count: count * (0.7 + 0.6 * chance()),
    start: chance(),
  }))
  const fold = (at: number) => 1 - 2 * Math.abs((at % 1) - 0.5)
  return (x) =>
    size * 1.6 * folds.reduce((sum, { count, start }, at) => sum + fold(x * count + start) / 2 ** at - 0.3, 0)
}

function roofs(chance: Chance, size: number): Outline {
  const houses = Array.from({ length: 9 + Math.floor(chance() * 9) }, () => ({
    high: chance(),
    isGabled: chance() < 0.4,
  }))
  return (x) => {
    const place = x * houses.length
    const { high, isGabled } = houses[Math.floor(place) % houses.length]!
    const gable = isGabled ? 0.5 - Math.abs((place % 1) - 0.5) : 0
    return size * (high * 1.5 + gable)
  }
}

function put(data: Uint8Array, at: number, [red, green, blue]: Rgb): void {
  data[at] = red
  data[at + 1] = green
  data[at + 2] = blue
}

function mix(from: Rgb, to: Rgb, share: number): Rgb {
  return [
    from[0] + (to[0] - from[0]) * share,
    from[1] + (to[1] - from[1]) * share,
    from[2] + (to[2] - from[2]) * share,
  ]
}

/** Each from 0 to 1; the hue may be more. */
function hsl(hue: number, saturation: number, lightness: number): Rgb {
  const spread = saturation * Math.min(lightness, 1 - lightness)
  const channel = (offset: number) => {
    const turn = (offset + (hue % 1) * 12) % 12
    return 255 * (lightness - spread * Math.max(-1, Math.min(turn - 3, 9 - turn, 1)))
  }
  return [channel(0), channel(8), channel(4)]
}
