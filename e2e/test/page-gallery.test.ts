import { waitFor } from '@easel/testing'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Api } from '../support/api.ts'
import { logIn, openWindow, startBrowser } from '../support/browser.ts'
import { samplerGraph } from '../support/graphs.ts'
import { bootstrapKey, startStandalone } from '../support/standalone.ts'
import type { Browser, Page } from 'playwright-core'
import type { Json } from '../support/api.ts'
import type { Standalone } from '../support/standalone.ts'

const admin = { email: 'admin@easel.local', password: 'a long pass phrase for tests' }

let stack: AsyncDisposableStack
let easel: Standalone
let browser: Browser
let api: Api

beforeAll(async () => {
  await using building = new AsyncDisposableStack()
  easel = building.use(await startStandalone({ EASEL_MAX_UPLOAD: '1MiB' }))
  browser = building.use(await startBrowser())
  api = new Api(easel.url, bootstrapKey)
  stack = building.move()
}, 120_000)

afterAll(() => stack.disposeAsync(), 60_000)

let colours = 0

/** Each a colour of its own; the newest is the last. */
async function upload(name: string, { width = 320, height = 240, tags = '' } = {}): Promise<string> {
  const background = { r: (colours * 37) % 256, g: (colours * 101) % 256, b: colours++ % 256 }
  const picture = await sharp({ create: { width, height, channels: 3, background } })
    .png()
    .toBuffer()
  const query = new URLSearchParams({ filename: name, ...(tags !== '' && { tags }) })
  const { status, body } = await api.send('POST', `/api/assets?${query.toString()}`, picture, {
    'content-type': 'image/png',
  })
  expect(status).toBe(201)
  return body.id as string
}

const asset = async (id: string): Promise<Json> => (await api.get(`/api/assets/${id}`)).body

const tile = (page: Page, id: string) => page.locator(`[data-tile="${id}"]`)
const opener = (page: Page, id: string) => tile(page, id).getByRole('button', { name: /^Open / })
const chosen = (page: Page) => page.getByRole('checkbox', { checked: true })

/** Where a tile is on the screen. */
const topOf = async (page: Page, id: string) => (await tile(page, id).boundingBox())?.y

async function scrollTo(page: Page, top: number): Promise<void> {
  await page.evaluate(`document.querySelector('#view').scrollTo({ top: ${top} })`)
}

test('in the light box keys lead on, mark, rate, come nearer and close', async () => {
  const [c, b, a] = [await upload('c.png'), await upload('b.png'), await upload('a.png')]
  await using window = await openWindow(browser, easel.url)
  const { page, problems } = window
  await logIn(page, admin)
  await page.goto('/gallery')
  await opener(page, a).click()
  const box = (name: string) => page.getByRole('dialog', { name })

  await box('a.png').waitFor()
  await page.keyboard.press('ArrowRight')
  await box('b.png').waitFor()
  await page.keyboard.press('f')
  await page.getByRole('button', { name: 'No favourite any more (F)' }).waitFor()
  await page.keyboard.press('4')
  await page.getByRole('button', { name: '4 of 5', pressed: true }).waitFor()
  await page.keyboard.press('+')
  await page.getByRole('button', { name: 'Farther (-)' }).waitFor()
  await page.keyboard.press('0')
  await page.getByRole('button', { name: 'Farther (-)' }).waitFor({ state: 'detached' })
  await waitFor(async () => (await asset(b)).rating === 4 && (await asset(b)).favorite === true)
  await page.keyboard.press('0')
  await page.keyboard.press('i')
  await page.getByRole('complementary', { name: 'Details' }).waitFor({ state: 'detached' })
  await page.keyboard.press('ArrowRight')
  await box('c.png').waitFor()
  expect(new URL(page.url()).searchParams.get('asset')).toBe(c)
  await page.keyboard.press('Escape')
  await box('c.png').waitFor({ state: 'detached' })

  expect(new URL(page.url()).search).toBe('')
  await waitFor(() => opener(page, c).evaluate((element) => element.matches(':focus')))
  await waitFor(async () => (await asset(b)).rating === 0)
  expect(problems).toEqual([])
})

test('what is deleted is gone at once, comes back when it is undone, and is deleted when one leaves', async () => {
  const [kept, gone] = [await upload('kept.png'), await upload('gone.png')]
  await using window = await openWindow(browser, easel.url)
  const { page } = window
  await logIn(page, admin)
  await page.goto('/gallery')

  await opener(page, kept).click()
  await page.getByRole('dialog', { name: 'kept.png' }).waitFor()
  await page.keyboard.press('Delete')
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.keyboard.press('Escape')
  await opener(page, kept).waitFor()

  await opener(page, gone).focus()
  await page.keyboard.press('Delete')
  await tile(page, gone).waitFor({ state: 'detached' })
  expect((await api.get(`/api/assets/${gone}`)).status).toBe(200)
  await page.close({ runBeforeUnload: true })

  await waitFor(async () => (await api.get(`/api/assets/${gone}`)).status === 404)
  expect((await api.get(`/api/assets/${kept}`)).status).toBe(200)
})

test('several are chosen with Shift, with keys, and with a band', async () => {
  const ids: string[] = []
  for (const name of ['4', '3', '2', '1'])
    ids.unshift(await upload(`${name}.png`, { width: 200, tags: 'row' }))
  const [first, second, third, fourth] = ids as [string, string, string, string]
  await using window = await openWindow(browser, easel.url)
  const { page } = window
  await logIn(page, admin)
  await page.goto('/gallery?tag=row')
  const select = (id: string) => tile(page, id).getByRole('checkbox')

  await select(first).click()
  await select(third).click({ modifiers: ['Shift'] })
  await expect.poll(() => chosen(page).count()).toBe(3)
  await page.keyboard.press('Escape')
  await expect.poll(() => chosen(page).count()).toBe(0)

  await opener(page, second).focus()
  await page.keyboard.press('Space')
  await page.keyboard.press('Shift+ArrowRight')
  await page.keyboard.press('ArrowRight')
  await expect.poll(() => chosen(page).count()).toBe(2)
  await waitFor(() => opener(page, fourth).evaluate((element) => element.matches(':focus')))
  await page.keyboard.press('Control+a')
  await expect.poll(() => chosen(page).count()).toBe(4)
  await page.keyboard.press('Escape')

  const box = (await tile(page, third).boundingBox())!
  await page.mouse.move(box.x + box.width / 2, box.y + box.height + 60)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width + 30, box.y + box.height - 20, { steps: 5 })
  await page.mouse.up()
  await expect.poll(() => chosen(page).count()).toBe(2)

  const bar = page.getByRole('toolbar', { name: 'Selection' })
  await bar.getByRole('button', { name: 'Add a tag' }).click()
  await page.getByLabel('Tag', { exact: true }).fill('Chosen')
  await page.keyboard.press('Enter')
  await waitFor(async () => ((await asset(third)).tags as string[]).includes('chosen'))
  await waitFor(async () => ((await asset(fourth)).tags as string[]).includes('chosen'))
  expect((await asset(first)).tags).toEqual(['row'])
})

test('filters stand in the address, and a reload keeps them', async () => {
  const [fox, owl] = [await upload('fox.png', { tags: 'wood' }), await upload('owl.png', { tags: 'wood' })]
  await api.send('PATCH', `/api/assets/${fox}`, { rating: 5, favorite: true })
  await using window = await openWindow(browser, easel.url)
  const { page } = window
  await logIn(page, admin)
  await page.goto('/gallery?tag=wood')
  await opener(page, owl).waitFor()

  await page.getByLabel('Rating').selectOption('4')
  await page.getByRole('button', { name: 'Favourites' }).click()
  await page.getByLabel('Made').selectOption({ label: 'Today' })
  await page.getByLabel('Search the gallery').fill('fox')
  await tile(page, owl).waitFor({ state: 'detached' })
  await waitFor(() => new URL(page.url()).searchParams.get('q') === 'fox')
  await page.reload()

  await opener(page, fox).waitFor()
  expect(await page.locator('[data-tile]').count()).toBe(1)
  expect(await page.getByLabel('Rating').inputValue()).toBe('4')
  expect(await page.getByRole('button', { name: 'Favourites' }).getAttribute('aria-pressed')).toBe('true')
  await page.getByRole('button', { name: 'Clear' }).click()
  await opener(page, owl).waitFor()
  expect(new URL(page.url()).search).toBe('')
})

test(
  'what is new comes in at the top, waits while one reads further down, and moves nothing',
  { timeout: 60_000 },
  async () => {
    for (let number = 0; number < 48; number++)
      await upload(`many-${number}.png`, { width: 240 + (number % 5) * 60 })
    await using window = await openWindow(browser, easel.url)
    const { page } = window
    await logIn(page, admin)
    await page.goto('/gallery')
    await page.locator('[data-tile]').first().waitFor()

    const atTop = await upload('at-the-top.png')
    await opener(page, atTop).waitFor()
    await scrollTo(page, 900)
    const inSight = await firstInSight(page)
    const before = await topOf(page, inSight)
    const further = await upload('further-down.png')
    const notice = page.getByRole('button', { name: '1 new result' })
    await notice.waitFor()
    expect(await topOf(page, inSight)).toBe(before)
    expect(await tile(page, further).count()).toBe(0)

    await page.getByRole('link', { name: 'Queue' }).click()
    await page.getByRole('heading', { name: 'Queue', level: 1 }).waitFor()
    await page.getByRole('link', { name: 'Gallery' }).click()
    await opener(page, inSight).waitFor()
    await waitFor(async () => Math.abs((await topOf(page, inSight))! - before!) < 2)

    await scrollTo(page, 0)
    await opener(page, further).waitFor({ timeout: 30_000 })
  },
)

/** One that is seen as a whole. */
const firstInSight = (page: Page) =>
  page.evaluate<string>(
    `[...document.querySelectorAll('[data-tile]')].find((each) => each.getBoundingClientRect().top > 20).dataset.tile`,
  )

test('long names, other scripts and odd shapes stay inside a phone', { timeout: 60_000 }, async () => {
  const prompt = 'صورة ميناء عند الفجر 🦊🌊 '.repeat(40)
  const graph = samplerGraph(3, 2)
  Object.assign((graph['6'] as Json).inputs as Json, { text: prompt })
  const job = await api.finished(await api.submit(graph, { name: `${'very'.repeat(40)} long` }))
  const [{ assetId }] = job.outputs as [{ assetId: string }]
  const ids = [
    await upload(`${'x'.repeat(490)}.png`, { width: 4_000, height: 200 }),
    await upload(`${'🦊'.repeat(120)}.png`, { width: 200, height: 4_000 }),
    assetId,
  ]
  await using window = await openWindow(browser, easel.url)
  const { page } = window
  await page.setViewportSize({ width: 390, height: 844 })
  await logIn(page, admin)
  await page.goto('/gallery')
  const overflow = () => page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
  for (const id of ids) {
    await opener(page, id).waitFor()
    const { x, width } = (await tile(page, id).boundingBox())!
    expect(x >= 0 && x + width <= 390).toBe(true)
  }
  expect(await overflow()).toBeLessThanOrEqual(0)

  for (const id of ids) {
    await page.goto(`/gallery?asset=${id}`)
    await page.getByRole('button', { name: 'Details (I)' }).click()
    const details = page.getByRole('complementary', { name: 'Details' })
    await details.getByText('Size').waitFor()
    expect(await overflow()).toBeLessThanOrEqual(0)
    expect(
      await details.evaluate((element) => element.scrollWidth - element.clientWidth),
    ).toBeLessThanOrEqual(0)
  }
})

test('a file that is dropped is uploaded, and one that is refused is told with its reason', async () => {
  await using window = await openWindow(browser, easel.url)
  const { page } = window
  await logIn(page, admin)
  await page.goto('/gallery')
  await page.locator('[data-tile]').first().waitFor()
  const picture = await sharp({ create: { width: 90, height: 60, channels: 3, background: 'teal' } })
    .png()
    .toBuffer()

  await drop(page, [
    { name: 'dropped.png', bytes: picture.toString('base64') },
    { name: 'far-too-large.bin', bytes: 2 ** 21 },
  ])
  await page.getByRole('button', { name: 'Open dropped.png' }).waitFor()
  const uploads = page.getByRole('region', { name: 'Uploads' })
  await uploads.getByText('1 file not uploaded').waitFor()
  expect(await uploads.getByRole('listitem').textContent()).toMatch(/far-too-large\.bin.*bytes/)
})

/** As somebody who holds files over the page and lets go; the files are so many bytes of nothing, or what is given. */
async function drop(page: Page, files: { name: string; bytes: string | number }[]): Promise<void> {
  await page.evaluate(`{
    const dataTransfer = new DataTransfer()
    for (const { name, bytes } of ${JSON.stringify(files)}) {
      const content = typeof bytes === 'number' ? new Uint8Array(bytes) : Uint8Array.fromBase64(bytes)
      dataTransfer.items.add(new File([content], name))
    }
    for (const type of ['dragover', 'drop'])
      document.querySelector('#view').dispatchEvent(
        new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }),
      )
  }`)
}
