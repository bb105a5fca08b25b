import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { startStandIns } from '@easel/stand-ins'
import { waitFor } from '@easel/testing'
import sharp from 'sharp'
import { Api } from './support/api.ts'
import { logIn, openWindow, pickWorkflow, startBrowser } from './support/browser.ts'
import { samplerGraph } from './support/graphs.ts'
import { bootstrapKey, startStandalone } from './support/standalone.ts'
import type { Browser, Page } from 'playwright-core'
import type { Json } from './support/api.ts'

const sizes = { phone: [390, 844], laptop: [1280, 800], wide: [1920, 1080] } as const
const themes = ['light', 'dark'] as const
type Size = keyof typeof sizes
type Theme = (typeof themes)[number]

/** An address, and what to do there before the picture is taken. */
type View = { path: string; act?: (page: Page) => Promise<unknown> }

const views: Record<string, View> = {
  create: { path: '/create' },
  queue: { path: '/queue' },
  gallery: { path: '/gallery' },
  asset: {
    path: '/gallery',
    act: (page) =>
      page
        .getByRole('button', { name: /^Open / })
        .first()
        .click(),
  },
  models: { path: '/models' },
  model: { path: '/models?model=civitai:100530' },
  library: { path: '/models?tab=library' },
  bundles: { path: '/models?tab=bundles' },
  downloads: { path: '/downloads' },
  system: { path: '/system' },
  settings: { path: '/settings' },
  palette: { path: '/gallery', act: (page) => page.keyboard.press('Control+k') },
}

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

const prompts = [
  'a lighthouse in a storm, oil on canvas',
  'portrait of a clockmaker, soft window light',
  'an overgrown greenhouse at dawn, volumetric fog',
  'isometric city block, paper craft',
  'two foxes in the snow, woodcut',
  'a tea house on stilts, lanterns, ink wash',
]

await using standIns = await startStandIns()
await using easel = await startStandalone({
  EASEL_CIVITAI_URL: standIns.civitai.url,
  EASEL_HF_URL: standIns.huggingface.url,
  EASEL_ALLOW_PRIVATE_DOWNLOADS: 'true',
  CIVITAI_TOKEN: 'civitai_standinkey',
})
await fill(new Api(easel.url, bootstrapKey))
await using browser = await startBrowser()
await mkdir(folder, { recursive: true })
await beginSession(browser, easel.url)
for (const theme of chosen.themes.split(',') as Theme[]) {
  for (const size of chosen.sizes.split(',') as Size[]) await photograph(browser, { size, theme })
}

/** What a studio looks like when somebody has worked in it. */
async function fill(api: Api): Promise<void> {
  const shapes = [
    [768, 512],
    [512, 768],
    [640, 640],
    [896, 512],
    [512, 640],
  ] as const
  const ids: string[] = []
  for (let index = 0; index < 24; index++) {
    const graph = samplerGraph(1_000 + index * 77, 4)
    const [width, height] = shapes[index % shapes.length]!
    const prompt = prompts[index % prompts.length]!
    Object.assign((graph['5'] as Json).inputs as Json, { width, height })
    Object.assign((graph['6'] as Json).inputs as Json, { text: prompt })
    ids.push(await api.submit(graph, { name: prompt }))
  }
  for (const [modelId] of [['100530'], ['100326'], ['100258']]) {
    await api.send('POST', '/api/downloads', { source: 'civitai', modelId })
  }
  for (const id of ids) await api.finished(id)
  await waitFor(async () => ((await api.get('/api/library/files')).body.items as unknown[]).length >= 3, {
    timeoutMs: 30_000,
  })
  await api.submit(samplerGraph(1, 4), { name: 'Final render of the poster', labels: ['a100'] })
  await api.submit(samplerGraph(2, 400), { name: 'Long one' })
}

async function beginSession(from: Browser, url: string): Promise<void> {
  await using window = await openWindow(from, url)
  await logIn(window.page, admin)
  await pickWorkflow(window.page, samplerGraph(7, 6), 'Harbour at dawn.json')
  await window.page.getByRole('button', { name: 'Run', exact: true }).click()
  await window.page.getByRole('list', { name: 'Results' }).waitFor()
  // The draft is kept a moment after the last change.
  await waitFor(async () => {
    const { body } = await new Api(url, bootstrapKey).get('/api/sessions')
    return (body.items as Json[])[0]?.draft !== null
  })
}

async function photograph(from: Browser, { size, theme }: { size: Size; theme: Theme }): Promise<void> {
  await using window = await openWindow(from, easel.url)
  const { page } = window
  const [width, height] = sizes[size]
  await page.setViewportSize({ width, height })
  await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
  await page.route('https://**', async (route) => {
    await route.fulfill({ contentType: 'image/webp', body: await aPicture(route.request().url()) })
  })
  await logIn(page, admin)
  for (const name of chosen.views.split(',')) {
    const { path, act } = views[name]!
    await page.goto(path)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await settled(page)
    if (act) {
      await act(page)
      await settled(page)
    }
    const shot = await page.screenshot({ animations: 'disabled', timeout: 10_000 })
    const file = join(folder, `${name}-${size}-${theme}.webp`)
    await writeFile(file, await sharp(shot).webp({ quality: 82 }).toBuffer())
    process.stdout.write(`${file}\n`)
  }
}

/** Runs in the page: whether each picture in sight has come. */
const picturesAreThere = `[...document.images].every((image) => {
  const { top, bottom } = image.getBoundingClientRect()
  return image.complete || bottom < 0 || top > innerHeight
})`

/** A view that is not at rest in time is photographed as it is: some of it may never be (a stream, a running job). */
async function settled(page: Page): Promise<void> {
  const patience = { timeout: 4_000 }
  await page
    .getByLabel('Loading')
    .first()
    .waitFor({ state: 'detached', ...patience })
    .catch(() => undefined)
  await page.waitForFunction(picturesAreThere, undefined, patience).catch(() => undefined)
}

/** In place of pictures that lie at their sources. */
async function aPicture(url: string): Promise<Buffer> {
  const hue = [...url].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 360, 7)
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="480" height="640"><defs><linearGradient id="g" x2="0.4" y2="1">
    <stop stop-color="hsl(${hue} 45% 62%)"/><stop offset="1" stop-color="hsl(${(hue + 60) % 360} 40% 28%)"/></linearGradient></defs>
    <rect width="480" height="640" fill="url(#g)"/><circle cx="${120 + (hue % 240)}" cy="240" r="110" fill="hsl(${(hue + 180) % 360} 50% 70%)" opacity=".55"/></svg>`
  return await sharp(Buffer.from(svg)).webp().toBuffer()
}
