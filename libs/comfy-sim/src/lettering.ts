import type { Raster } from './png.ts'

/** A 5x7 pixel font, one byte per column, lowest bit at the top. */
const glyphs: Readonly<Record<string, string>> = {
  A: '7e1111117e',
  B: '7f49494936',
  C: '3e41414122',
  D: '7f4141221c',
  E: '7f49494941',
  F: '7f09090901',
  G: '3e4149497a',
  H: '7f0808087f',
  I: '00417f4100',
  J: '2040413f01',
  K: '7f08142241',
  L: '7f40404040',
  M: '7f020c027f',
  N: '7f0408107f',
  O: '3e4141413e',
  P: '7f09090906',
  Q: '3e4151215e',
  R: '7f09192946',
  S: '4649494931',
  T: '01017f0101',
  U: '3f4040403f',
  V: '1f2040201f',
  W: '3f4038403f',
  X: '6314081463',
  Y: '0708700807',
  Z: '6151494543',
  '0': '3e5149453e',
  '1': '00427f4000',
  '2': '4261514946',
  '3': '2141454b31',
  '4': '1814127f10',
  '5': '2745454539',
  '6': '3c4a494930',
  '7': '0171090503',
  '8': '3649494936',
  '9': '064949291e',
  '.': '0060600000',
  ',': '0050300000',
  ':': '0036360000',
  '-': '0808080808',
  '/': '2010080402',
  "'": '0005030000',
  '!': '00005f0000',
  '?': '0201510906',
  '(': '001c224100',
  ')': '0041221c00',
  '+': '08083e0808',
  '=': '1414141414',
  _: '4040404040',
  '#': '147f147f14',
}
const glyphWidth = 6
const lineHeight = 9

export type Rgb = readonly [number, number, number]

function fill(
  { width, height, data }: Raster,
  area: { x: number; y: number; width: number; height: number },
  [red, green, blue]: Rgb,
): void {
  const left = Math.max(0, area.x)
  const right = Math.min(width, area.x + area.width)
  const top = Math.max(0, area.y)
  const bottom = Math.min(height, area.y + area.height)
  if (left >= right || top >= bottom) return
  const first = (top * width + left) * 3
  const length = (right - left) * 3
  for (let at = first; at < first + length; at += 3) {
    data[at] = red
    data[at + 1] = green
    data[at + 2] = blue
  }
  for (let y = top + 1; y < bottom; y++) data.copyWithin((y * width + left) * 3, first, first + length)
}

function write(raster: Raster, text: string, at: { x: number; y: number; scale: number }): void {
  const { scale } = at
  let x = at.x
  for (const letter of text.toUpperCase()) {
    const columns = Buffer.from(glyphs[letter] ?? '', 'hex')
    for (const [column, bits] of columns.entries()) {
      for (let row = 0; row < 7; row++) {
        if (bits & (1 << row))
          fill(
            raster,
            { x: x + column * scale, y: at.y + row * scale, width: scale, height: scale },
            [255, 255, 255],
          )
      }
    }
    x += glyphWidth * scale
  }
}

/** Lines on a dark band at the foot, as many as there is room for. */
export function label(raster: Raster, lines: readonly string[]): void {
  const scale = Math.max(1, Math.floor(raster.width / 400))
  const room = Math.max(1, Math.floor((raster.width - 4 * scale) / (glyphWidth * scale)))
  const count = Math.max(1, Math.min(lines.length, Math.floor(raster.height / 2 / (lineHeight * scale))))
  const top = raster.height - count * lineHeight * scale - 2 * scale
  fill(raster, { x: 0, y: top, width: raster.width, height: raster.height - top }, [16, 16, 16])
  for (const [index, line] of lines.slice(0, count).entries()) {
    write(raster, line.slice(0, room), { x: 2 * scale, y: top + (2 + index * lineHeight) * scale, scale })
  }
}
