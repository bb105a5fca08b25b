import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { paint } from '@easel/comfy-sim'
import { startStandIns } from '@easel/stand-ins'
import { waitFor } from '@easel/testing'
import sharp from 'sharp'
import { Api } from './support/api.ts'
import { logIn, openWindow, pickWorkflow, startBrowser } from './support/browser.ts'
import { bootstrapKey, startStandalone } from './support/standalone.ts'
import { beginSession, pictureGraph, runOn, workIn } from './support/worked-in.ts'
import type { Browser, Page } from 'playwright-core'

const sizes = { phone: [390, 844], laptop: [1280, 800], wide: [1920, 1080] } as const
const themes = ['light', 'dark'] as const
type Size = keyof typeof sizes
type Theme = (typeof themes)[number]

/** An address, and what to do there before the picture is taken. */
type View = { path: string; act?: (page: Page) => Promise<unknown> }

const views: Record<string, View> = {
  login: { path: '/login' },
  create: { path: '/create' },
  queue: { path: '/queue' },
  job: {
    path: '/queue',
    act: (page) =>
      page
        .getByRole('button', { name: /Seamless tile of moss/ })
        .first()
        .click(),
  },
  gallery: { path: '/gallery' },
  asset: {
    path: '/gallery',
    act: (page) =>
      page
        .getByRole('button', { name: /^Open / })
        .first()
        .click(),
  },
  models: { path: '/models?source=civitai' },
  model: { path: '/models?model=civitai:100530' },
  library: { path: '/models?tab=library' },
  collections: { path: '/models?tab=collections' },
  bundles: { path: '/models?tab=bundles' },
  downloads: { path: '/downloads' },
  system: { path: '/system' },
  settings: { path: '/settings' },
  users: { path: '/settings?part=users' },
  palette: { path: '/gallery', act: (page) => openWith(page, 'Control+k') },
  keys: { path: '/gallery', act: (page) => openWith(page, '?') },
}

/** Runs in the page: resolves when each picture in sight has come and can be painted. */
const picturesAreThere = `Promise.all(
  [...document.images]
    .filter((image) => {
      const { top, bottom, width } = image.getBoundingClientRect()
      return bottom > 0 && top < innerHeight && width > 0
    })
    .map((image) => image.decode().catch(() => undefined)),
).then(() => true)`

const { values: chosen } = parseArgs({
  options: {
    views: { type: 'string', default: Object.keys(views).join(',') },
    sizes: { type: 'string', default: Object.keys(sizes).join(',') },
    themes: { type: 'string', default: themes.join(',') },
    out: { type: 'string', default: join(import.meta.dirname, '../docs/screenshots') },
  },
})
const folder = resolve(chosen.out)
const admin = { email: 'admin@easel.local', password: 'a long pass phrase for tests' }

await using standIns = await startStandIns()
await using easel = await startStandalone({
  EASEL_CIVITAI_URL: standIns.civitai.url,
  EASEL_HF_URL: standIns.huggingface.url,
  EASEL_ALLOW_PRIVATE_DOWNLOADS: 'true',
  CIVITAI_TOKEN: 'civitai_standinkey',
  EASEL_WORKER_ID: 'workshop-1',
})
await workIn(new Api(easel.url, bootstrapKey), standIns)
await using browser = await startBrowser()
await mkdir(folder, { recursive: true })
await work(browser, easel.url)
for (const theme of chosen.themes.split(',') as Theme[]) {
  for (const size of chosen.sizes.split(',') as Size[]) await photograph(browser, { size, theme })
}

/** The newest session, as Create opens it: some results, and one that runs. */
async function work(from: Browser, url: string): Promise<void> {
  const api = new Api(url, bootstrapKey)
  const sessionId = await beginSession(api, 'Harbour at dawn')
  await using window = await openWindow(from, url)
  await logIn(window.page, admin)
  await window.page.goto(`/create?session=${sessionId}`)
  await pickWorkflow(window.page, pictureGraph(1, 24), 'Harbour at dawn.json')
  for (const at of [10, 1, 4])
    await api.finished(await api.submit(pictureGraph(at), { sessionId, name: 'Harbour at dawn' }))
  // The draft is kept a moment after the last change.
  await waitFor(async () => (await api.get(`/api/sessions/${sessionId}`)).body.draft !== null)
  await runOn(api, { sessionId })
}

async function photograph(from: Browser, { size, theme }: { size: Size; theme: Theme }): Promise<void> {
  await using window = await openWindow(from, easel.url)
  const { page } = window
  const [width, height] = sizes[size]
  await page.setViewportSize({ width, height })
  await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
  await page.route(/^https:/, async (route) => {
    await route.fulfill({ contentType: 'image/webp', body: await aPicture(route.request().url()) })
  })
  await logIn(page, admin)
  for (const name of chosen.views.split(',')) {
    const { path, act } = views[name]!
    await page.goto(path)
    // Not by its role: a dialog over it hides it from readers.
    await page.locator('h1').first().waitFor({ state: 'attached' })
    await settled(page)
    if (act) {
      await act(page)
      await settled(page)
    }
    const shot = await page.screenshot({ animations: 'disabled', timeout: 10_000 })
    const file = join(folder, `${name}-${size}-${theme}.webp`)
    await writeFile(file, await sharp(shot).webp({ quality: 78 }).toBuffer())
    process.stdout.write(`${file}\n`)
  }
}

/** A view that is not at rest in time is photographed as it is: some of it may never be (a stream, a running job). */
async function settled(page: Page): Promise<void> {
  const patience = { timeout: 8_000 }
  await page
    .getByLabel('Loading')
    .first()
    .waitFor({ state: 'detached', ...patience })
    .catch(() => undefined)
  await page.waitForFunction(picturesAreThere, undefined, patience).catch(() => undefined)
}

async function openWith(page: Page, key: string): Promise<void> {
  await page.keyboard.press(key)
  await page.getByRole('dialog').waitFor()
}

/** In place of pictures that lie at their sources. The foot, where it says that it is simulated, is cut off. */
async function aPicture(url: string): Promise<Buffer> {
  const size = { width: 450, height: 640 }
  const { data } = paint({ ...size, seed: url, text: '', model: '', index: 0 })
  return await sharp(data, { raw: { ...size, channels: 3 } })
    .extract({ left: 0, top: 0, width: size.width, height: 590 })
    .webp()
    .toBuffer()
}
