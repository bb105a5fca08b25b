export type Box = { index: number; left: number; width: number }
export type Row = { top: number; height: number; boxes: Box[] }

export type LayoutOptions = {
  width: number
  /** Rows come near to it: none is higher than half as much again. */
  height: number
  gap: number
}

/** What is wider or higher than this is cropped: a panorama must not take a whole row. */
const widest = 3
const highest = 0.4

/** Of what has no picture, or whose size nobody knows. */
const unknown = 1

export function ratioOf({ width, height }: { width?: number | null; height?: number | null }): number {
  if (!width || !height) return unknown
  return Math.min(widest, Math.max(highest, width / height))
}

/** Rows of equal width, each as high as its pictures make it; the last keeps its height. `ratios` are width to height. */
export function justify(ratios: readonly number[], { width, height, gap }: LayoutOptions): Row[] {
  const rows: Row[] = []
  let top = 0
  let from = 0
  while (from < ratios.length) {
    let to = from
    let sum = 0
    while (to < ratios.length && (to === from || sum * height + (to - from) * gap < width))
      sum += ratios[to++]!
    const room = width - (to - from - 1) * gap
    const isFull = sum * height >= room
    const tall = isFull ? room / sum : Math.min(height, room / sum)
    rows.push({ top, height: tall, boxes: placeIn(ratios.slice(from, to), { first: from, tall, gap }) })
    top += tall + gap
    from = to
  }
  return rows
}

function placeIn(
  ratios: readonly number[],
  { first, tall, gap }: { first: number; tall: number; gap: number },
): Box[] {
  let left = 0
  return ratios.map((ratio, offset) => {
    const box = { index: first + offset, left, width: ratio * tall }
    left += box.width + gap
    return box
  })
}

export type Area = { left: number; top: number; right: number; bottom: number }

/** Whose boxes touch the area. */
export function boxesIn(rows: readonly Row[], { left, top, right, bottom }: Area): number[] {
  return rows
    .filter((row) => row.top < bottom && row.top + row.height > top)
    .flatMap(({ boxes }) => boxes.filter((box) => box.left < right && box.left + box.width > left))
    .map(({ index }) => index)
}
