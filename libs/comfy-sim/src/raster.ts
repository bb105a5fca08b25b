import type { Raster } from './png.ts'

export type ResizeMethod = 'nearest-exact' | 'bilinear' | 'area' | 'bicubic' | 'lanczos'
type Size = { width: number; height: number }

export function mapPixels(frame: Raster, change: (value: number, at: number) => number): Raster {
  const data = new Uint8Array(frame.data.length)
  for (let at = 0; at < data.length; at++) data[at] = change(frame.data[at]!, at)
  return { ...frame, data }
}

export function flip(frame: Raster, vertical: boolean): Raster {
  const { width, height, channels } = frame
  const data = new Uint8Array(frame.data.length)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = ((vertical ? height - 1 - y : y) * width + (vertical ? x : width - 1 - x)) * channels
      for (let c = 0; c < channels; c++) data[(y * width + x) * channels + c] = frame.data[from + c]!
    }
  }
  return { ...frame, data }
}

/** Clockwise quarter turns. */
export function rotate(frame: Raster, turns: number): Raster {
  if (turns === 0) return frame
  if (turns === 2) return flip(flip(frame, true), false)
  const { width, height, channels } = frame
  const data = new Uint8Array(frame.data.length)
  for (let y = 0; y < width; y++) {
    for (let x = 0; x < height; x++) {
      const [sx, sy] = turns === 1 ? [y, height - 1 - x] : [width - 1 - y, x]
      for (let c = 0; c < channels; c++)
        data[(y * height + x) * channels + c] = frame.data[(sy * width + sx) * channels + c]!
    }
  }
  return { width: height, height: width, channels, data }
}

/** The middle of the picture in the shape of the target. */
export function centerCrop(frame: Raster, target: Size): Raster {
  const old = frame.width / frame.height
  const wanted = target.width / target.height
  const x = old > wanted ? Math.round((frame.width - frame.width * (wanted / old)) / 2) : 0
  const y = old < wanted ? Math.round((frame.height - frame.height * (old / wanted)) / 2) : 0
  const [width, height] = [frame.width - 2 * x, frame.height - 2 * y]
  const row = width * frame.channels
  const data = new Uint8Array(row * height)
  for (let line = 0; line < height; line++) {
    const from = ((y + line) * frame.width + x) * frame.channels
    data.set(frame.data.subarray(from, from + row), line * row)
  }
  return { width, height, channels: frame.channels, data }
}

const cubic = (x: number) => {
  const a = -0.75
  const t = Math.abs(x)
  if (t <= 1) return ((a + 2) * t - (a + 3)) * t * t + 1
  return t < 2 ? ((a * t - 5 * a) * t + 8 * a) * t - 4 * a : 0
}
const sinc = (x: number) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x))
const lanczos = (x: number) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0)

type Taps = { first: number; weights: readonly number[] }

/** For every target position: which source positions count, and how much. Weights sum to 1. */
function taps(from: number, to: number, method: ResizeMethod): Taps[] {
  const ratio = from / to
  return Array.from({ length: to }, (_, index): Taps => {
    const center = (index + 0.5) * ratio
    if (method === 'nearest-exact') {
      // In single precision, as torch does it: ratios that meet a pixel border depend on it.
      const exact = Math.fround((index + 0.5) * Math.fround(ratio))
      return { first: Math.min(from - 1, Math.floor(exact)), weights: [1] }
    }
    if (method === 'area') {
      const [start, stop] = [Math.floor(index * ratio), Math.ceil((index + 1) * ratio)]
      return { first: start, weights: Array<number>(stop - start).fill(1 / (stop - start)) }
    }
    const widen = method === 'lanczos' ? Math.max(1, ratio) : 1
    const reach = (method === 'bilinear' ? 1 : method === 'bicubic' ? 2 : 3) * widen
    const kernel =
      method === 'bilinear'
        ? (x: number) => Math.max(0, 1 - Math.abs(x))
        : method === 'bicubic'
          ? cubic
          : lanczos
    // The Lanczos filter is Pillow's: its window ends at the edge of the picture. The others are torch's.
    const cut = method === 'lanczos'
    const first = Math.max(cut ? 0 : -Infinity, Math.ceil(center - 0.5 - reach))
    const last = Math.min(cut ? from - 1 : Infinity, Math.floor(center - 0.5 + reach))
    const raw = Array.from({ length: last - first + 1 }, (_, at) =>
      kernel((first + at + 0.5 - center) / widen),
    )
    const sum = raw.reduce((total, weight) => total + weight, 0)
    return { first, weights: raw.map((weight) => weight / sum) }
  })
}

function isSolid({ data, channels }: Raster): boolean {
  for (let at = channels; at < data.length; at++) if (data[at] !== data[at - channels]) return false
  return true
}

function solidCopy(frame: Raster, { width, height }: Size): Raster {
  const data = new Uint8Array(width * height * frame.channels)
  data.set(frame.data.subarray(0, frame.channels))
  for (let filled = frame.channels; filled < data.length; filled *= 2) data.copyWithin(filled, 0, filled)
  return { width, height, channels: frame.channels, data }
}

/** Resamples rows, then columns; edges repeat. */
export function resize(frame: Raster, target: Size, method: ResizeMethod): Raster {
  const { width, height, channels } = frame
  if (width === target.width && height === target.height) return frame
  if (isSolid(frame)) return solidCopy(frame, target)
  const columns = taps(width, target.width, method)
  const rows = taps(height, target.height, method)
  const clamp = (value: number, size: number) => Math.min(size - 1, Math.max(0, value))
  // Pillow rounds to bytes after each pass, torch only cuts off at the end.
  const pillow = method === 'lanczos'
  const wide = pillow
    ? new Uint8ClampedArray(target.width * height * channels)
    : new Float32Array(target.width * height * channels)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < target.width; x++) {
      const { first, weights } = columns[x]!
      for (let c = 0; c < channels; c++) {
        let sum = 0
        for (let at = 0; at < weights.length; at++)
          sum += weights[at]! * frame.data[(y * width + clamp(first + at, width)) * channels + c]!
        wide[(y * target.width + x) * channels + c] = sum
      }
    }
  }
  const data = new Uint8Array(target.width * target.height * channels)
  const row = target.width * channels
  for (let y = 0; y < target.height; y++) {
    const { first, weights } = rows[y]!
    for (let x = 0; x < row; x++) {
      let sum = 0
      for (let at = 0; at < weights.length; at++)
        sum += weights[at]! * wide[clamp(first + at, height) * row + x]!
      data[y * row + x] = Math.min(255, Math.max(0, sum + (pillow ? 0.5 : 1e-3)))
    }
  }
  return { width: target.width, height: target.height, channels, data }
}
