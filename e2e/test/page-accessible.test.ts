import { startStandIns } from '@easel/stand-ins'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { accessibilityFaults, anyFault } from '../support/accessibility.ts'
import { Api } from '../support/api.ts'
import { logIn, openWindow, startBrowser } from '../support/browser.ts'
import { colourGraph, invertGraph, samplerGraph } from '../support/graphs.ts'
import { bootstrapKey, startStandalone } from '../support/standalone.ts'
import type { Browser, Page } from 'playwright-core'
import type { Standalone } from '../support/standalone.ts'

const admin = { email: 'admin@easel.local', password: 'a long pass phrase for tests' }

let stack: AsyncDisposableStack
let easel: Standalone
let browser: Browser

beforeAll(async () => {
  await using building = new AsyncDisposableStack()
  const standIns = building.use(await startStandIns())
  easel = building.use(
    await startStandalone({
      EASEL_CIVITAI_URL: standIns.civitai.url,
      EASEL_HF_URL: standIns.huggingface.url,
      EASEL_ALLOW_PRIVATE_DOWNLOADS: 'true',
    }),
  )
  browser = building.use(await startBrowser())
  await work(new Api(easel.url, bootstrapKey))
  stack = building.move()
}, 120_000)

afterAll(() => stack.disposeAsync(), 60_000)

/** Something of every kind is there to be looked at. */
async function work(api: Api): Promise<void> {
  const form = new FormData()
  form.set('file', new Blob(['this is no picture']), 'broken.png')
  const { body: broken } = await api.send('POST', '/api/assets', form)
  const graphs = [colourGraph(), samplerGraph(3, 2), invertGraph(`asset:${broken.id}`)]
  for (const [at, graph] of graphs.entries())
    await api.finished(await api.submit(graph, { name: `Job ${at}` }))
  await api.submit(colourGraph(9), { name: 'Waits for ever', labels: ['nobody-has-it'] })
  await api.send('POST', '/api/downloads', { source: 'civitai', modelId: '100530' })
  const missing = {
    ...samplerGraph(1),
    '4': {
      class_type: 'CheckpointLoaderSimple',
      inputs: { ckpt_name: 'silver_workshop_film_v10.safetensors' },
    },
  }
  const draft = { name: 'Harbour', graph: missing, values: {}, times: 1, seeds: 'random' }
  await api.send('POST', '/api/sessions', { kind: 'workflow', title: 'Harbour', draft })
}

/** `loose`: a menu is beside the landmarks for as long as it is open. */
type View = { name: string; path: string; act?: (page: Page) => Promise<unknown>; loose?: true }

const dialog = (page: Page) => page.getByRole('dialog').first().waitFor()
const openWith = (key: string) => async (page: Page) => {
  await page.locator('body').press(key)
  await dialog(page)
}

const views: readonly View[] = [
  {
    name: 'Create',
    path: '/create',
    act: (page) => page.getByText('of this workflow is not here').waitFor(),
  },
  { name: 'Queue', path: '/queue' },
  {
    name: 'a failed job',
    path: '/queue',
    act: async (page) => {
      await page.getByRole('button', { name: /Job 2/ }).first().click()
      await page.getByText('The node LoadImage failed').first().waitFor()
    },
  },
  { name: 'Gallery', path: '/gallery' },
  {
    name: 'the light box',
    path: '/gallery',
    act: async (page) => {
      await page
        .getByRole('button', { name: /^Open / })
        .first()
        .click()
      await dialog(page)
    },
  },
  { name: 'Models', path: '/models' },
  { name: 'a model', path: '/models?model=civitai:100530', act: dialog },
  { name: 'Library', path: '/models?tab=library' },
  { name: 'Bundles', path: '/models?tab=bundles' },
  { name: 'Downloads', path: '/downloads' },
  { name: 'System', path: '/system' },
  { name: 'Settings', path: '/settings' },
  { name: 'Users', path: '/settings?part=users' },
  { name: 'the palette', path: '/queue', act: openWith('Control+k') },
  { name: 'the list of keys', path: '/gallery', act: openWith('?') },
  {
    name: 'the menu of the user',
    path: '/queue',
    loose: true,
    act: async (page) => {
      await page.getByRole('navigation', { name: 'Views' }).getByRole('button').last().click()
      await page.getByRole('menu').waitFor()
    },
  },
]

test.each([
  { colours: 'light', width: 1280 },
  { colours: 'dark', width: 1280 },
  { colours: 'light', width: 390 },
  { colours: 'dark', width: 390 },
] as const)(
  'every view and dialog is accessible, $colours at $width',
  { timeout: 180_000 },
  async ({ colours, width }) => {
    await using window = await openWindow(browser, easel.url)
    const { page } = window
    await page.setViewportSize({ width, height: 844 })
    await page.emulateMedia({ colorScheme: colours, reducedMotion: 'reduce' })
    await page.route(/^https:/, (route) => route.abort())
    await page.goto('/login')
    await page.getByLabel('E-mail').waitFor()
    const found = (await accessibilityFaults(page, anyFault)).map((fault) => `Log in: ${fault}`)
    await logIn(page, admin)

    for (const { name, path, act, loose } of views) {
      await page.goto(path)
      await page.locator('h1').first().waitFor({ state: 'attached' })
      await act?.(page)
      const faults = await accessibilityFaults(page, loose ? undefined : anyFault)
      found.push(...faults.map((fault) => `${name}: ${fault}`))
    }

    expect(found).toEqual([])
  },
)

test('a dialog keeps the focus, and gives it back to where it came from', async () => {
  await using window = await openWindow(browser, easel.url)
  const { page } = window
  await logIn(page, admin)
  await page.goto('/gallery')
  const opener = page.getByRole('button', { name: /^Open / }).first()
  await opener.focus()
  await page.keyboard.press('?')
  await page.getByRole('dialog', { name: 'Keys' }).waitFor()

  for (let at = 0; at < 6; at++) {
    await page.keyboard.press('Tab')
    const inside = await page.evaluate<boolean>(
      `document.activeElement === document.body || document.activeElement.closest('[role=dialog], [data-base-ui-focus-guard]') !== null`,
    )
    expect(inside).toBe(true)
  }
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })

  const name = await opener.getAttribute('aria-label')
  await expect
    .poll(() => page.evaluate<string | null>(`document.activeElement.getAttribute('aria-label')`))
    .toBe(name)
})
