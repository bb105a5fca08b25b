import { asNumber } from '../json.ts'
import type { NodeTable } from '../node.ts'
import { stepTime } from '../options.ts'
import type { Raster } from '../png.ts'
import { centerCrop, flip, mapPixels, resize, rotate, type ResizeMethod } from '../raster.ts'
import { image, mask, PythonError, sizeOf, take } from '../values.ts'

/** What ComfyUI's CPU allocator refuses; a picture of this size would not fit a machine. */
const allocatorLimit = 64 * 1024 ** 3

function solid(width: number, height: number, color: readonly number[]): Raster {
  const channels = color.length as 1 | 3
  const data = new Uint8Array(width * height * channels)
  if (color.every((value) => value === color[0])) data.fill(color[0]!)
  else {
    data.set(color)
    for (let filled = channels; filled < data.length; filled *= 2) data.copyWithin(filled, 0, filled)
  }
  return { width, height, channels, data }
}

const blends: Readonly<Record<string, (a: number, b: number) => number>> = {
  normal: (_a, b) => b,
  multiply: (a, b) => a * b,
  screen: (a, b) => 1 - (1 - a) * (1 - b),
  overlay: (a, b) => (a <= 0.5 ? 2 * a * b : 1 - 2 * (1 - a) * (1 - b)),
  soft_light: (a, b) =>
    b <= 0.5
      ? a - (1 - 2 * b) * a * (1 - a)
      : a + (2 * b - 1) * ((a <= 0.25 ? ((16 * a - 12) * a + 4) * a : Math.sqrt(a)) - a),
  difference: (a, b) => a - b,
}

function scaled(
  frames: readonly Raster[],
  target: { width: number; height: number },
  how: { method: unknown; crop?: boolean },
) {
  const method = String(how.method) as ResizeMethod
  const cache = new Map<Raster, Raster>()
  return frames.map((frame) => {
    const done = cache.get(frame) ?? resize(how.crop ? centerCrop(frame, target) : frame, target, method)
    cache.set(frame, done)
    return done
  })
}

const eachFrame = (frames: readonly Raster[], change: (frame: Raster) => Raster) => {
  const cache = new Map<Raster, Raster>()
  return frames.map((frame) => {
    const done = cache.get(frame) ?? change(frame)
    cache.set(frame, done)
    return done
  })
}

const channelIndex: Readonly<Record<string, number>> = { red: 0, green: 1, blue: 2, alpha: 3 }

export function channelOf(frame: Raster, channel: string): Raster {
  const index = channelIndex[channel] ?? 0
  const data = new Uint8Array(frame.width * frame.height)
  for (let at = 0; at < data.length; at++) {
    data[at] = index < frame.channels ? frame.data[at * frame.channels + index]! : 255
  }
  return { ...frame, channels: 1, data }
}

function crop(frame: Raster, area: { x: number; y: number; width: number; height: number }): Raster {
  const x = Math.min(area.x, frame.width - 1)
  const y = Math.min(area.y, frame.height - 1)
  const width = Math.min(area.width, frame.width - x)
  const height = Math.min(area.height, frame.height - y)
  const row = width * frame.channels
  const data = new Uint8Array(row * height)
  for (let line = 0; line < height; line++) {
    const from = ((y + line) * frame.width + x) * frame.channels
    data.set(frame.data.subarray(from, from + row), line * row)
  }
  return { width, height, channels: frame.channels, data }
}

/** Grey border of the padding; the mask is white there and fades into the picture over `feathering` pixels. */
function pad(
  frame: Raster,
  edge: { left: number; top: number; right: number; bottom: number; feathering: number },
) {
  const width = frame.width + edge.left + edge.right
  const height = frame.height + edge.top + edge.bottom
  const picture = solid(width, height, Array<number>(frame.channels).fill(127))
  const hole = solid(width, height, [255])
  const near = edge.feathering > 0 && edge.feathering * 2 < frame.height && edge.feathering * 2 < frame.width
  for (let y = 0; y < frame.height; y++) {
    const start = (y + edge.top) * width + edge.left
    picture.data.set(
      frame.data.subarray(y * frame.width * frame.channels, (y + 1) * frame.width * frame.channels),
      start * frame.channels,
    )
    for (let x = 0; x < frame.width; x++) {
      const distance = Math.min(
        edge.top ? y : frame.height,
        edge.bottom ? frame.height - y : frame.height,
        edge.left ? x : frame.width,
        edge.right ? frame.width - x : frame.width,
      )
      const part = near && distance < edge.feathering ? (edge.feathering - distance) / edge.feathering : 0
      hole.data[start + x] = Math.trunc(part * part * 255)
    }
  }
  return { picture, hole }
}

const number = asNumber

/** `1 - x` in single precision and cut off to a byte, which is sometimes one less than `255 - value`. */
const inverted = Uint8Array.from({ length: 256 }, (_, value) =>
  Math.trunc(Math.fround(255 * Math.fround(1 - Math.fround(value / 255)))),
)
export const invert = (frame: Raster) => mapPixels(frame, (value) => inverted[value]!)

export const imageNodes: NodeTable = {
  EmptyImage: {
    run(inputs) {
      const [width, height, batch, color] = [
        inputs.width,
        inputs.height,
        inputs.batch_size,
        inputs.color,
      ].map(number) as [number, number, number, number]
      const bytes = width * height * batch * 4
      if (bytes > allocatorLimit) {
        throw new PythonError(
          'RuntimeError',
          "[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory: " +
            `you tried to allocate ${bytes} bytes. Error code 12 (Cannot allocate memory)\n`,
        )
      }
      const frame = solid(width, height, [(color >> 16) & 255, (color >> 8) & 255, color & 255])
      return { outputs: [image(Array<Raster>(batch).fill(frame))] }
    },
  },
  ImageScale: {
    run(inputs) {
      const { frames } = take(inputs, 'image', 'image')
      const size = sizeOf(frames)
      let [width, height] = [number(inputs.width), number(inputs.height)]
      if (width === 0 && height === 0) return { outputs: [image(frames)] }
      if (width === 0) width = Math.max(1, Math.round((size.width * height) / size.height))
      if (height === 0) height = Math.max(1, Math.round((size.height * width) / size.width))
      return {
        outputs: [
          image(
            scaled(
              frames,
              { width, height },
              { method: inputs.upscale_method, crop: inputs.crop === 'center' },
            ),
          ),
        ],
      }
    },
  },
  ImageScaleBy: {
    run(inputs) {
      const { frames } = take(inputs, 'image', 'image')
      const size = sizeOf(frames)
      const factor = number(inputs.scale_by)
      const target = { width: Math.round(size.width * factor), height: Math.round(size.height * factor) }
      return { outputs: [image(scaled(frames, target, { method: inputs.upscale_method }))] }
    },
  },
  ImageScaleToTotalPixels: {
    run(inputs) {
      const { frames } = take(inputs, 'image', 'image')
      const size = sizeOf(frames)
      const factor = Math.sqrt((number(inputs.megapixels) * 1024 * 1024) / (size.width * size.height))
      const step = Math.max(1, number(inputs.resolution_steps ?? 1))
      const side = (value: number) => Math.max(step, Math.round((value * factor) / step) * step)
      const target = { width: side(size.width), height: side(size.height) }
      return { outputs: [image(scaled(frames, target, { method: inputs.upscale_method }))] }
    },
  },
  ImageInvert: {
    run: (inputs) => ({
      outputs: [image(eachFrame(take(inputs, 'image', 'image').frames, (frame) => invert(frame)))],
    }),
  },
  ImageBlend: {
    run(inputs) {
      const first = take(inputs, 'image1', 'image').frames
      const size = sizeOf(first)
      const second = scaled(take(inputs, 'image2', 'image').frames, size, { method: 'bicubic', crop: true })
      const factor = number(inputs.blend_factor)
      const mix = blends[String(inputs.blend_mode)]
      if (!mix) throw new PythonError('ValueError', `Unsupported blend mode: ${String(inputs.blend_mode)}`)
      const frames = first.map((frame, index) => {
        const other = second[Math.min(index, second.length - 1)]!
        return mapPixels(frame, (value, at) => {
          const a = value / 255
          const mixed = a * (1 - factor) + mix(a, other.data[at]! / 255) * factor
          return Math.trunc(Math.min(1, Math.max(0, mixed)) * 255 + 1e-3)
        })
      })
      return { outputs: [image(frames)] }
    },
  },
  ImageBatch: {
    run(inputs) {
      const first = take(inputs, 'image1', 'image').frames
      const second = scaled(take(inputs, 'image2', 'image').frames, sizeOf(first), {
        method: 'bilinear',
        crop: true,
      })
      return { outputs: [image([...first, ...second])] }
    },
  },
  ImageFromBatch: {
    run(inputs) {
      const { frames } = take(inputs, 'image', 'image')
      const start = Math.min(number(inputs.batch_index), frames.length - 1)
      return {
        outputs: [image(frames.slice(start, start + Math.min(number(inputs.length), frames.length - start)))],
      }
    },
  },
  RepeatImageBatch: {
    run(inputs) {
      const { frames } = take(inputs, 'image', 'image')
      return { outputs: [image(Array.from({ length: number(inputs.amount) }, () => frames).flat())] }
    },
  },
  ImageCrop: {
    run(inputs) {
      const area = {
        x: number(inputs.x),
        y: number(inputs.y),
        width: number(inputs.width),
        height: number(inputs.height),
      }
      return {
        outputs: [image(eachFrame(take(inputs, 'image', 'image').frames, (frame) => crop(frame, area)))],
      }
    },
  },
  ImageFlip: {
    run(inputs) {
      const vertical = String(inputs.flip_method).startsWith('x')
      return {
        outputs: [image(eachFrame(take(inputs, 'image', 'image').frames, (frame) => flip(frame, vertical)))],
      }
    },
  },
  ImageRotate: {
    run(inputs) {
      const turns = Number.parseInt(String(inputs.rotation), 10) / 90 || 0
      return {
        outputs: [image(eachFrame(take(inputs, 'image', 'image').frames, (frame) => rotate(frame, turns)))],
      }
    },
  },
  ImagePadForOutpaint: {
    run(inputs) {
      const { frames } = take(inputs, 'image', 'image')
      const edge = {
        left: number(inputs.left),
        top: number(inputs.top),
        right: number(inputs.right),
        bottom: number(inputs.bottom),
        feathering: number(inputs.feathering),
      }
      const padded = frames.map((frame) => pad(frame, edge))
      return {
        outputs: [
          image(padded.map(({ picture }) => picture)),
          mask(padded.slice(0, 1).map(({ hole }) => hole)),
        ],
      }
    },
  },
  GetImageSize: {
    run(inputs, context) {
      const { frames } = take(inputs, 'image', 'image')
      const { width, height } = sizeOf(frames)
      context.text(`width: ${width}, height: ${height}\n batch size: ${frames.length}`)
      return { outputs: [width, height, frames.length] }
    },
  },
  ColorTransfer: {
    async run(inputs, context) {
      if (
        typeof inputs.source_stats !== 'string' ||
        !['per_frame', 'uniform', 'target_frame'].includes(inputs.source_stats)
      ) {
        throw new PythonError(
          'TypeError',
          "ColorTransfer.execute() missing 1 required positional argument: 'source_stats'",
        )
      }
      const { frames } = take(inputs, 'image_target', 'image')
      const reference =
        sizeOf(take(inputs, 'image_ref', 'image').frames) && take(inputs, 'image_ref', 'image').frames[0]!
      const strength = number(inputs.strength)
      const means = [0, 1, 2].map((channel) => reference.data[channel]!)
      for (let index = 1; index <= frames.length; index++) {
        await context.wait(stepTime(context.settings))
        context.progress(index, frames.length)
      }
      const done = eachFrame(frames, (frame) =>
        mapPixels(frame, (value, at) => Math.trunc(value * (1 - strength) + means[at % 3]! * strength)),
      )
      return { outputs: [image(done)] }
    },
  },
  SolidMask: {
    run: (inputs) => ({
      outputs: [
        mask([solid(number(inputs.width), number(inputs.height), [Math.trunc(number(inputs.value) * 255)])]),
      ],
    }),
  },
  InvertMask: {
    run: (inputs) => ({
      outputs: [mask(take(inputs, 'mask', 'mask').frames.map((frame) => invert(frame)))],
    }),
  },
  MaskToImage: {
    run: (inputs) => ({ outputs: [image(take(inputs, 'mask', 'mask').frames.map(toRgb))] }),
  },
  ImageToMask: {
    run: (inputs) => ({
      outputs: [
        mask(take(inputs, 'image', 'image').frames.map((frame) => channelOf(frame, String(inputs.channel)))),
      ],
    }),
  },
}

export function toRgb(frame: Raster): Raster {
  const data = new Uint8Array(frame.width * frame.height * 3)
  for (let at = 0; at < data.length; at++) data[at] = frame.data[Math.floor(at / 3)]!
  return { ...frame, channels: 3, data }
}
