import { setTimeout as delay } from 'node:timers/promises'
import { recordFrames } from './frames.ts'
import type { CDPSession, Page } from './window.ts'

export type Scrolled = {
  /** Times between frames, milliseconds. */
  frames: number[]
  /** How long tasks of the page's thread took that were longer than 50 ms. */
  longTasks: number[]
  shift: number
  height: number
}

export type Room = { heap: number; nodes: number; tiles: number }

const gesturePx = 40_000

/** Heap after a collection, and what is in the document. */
export async function measureRoom(page: Page, session: CDPSession): Promise<Room> {
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  const count = (selector: string) => page.evaluate<number>(`document.querySelectorAll('${selector}').length`)
  return { heap: usedSize, nodes: await count('*'), tiles: await count('[data-tile]') }
}

/** Turns the wheel until the end, or until the top again, at a steady speed in pixels a second. */
export async function scroll(
  page: Page,
  session: CDPSession,
  { direction, speed }: { direction: 'down' | 'up'; speed: number },
): Promise<Scrolled> {
  await page.evaluate(observe)
  const stop = await recordFrames(session)
  for (;;) {
    // No further than there is to go: the rest of a gesture would count as one long frame.
    const distance = Math.min(gesturePx, Math.max(1, await leftOf(page, direction)))
    await session.send('Input.synthesizeScrollGesture', {
      x: 700,
      y: 500,
      yDistance: direction === 'down' ? -distance : distance,
      speed,
      gestureSourceType: 'mouse',
      preventFling: true,
    })
    if (await isAtEnd(page, direction)) break
  }
  const frames = await stop()
  const { longTasks, shift, height } = await page.evaluate<Omit<Scrolled, 'frames'>>(
    `({ ...globalThis.seen, height: document.querySelector('#view').scrollHeight })`,
  )
  return { frames, longTasks, shift, height }
}

/** A page of the list may be on its way: then the end moves on. */
async function isAtEnd(page: Page, direction: 'down' | 'up'): Promise<boolean> {
  if ((await leftOf(page, direction)) >= 10) return false
  await delay(1_000)
  return (await leftOf(page, direction)) < 10
}

/** Pixels to the end of what is known. */
async function leftOf(page: Page, direction: 'down' | 'up'): Promise<number> {
  const { above, below } = await page.evaluate<{ above: number; below: number }>(
    `(({ scrollTop, scrollHeight, clientHeight }) =>
      ({ above: scrollTop, below: scrollHeight - clientHeight - scrollTop }))(document.querySelector('#view'))`,
  )
  return direction === 'down' ? below : above
}

/** Runs in the page. */
const observe = `
  globalThis.seen = { longTasks: [], shift: 0 }
  globalThis.observers?.forEach((observer) => observer.disconnect())
  globalThis.observers = ['longtask', 'layout-shift'].map((type) => {
    const observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        if (type === 'longtask') globalThis.seen.longTasks.push(entry.duration)
        else if (!entry.hadRecentInput) globalThis.seen.shift += entry.value
      }
    })
    observer.observe({ type })
    return observer
  })
  undefined
`
