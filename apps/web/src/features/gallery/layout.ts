export type Box = { index: number; left: number; width: number }
export type Row = { top: number; height: number; boxes: Box[] }

export type LayoutOptions = {
  width: number
  /** Rows come near to it: none is higher than half as much again. */
  height: number
  gap: number
  /** So many at the start came while the reader looked: they get rows of their own. */
  fresh?: number
}

/** What is wider or higher than this is cropped: a panorama must not take a whole row. */
const widest = 3
const highest = 0.4
const tallest = 1.5

/** Of what has no picture, or whose size nobody knows. */
const unknown = 1

export function ratioOf({ width, height }: { width?: number | null; height?: number | null }): number {
  if (!width || !height) return unknown
  return Math.min(widest, Math.max(highest, width / height))
}

type Line = { count: number; height: number }

/**
 * Rows of equal width, each as high as its pictures make it; the last keeps its height. `ratios` are width to height.
 * Fresh ones fill their rows from the bottom up, so that no picture below changes its row when one more comes.
 */
export function justify(ratios: readonly number[], options: LayoutOptions): Row[] {
  const { gap, fresh = 0 } = options
  const lines = [
    ...linesOf(ratios.slice(0, fresh).toReversed(), options).toReversed(),
    ...linesOf(fresh === 0 ? ratios : ratios.slice(fresh), options),
  ]
  let top = 0
  let first = 0
  return lines.map(({ count, height }) => {
    let left = 0
    const boxes: Box[] = []
    for (let index = first; index < first + count; index++) {
      const width = ratios[index]! * height
      boxes.push({ index, left, width })
      left += width + gap
    }
    const row = { top, height, boxes }
    top += height + gap
    first += count
    return row
  })
}

/** Takes pictures into a row until the next would make it lower than it is too high without it. */
function linesOf(ratios: readonly number[], { width, height, gap }: LayoutOptions): Line[] {
  const lines: Line[] = []
  let from = 0
  while (from < ratios.length) {
    let to = from
    let sum = 0
    while (to < ratios.length && (to === from || sum * height + (to - from) * gap < width))
      sum += ratios[to++]!
    let tall = (width - (to - from - 1) * gap) / sum
    if (tall > height) {
      // Too few are left to fill it.
      tall = Math.min(height, tall)
    } else if (to - from > 1) {
      const without = (width - (to - from - 2) * gap) / (sum - ratios[to - 1]!)
      if (without / height < Math.min(tallest, height / tall)) {
        tall = without
        to--
      }
    }
    lines.push({ count: to - from, height: tall })
    from = to
  }
  return lines
}

/** The first row that ends below `y`; their number when none does. */
export function rowAt(rows: readonly Row[], y: number): number {
  let low = 0
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >> 1
    const { top, height } = rows[middle]!
    if (top + height > y) high = middle
    else low = middle + 1
  }
  return low
}

/** The row that holds a picture; -1 for one that is not there. */
export function rowOf(rows: readonly Row[], index: number): number {
  let low = 0
  let high = rows.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const { boxes } = rows[middle]!
    if (index < boxes[0]!.index) high = middle - 1
    else if (index > boxes.at(-1)!.index) low = middle + 1
    else return middle
  }
  return -1
}

export type Area = { left: number; top: number; right: number; bottom: number }

/** Whose boxes touch the area. */
export function boxesIn(rows: readonly Row[], { left, top, right, bottom }: Area): number[] {
  const found: number[] = []
  for (let at = rowAt(rows, top); at < rows.length && rows[at]!.top < bottom; at++) {
    for (const box of rows[at]!.boxes)
      if (box.left < right && box.left + box.width > left) found.push(box.index)
  }
  return found
}

export type Step = 'left' | 'right' | 'up' | 'down' | 'first' | 'last'

/** Where a step leads from a picture: up and down to the one whose middle is nearest. */
export function neighbour(rows: readonly Row[], index: number, step: Step): number {
  const last = rows.at(-1)?.boxes.at(-1)?.index ?? -1
  if (step === 'first') return Math.min(0, last)
  if (step === 'last') return last
  if (step === 'left') return Math.max(0, index - 1)
  if (step === 'right') return Math.min(last, index + 1)
  const at = rowOf(rows, index)
  const from = rows[at]?.boxes.find((box) => box.index === index)
  const row = rows[at + (step === 'up' ? -1 : 1)]
  if (!from || !row) return index
  const middle = from.left + from.width / 2
  const distance = (box: Box) => Math.abs(box.left + box.width / 2 - middle)
  return row.boxes.reduce((best, box) => (distance(box) < distance(best) ? box : best)).index
}
