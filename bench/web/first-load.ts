import { waitFor } from '@easel/testing'
import { openWindow } from '../../e2e/support/browser.ts'

export type FirstLoad = {
  /** Compressed bytes of JavaScript that the page begins with, and of the view's own. */
  frameBytes: number
  viewBytes: number
  firstPaintMs: number
  /** The first pictures are there and their tiles can be pressed. */
  usableMs: number
  shift: number
}

/** Runs in the page before anything of it: says when its first pictures have come. */
const watch = `
  globalThis.shift = 0
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) globalThis.shift += entry.value
  }).observe({ type: 'layout-shift', buffered: true })
  const look = () => {
    const pictures = [...document.querySelectorAll('[data-tile] img')].slice(0, 6)
    if (pictures.length === 6 && pictures.every(({ complete }) => complete)) globalThis.usableAt = performance.now()
    else requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
`

/** A browser that has never seen the page, already logged in. */
export async function measureFirstLoad(
  browser: Parameters<typeof openWindow>[0],
  { url, cookies }: { url: string; cookies: readonly object[] },
): Promise<FirstLoad> {
  await using window = await openWindow(browser, url)
  const { page, context } = window
  await context.addCookies(cookies as Parameters<typeof context.addCookies>[0])
  await page.addInitScript(watch)
  const session = await context.newCDPSession(page)
  const urls = new Map<string, string>()
  const bytes = new Map<string, number>()
  session.on('Network.responseReceived', ({ type, requestId, response }) => {
    if (type === 'Script') urls.set(requestId, new URL(response.url).pathname)
  })
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const path = urls.get(requestId)
    if (path !== undefined) bytes.set(path, encodedDataLength)
  })
  await session.send('Network.enable')
  await page.goto('/gallery')
  await waitFor(() => page.evaluate<number>('globalThis.usableAt'), {
    timeoutMs: 60_000,
    describe: 'the first pictures',
  })
  const { paint, usableAt, shift } = await page.evaluate<{ paint: number; usableAt: number; shift: number }>(
    `({ paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,
        usableAt: globalThis.usableAt, shift: globalThis.shift })`,
  )
  const html = await (await fetch(url)).text()
  const sum = (isFirst: boolean) =>
    [...bytes].reduce((total, [path, size]) => total + (html.includes(path) === isFirst ? size : 0), 0)
  return { frameBytes: sum(true), viewBytes: sum(false), firstPaintMs: paint, usableMs: usableAt, shift }
}
