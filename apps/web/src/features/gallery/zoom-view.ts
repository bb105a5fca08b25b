/** How a picture is seen: `x` and `y` are how far its middle is from the frame's, in pixels of the screen. */
export type View = { scale: number; x: number; y: number }

export type Size = { width: number; height: number }
type Point = { x: number; y: number }

/** All of it. */
export const whole: View = { scale: 1, x: 0, y: 0 }

/** Pixels of the screen for one of the picture's, at scale 1. */
export function fitOf(frame: Size, picture: Size): number {
  if (!picture.width || !picture.height) return 1
  return Math.min(frame.width / picture.width, frame.height / picture.height)
}

/** One pixel of the picture may be eight of the screen. */
const largestPixel = 8
const mostAtLeast = 4

export const mostOf = (fit: number): number => Math.max(mostAtLeast, largestPixel / fit)

export type Frame = { frame: Size; picture: Size }

/** The edges of the picture do not come further in than those of the frame. */
export function held({ scale, x, y }: View, { frame, picture }: Frame): View {
  const fit = fitOf(frame, picture) * scale
  const room = (of: number, inside: number) => Math.max(0, (of * fit - inside) / 2)
  const within = (value: number, most: number) => Math.min(most, Math.max(-most, value))
  return {
    scale,
    x: within(x, room(picture.width, frame.width)),
    y: within(y, room(picture.height, frame.height)),
  }
}

/** Nearer or farther, with what is at `point` (from the middle of the frame) staying there. */
export function zoomed(view: View, to: { factor: number; point: Point }, sizes: Frame): View {
  const most = mostOf(fitOf(sizes.frame, sizes.picture))
  const scale = Math.min(most, Math.max(1, view.scale * to.factor))
  if (scale === 1) return whole
  const ratio = scale / view.scale
  const { x, y } = to.point
  return held({ scale, x: x - (x - view.x) * ratio, y: y - (y - view.y) * ratio }, sizes)
}

/** What a double click does: to the picture's own pixels, or nearer where these are shown already; and back. */
export function toggled(view: View, point: Point, sizes: Frame): View {
  if (view.scale > 1) return whole
  const actual = 1 / fitOf(sizes.frame, sizes.picture)
  return zoomed(view, { factor: actual > 1.2 ? actual : 2.5, point }, sizes)
}

export type Swipe = 'before' | 'after' | 'close'

/** What the way of a finger means, in pixels and milliseconds. */
export function swipeOf({ x, y }: Point, ms: number): Swipe | undefined {
  const [wide, high] = [Math.abs(x), Math.abs(y)]
  const fast = (way: number) => way > 25 && way / Math.max(1, ms) > 0.5
  if (wide > high * 1.2 && (wide > 90 || fast(wide))) return x < 0 ? 'after' : 'before'
  if (y > 0 && high > wide * 1.5 && (high > 130 || fast(high))) return 'close'
  return undefined
}
