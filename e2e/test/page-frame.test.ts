import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Api } from '../support/api.ts'
import { logIn, openWindow, pickWorkflow, startBrowser } from '../support/browser.ts'
import { startCuttable } from '../support/cuttable.ts'
import { colourGraph, samplerGraph } from '../support/graphs.ts'
import { bootstrapKey, startStandalone } from '../support/standalone.ts'
import type { Browser } from 'playwright-core'
import type { Standalone } from '../support/standalone.ts'

const admin = { email: 'admin@easel.local', password: 'a long pass phrase for tests' }

let stack: AsyncDisposableStack
let easel: Standalone
let browser: Browser
let api: Api

beforeAll(async () => {
  await using building = new AsyncDisposableStack()
  easel = building.use(await startStandalone())
  browser = building.use(await startBrowser())
  api = new Api(easel.url, bootstrapKey)
  stack = building.move()
}, 120_000)

afterAll(() => stack.disposeAsync(), 60_000)

test(
  'a page whose network was away shows the end of what ran meanwhile, and says both',
  { timeout: 90_000 },
  async () => {
    await using network = await startCuttable(easel.url)
    await using window = await openWindow(browser, network.url)
    const { page, problems } = window
    await logIn(page, admin)
    await page.goto('/queue')
    const waiting = await api.submit(colourGraph(), { name: 'Waits', labels: ['nobody-has-it'] })
    const running = await api.submit(samplerGraph(1, 150), { name: 'Runs on' })
    const row = (name: string) => page.getByRole('listitem').filter({ hasText: name }).first()
    await row('Runs on').getByText('Running').waitFor()
    await row('Waits').getByText('Waiting').waitFor()

    network.cut()
    const cutAt = performance.now()
    const notice = page.getByText('The server cannot be reached')
    await notice.waitFor()
    // What is known stays.
    expect(await row('Runs on').isVisible()).toBe(true)
    await api.send('POST', `/api/jobs/${waiting}/cancel`)
    await api.finished(running)
    await expect.poll(() => performance.now() - cutAt, { timeout: 20_000 }).toBeGreaterThan(10_000)
    network.mend()

    await row('Runs on').getByText('Done').waitFor()
    await row('Waits').getByText('Canceled').waitFor()
    await page.getByText('The server is back').waitFor()
    await page.getByText('The server is back').waitFor({ state: 'detached' })
    expect(await notice.count()).toBe(0)
    expect(problems.filter((problem) => !/WebSocket/.test(problem))).toEqual([])
  },
)

test('everything of the frame can be done with keys alone', async () => {
  await using window = await openWindow(browser, easel.url)
  const { page, problems } = window
  await logIn(page, admin)
  await page.goto('/settings')
  await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor()
  await page.locator('body').press('g')
  await page.keyboard.press('q')
  await page.getByRole('heading', { level: 1, name: 'Queue' }).waitFor()
  expect(await page.title()).toBe('Queue · Easel')

  await page.keyboard.press('?')
  const keys = page.getByRole('dialog', { name: 'Keys' })
  await keys.getByText('Go to Gallery').waitFor()
  await page.keyboard.press('Escape')
  await keys.waitFor({ state: 'detached' })

  await page.keyboard.press('Control+k')
  const palette = page.getByRole('dialog', { name: 'Go to' })
  await palette.getByRole('option', { name: /^Create/ }).waitFor()
  await page.keyboard.type('down')
  await palette.getByRole('option', { name: /^Create/ }).waitFor({ state: 'detached' })
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'Downloads' }).waitFor()

  await page.keyboard.press('Control+k')
  await palette.waitFor()
  await page.keyboard.type('g q is what is written')
  await palette.getByText('g q is what is written').first().waitFor()
  await page.keyboard.press('Escape')
  await palette.waitFor({ state: 'detached' })
  expect(new URL(page.url()).pathname).toBe('/downloads')
  expect(problems).toEqual([])
})

test('the palette finds sessions, jobs by their id, and what is in the gallery', async () => {
  const graph = samplerGraph(5, 2)
  graph['6'].inputs.text = 'a heron over the marsh'
  const id = await api.submit(graph, { name: 'Heron' })
  await api.finished(id)
  await api.send('POST', '/api/sessions', { kind: 'workflow', title: 'Marsh birds' })
  await using window = await openWindow(browser, easel.url)
  const { page } = window
  await logIn(page, admin)
  const palette = page.getByRole('dialog', { name: 'Go to' })
  const find = async (text: string) => {
    await page.keyboard.press('Control+k')
    await palette.getByRole('combobox', { name: 'Go to' }).fill(text)
  }

  await find('marsh birds')
  await palette.getByRole('option', { name: /Marsh birds/ }).click()
  await page.waitForURL(/\/create\?session=/)

  await find(id)
  await palette.getByRole('option', { name: /Heron/ }).click()
  await page.waitForURL(`**/queue?job=${id}`)

  await find('heron over')
  await palette
    .getByRole('option', { name: /a heron over the marsh/ })
    .first()
    .click()
  await page.waitForURL(/\/gallery\?asset=/)
  expect(await palette.count()).toBe(0)
})

test('another space is shown in the same view, and another tab keeps its own', async () => {
  const { body: space } = await api.send('POST', '/api/spaces', { name: 'Posters', slug: 'posters' })
  await new Api(easel.url, bootstrapKey, {
    authorization: `Bearer ${bootstrapKey}`,
    'x-space': space.id as string,
  }).submit(colourGraph(), { name: 'Of the posters' })
  const own = await api.submit(colourGraph(7), { name: 'Of my own' })
  await api.finished(own)
  await using window = await openWindow(browser, easel.url)
  const { page, context } = window
  await logIn(page, admin)
  await page.goto('/queue')
  await page.getByText('Of my own').first().waitFor()
  const other = await context.newPage()
  await other.goto('/queue')
  await other.getByText('Of my own').first().waitFor()

  await page.getByRole('button', { name: /^Space: / }).click()
  await page.getByRole('menuitemradio', { name: 'Posters' }).click()
  await page.getByText('Of the posters').first().waitFor()

  expect(new URL(page.url()).pathname).toBe('/queue')
  expect(await page.getByText('Of my own').count()).toBe(0)
  await other.reload()
  await other.getByText('Of my own').first().waitFor()
  await page.reload()
  await page.getByText('Of the posters').first().waitFor()
})

test('what happens in another space of the same person changes nothing here', async () => {
  await using window = await openWindow(browser, easel.url)
  const { page } = window
  await logIn(page, admin)
  const { body: space } = await api.send('POST', '/api/spaces', { name: 'Elsewhere', slug: 'elsewhere' })
  const there = new Api(easel.url, bootstrapKey, {
    authorization: `Bearer ${bootstrapKey}`,
    'x-space': space.id as string,
  })
  await page.goto('/gallery')
  await page.getByRole('heading', { level: 1 }).waitFor()

  const graph = samplerGraph(11, 2)
  graph['6'].inputs.text = 'of elsewhere'
  const { assetId } = (await there.finished(await there.submit(graph))).outputs[0]
  const mine = samplerGraph(12, 2)
  mine['6'].inputs.text = 'of here'
  const own = (await api.finished(await api.submit(mine))).outputs[0]

  await page.locator(`[src*="${own.assetId}"]`).first().waitFor()
  expect(await page.locator(`[src*="${assetId}"]`).count()).toBe(0)
})

test('chosen colours are there before the first paint of the next visit', async () => {
  await using window = await openWindow(browser, easel.url)
  const { page } = window
  await page.emulateMedia({ colorScheme: 'light' })
  await logIn(page, admin)
  await page.getByRole('button', { name: /Admin/ }).last().click()
  await page.getByRole('menuitemradio', { name: 'Dark' }).click()
  await page.locator('html.dark').waitFor()
  await page.addInitScript(`{
    globalThis.seen = []
    const look = () => {
      if (document.body) seen.push(getComputedStyle(document.body).colorScheme)
      if (seen.length < 30) requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
  }`)

  await page.reload()
  await page.getByRole('heading', { level: 1 }).waitFor()

  const seen = await page.evaluate<string[]>('globalThis.seen')
  expect(new Set(seen)).toEqual(new Set(['dark']))
})

test('a log-in that ends in the middle is renewed where one was, and nothing written is lost', async () => {
  await using window = await openWindow(browser, easel.url)
  const { page, context } = window
  await logIn(page, admin)
  const { body: session } = await api.send('POST', '/api/sessions', { kind: 'workflow', title: 'To be kept' })
  await page.goto(`/create?session=${session.id}`)
  await pickWorkflow(page, samplerGraph(21, 4))
  const where = page.url()
  await context.clearCookies()

  await page.getByRole('textbox', { name: /^Prompt/ }).fill('written before the log-in had ended')
  const again = page.getByRole('dialog', { name: 'Log in again' })
  await again.waitFor()
  expect(await again.getByLabel('E-mail').inputValue()).toBe(admin.email)
  await again.getByLabel('Password').fill('not this one')
  await again.getByRole('button', { name: 'Log in' }).click()
  await again.getByRole('alert').waitFor()
  await again.getByLabel('Password').fill(admin.password)
  await again.getByRole('button', { name: 'Log in' }).click()
  await again.waitFor({ state: 'detached' })

  expect(page.url()).toBe(where)
  const prompt = page.getByRole('textbox', { name: /^Prompt/ })
  expect(await prompt.inputValue()).toBe('written before the log-in had ended')
  await expect
    .poll(async () => JSON.stringify((await api.get(`/api/sessions/${session.id}`)).body.draft), {
      timeout: 20_000,
    })
    .toContain('written before the log-in had ended')
  // And the event stream goes on.
  await page.goto('/queue')
  await api.submit(colourGraph(3), { name: 'After the log-in' })
  await page.getByText('After the log-in').first().waitFor()
})

test('a log-in that is ended elsewhere is noticed without a click', async () => {
  await using window = await openWindow(browser, easel.url)
  const { page } = window
  await logIn(page, admin)
  await page.getByRole('heading', { level: 1 }).waitFor()
  await page.context().request.post('/api/auth/logout', { headers: { origin: easel.url } })

  const again = page.getByRole('dialog', { name: 'Log in again' })
  await again.waitFor()
  expect(await again.getByLabel('E-mail').inputValue()).toBe(admin.email)
})

test('a view whose code is gone says that a new version is here, and leaves the frame alone', async () => {
  await using window = await openWindow(browser, easel.url)
  const { page } = window
  await logIn(page, admin)
  await page.getByRole('heading', { level: 1 }).waitFor()
  await page.route(/assets\/system-page-.*\.js/, (route) => route.fulfill({ status: 404, body: '' }))

  await page.getByRole('link', { name: 'System' }).click()
  await page.getByText('A new version of Easel is here').waitFor()
  expect(await page.getByRole('link', { name: 'Queue' }).isVisible()).toBe(true)

  await page.unroute(/assets\/system-page-.*\.js/)
  await page.getByRole('button', { name: 'Reload' }).click()
  await page.getByRole('heading', { level: 1, name: 'System' }).waitFor()
})

test('an address that leads nowhere says so, and leads back', async () => {
  await using window = await openWindow(browser, easel.url)
  const { page } = window
  await logIn(page, admin)
  await page.goto('/nowhere/at/all')
  await page.getByText('There is no such page').waitFor()

  await page.getByRole('link', { name: 'To the studio' }).click()
  await page.getByRole('heading', { level: 1, name: 'Create' }).waitFor()
  expect(new URL(page.url()).pathname).toBe('/create')
})

const views = [
  '/create',
  '/queue',
  '/gallery',
  '/models',
  '/models?tab=library',
  '/downloads',
  '/system',
  '/settings',
]

test('a page at rest asks for nothing', async () => {
  await using window = await openWindow(browser, easel.url)
  await logIn(window.page, admin)

  const asked = await Promise.all(
    views.map(async (view) => {
      const page = await window.context.newPage()
      await page.goto(view)
      await page.getByRole('heading', { level: 1 }).waitFor()
      let urls: string[] = []
      let last = Date.now()
      page.on('request', (request) => {
        urls.push(`${view}: ${request.url()}`)
        last = Date.now()
      })
      await expect.poll(() => Date.now() - last, { timeout: 20_000, interval: 200 }).toBeGreaterThan(2_000)
      urls = []
      // Time in which nothing happens is what is looked at.
      await page.waitForTimeout(4_000)
      return urls
    }),
  )

  expect(asked.flat()).toEqual([])
})

const names = [
  `an-endless-name-without-a-single-space-${'x'.repeat(120)}`,
  'اسم طويل جدا لجلسة عمل تكتب من اليمين إلى اليسار ولا تنتهي في سطر واحد أبدا',
  `${'👩🏽‍🚀🎨'.repeat(20)} 𝔘𝔫𝔦𝔠𝔬𝔡𝔢`,
]

test('names of every kind and length fit on a phone, also in large text', { timeout: 90_000 }, async () => {
  for (const [index, name] of names.entries()) {
    await api.submit(colourGraph(index), { name, labels: ['nobody-has-it'] })
    await api.send('POST', '/api/sessions', { kind: 'workflow', title: name })
    await api.send('POST', '/api/spaces', { name: name.slice(0, 100), slug: `name-${index}` })
  }
  await using window = await openWindow(browser, easel.url)
  const { page } = window
  await page.setViewportSize({ width: 390, height: 844 })
  await logIn(page, admin)
  const wide: string[] = []
  for (const view of views) {
    await page.goto(view)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.waitForLoadState('networkidle')
    wide.push(...(await page.evaluate<string[]>(overflows)).map((what) => `${view}: ${what}`))
    // As somebody who has set their browser to letters of twice the size.
    await page.addStyleTag({ content: ':root, html { font-size: 32px !important }' })
    wide.push(...(await page.evaluate<string[]>(overflows)).map((what) => `${view} in large text: ${what}`))
  }

  expect(wide).toEqual([])
})

/** Runs in the page: what is wider than the window, or scrolls to the side that should not. */
const overflows = `(() => {
  const main = document.querySelector('main')
  const isWide = (element) => element.scrollWidth > element.clientWidth + 1
  if (!isWide(document.documentElement) && !isWide(main)) return []
  const scrolls = (element) => /auto|scroll|hidden|clip/.test(getComputedStyle(element).overflowX)
  const culprits = [...main.querySelectorAll('*')].filter((element) => {
    if (element.getBoundingClientRect().right <= innerWidth + 1) return false
    for (let outer = element.parentElement; outer && outer !== main; outer = outer.parentElement)
      if (scrolls(outer)) return false
    return true
  })
  const [first] = culprits
  return [\`\${culprits.length} elements, such as \${first?.outerHTML.slice(0, 200)} (\${first?.textContent?.slice(0, 60)})\`]
})()`

test('the first load is under 200 kB of compressed JavaScript', async () => {
  const root = process.env.EASEL_WEB_DIRECTORY ?? join(import.meta.dirname, '../../apps/web/dist')
  const html = await readFile(join(root, 'index.html'), 'utf8')
  const loaded = new Set<string>()
  const load = async (path: string): Promise<void> => {
    if (loaded.has(path)) return
    loaded.add(path)
    const text = await readFile(join(root, path), 'utf8')
    for (const [, name] of text.matchAll(/(?:from|import)\s*"\.\/([\w.-]+\.js)"/g))
      await load(`assets/${name}`)
  }
  for (const [, path] of html.matchAll(/(?:src|href)="\/([\w./-]+\.js)"/g)) await load(path!)

  const sizes = await Promise.all(
    [...loaded].map(async (path) => gzipSync(await readFile(join(root, path))).length),
  )
  const total = sizes.reduce((sum, size) => sum + size, 0)

  expect(loaded.size).toBeGreaterThan(3)
  expect(total).toBeLessThan(200_000)
})

test('the page is sent compressed, its files for ever, and may not be framed', async () => {
  const ask = (path: string) => fetch(easel.url + path, { headers: { 'accept-encoding': 'br' } })
  const index = await ask('/gallery')
  const [script] = /\/assets\/index-[\w-]+\.js/.exec(await index.text()) ?? []

  expect(index.headers.get('cache-control')).toBe('no-cache')
  const policy = index.headers.get('content-security-policy')
  expect(policy).toContain("script-src 'self';")
  expect(policy).toContain("frame-ancestors 'none'")
  const { headers } = await ask(script!)
  expect(headers.get('content-encoding')).toBe('br')
  expect(headers.get('cache-control')).toContain('immutable')
})
