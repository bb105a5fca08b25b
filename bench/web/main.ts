import { mkdtemp, rm } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startServers } from '@easel/embedded'
import { Api } from '../../e2e/support/api.ts'
import { logIn, openWindow, startBrowser } from '../../e2e/support/browser.ts'
import { bootstrapKey, startStandalone } from '../../e2e/support/standalone.ts'
import { fillGallery } from './fill.ts'
import { measureFirstLoad } from './first-load.ts'
import { measureRoom, scroll } from './scroll.ts'
import type { FirstLoad } from './first-load.ts'
import type { Room, Scrolled } from './scroll.ts'

const { values } = parseArgs({
  options: {
    assets: { type: 'string', default: '10000' },
    pictures: { type: 'string', default: '300' },
    /** Pixels a second. */
    speed: { type: 'string', default: '8000' },
    rounds: { type: 'string', default: '2' },
    loads: { type: 'string', default: '5' },
    /** A folder to keep what is filled in for the next run. */
    home: { type: 'string' },
    /** Another build of the page than that of this checkout. */
    web: { type: 'string' },
  },
})
const speed = Number(values.speed)
const admin = { email: 'admin@easel.local', password: 'a long pass phrase for tests' }

await using cleaning = new AsyncDisposableStack()
const home = values.home ?? (await mkdtemp(join(tmpdir(), 'easel-bench-web-')))
if (values.home === undefined) cleaning.defer(() => rm(home, { recursive: true, force: true }))
const servers = cleaning.use(await startServers({ home: join(home, 'own-servers') }))
const easel = cleaning.use(
  await startStandalone({
    EASEL_HOME: join(home, 'easel'),
    EASEL_DATABASE_URL: servers.urls.postgres,
    EASEL_NATS_URL: servers.urls.nats,
    EASEL_REDIS_URL: servers.urls.redis,
    EASEL_LOG_LEVEL: 'error',
    ...(values.web !== undefined && { EASEL_WEB_DIRECTORY: values.web }),
  }),
)
const began = performance.now()
await fillGallery(new Api(easel.url, bootstrapKey), servers.urls.postgres, {
  assets: Number(values.assets),
  pictures: Number(values.pictures),
})
console.log(`${values.assets} assets are there after ${((performance.now() - began) / 1_000).toFixed(0)} s`)

const browser = cleaning.use(await startBrowser())
const window = cleaning.use(await openWindow(browser, easel.url))
const { page, context } = window
await logIn(page, admin)

const cookies = await context.cookies()
const loads: FirstLoad[] = []
for (let load = 0; load < Number(values.loads); load++)
  loads.push(await measureFirstLoad(browser, { url: easel.url, cookies }))
report('first load of the gallery (medians)', [
  ['JavaScript of the page, kB', median(loads, ({ frameBytes }) => frameBytes) / 1_000],
  ['of the view besides, kB', median(loads, ({ viewBytes }) => viewBytes) / 1_000],
  ['first paint, ms', median(loads, ({ firstPaintMs }) => firstPaintMs)],
  ['pictures there, usable, ms', median(loads, ({ usableMs }) => usableMs)],
  ['layout shift', median(loads, ({ shift }) => shift)],
])

await page.goto('/gallery')
await page.locator('[data-tile] img').first().waitFor()
const session = await context.newCDPSession(page)
room('at the start', await measureRoom(page, session))
for (let round = 1; round <= Number(values.rounds); round++) {
  scrolled(`round ${round}, to the end`, await scroll(page, session, { direction: 'down', speed }))
  room('at the end', await measureRoom(page, session))
  scrolled(`round ${round}, to the top`, await scroll(page, session, { direction: 'up', speed }))
  room('at the top', await measureRoom(page, session))
}
console.log(
  `\nload of the machine over the last minutes: ${loadavg()
    .map((load) => load.toFixed(1))
    .join(', ')}`,
)
if (window.problems.length > 0) console.log('the page complained:', window.problems)

function scrolled(title: string, { frames, longTasks, shift, height }: Scrolled): void {
  report(`${title}: ${height.toLocaleString('en')} px at ${speed.toLocaleString('en')} px/s`, [
    ['frames', frames.length],
    ['frames over 50 ms', frames.filter((time) => time > 50).length],
    ['frame p50, ms', percentile(frames, 0.5)],
    ['frame p95, ms', percentile(frames, 0.95)],
    ['frame p99, ms', percentile(frames, 0.99)],
    ['longest frame, ms', Math.max(0, ...frames)],
    ['tasks over 50 ms', longTasks.length],
    ['longest task, ms', Math.max(0, ...longTasks)],
    ['layout shift', shift],
  ])
}

function room(title: string, { heap, nodes, tiles }: Room): void {
  report(title, [
    ['heap, MB', heap / 1e6],
    ['elements', nodes],
    ['tiles', tiles],
  ])
}

function median<T>(all: readonly T[], of: (one: T) => number): number {
  return percentile(all.map(of), 0.5)
}

function percentile(all: readonly number[], share: number): number {
  const sorted = all.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

function report(title: string, rows: readonly [string, number][]): void {
  console.log(`\n${title}`)
  for (const [name, value] of rows)
    console.log(`  ${name.padEnd(28)} ${Number.isInteger(value) ? value : value.toFixed(2)}`)
}
