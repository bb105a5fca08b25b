import { safetensorsBytes, startStandIns } from '@easel/stand-ins'
import { waitFor } from '@easel/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Api } from '../support/api.ts'
import { logIn, openWindow, pickWorkflow, startBrowser } from '../support/browser.ts'
import { samplerGraph } from '../support/graphs.ts'
import { addPerson, must } from '../support/people.ts'
import { bootstrapKey, startStandalone } from '../support/standalone.ts'
import type { CivitaiModel, ModelPlan, StandIns } from '@easel/stand-ins'
import type { Browser, Locator, Page } from 'playwright-core'
import type { Window } from '../support/browser.ts'
import type { Json } from '../support/api.ts'
import type { Standalone } from '../support/standalone.ts'

const admin = { email: 'admin@easel.local', password: 'a long pass phrase for tests' }

let stack: AsyncDisposableStack
let standIns: StandIns
let easel: Standalone
let browser: Browser
let api: Api

beforeAll(async () => {
  await using building = new AsyncDisposableStack()
  standIns = building.use(await startStandIns())
  easel = building.use(
    await startStandalone({
      EASEL_CIVITAI_URL: standIns.civitai.url,
      EASEL_HF_URL: standIns.huggingface.url,
      EASEL_ALLOW_PRIVATE_DOWNLOADS: 'true',
    }),
  )
  browser = building.use(await startBrowser())
  api = new Api(easel.url, bootstrapKey)
  // What searches have told is known from then on, for suggestions as for spelling.
  await must(api.get('/api/search?limit=100'), 200)
  stack = building.move()
}, 120_000)

afterAll(() => stack.disposeAsync(), 60_000)

/** Pictures lie at their sources, which a test does not ask. */
async function openStudio(person: { email: string; password: string } = admin): Promise<Window> {
  const window = await openWindow(browser, easel.url)
  const picture = Buffer.from('R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==', 'base64')
  await window.page.route(/^https:/, (route) => route.fulfill({ contentType: 'image/gif', body: picture }))
  await logIn(window.page, person)
  return window
}

async function lookAt(page: Page, { id, name }: Pick<CivitaiModel, 'id' | 'name'>): Promise<Locator> {
  await page.goto(`/models?model=civitai:${id}`)
  const detail = page.getByRole('dialog', { name })
  await detail.getByRole('heading', { name }).waitFor()
  return detail
}

const tilesOf = (page: Page) => page.getByRole('list', { name: 'Models' }).getByRole('button')

/** All downloads together are held to a trickle until it is over. */
async function trickle(bytesPerSecond: number): Promise<AsyncDisposable> {
  const limit = (maxBytesPerSecond: number | null) =>
    must(api.send('PATCH', '/api/downloads/settings', { maxBytesPerSecond }), 200)
  await limit(bytesPerSecond)
  return { [Symbol.asyncDispose]: () => limit(null).then(() => undefined) }
}

/** Large enough to be seen coming. */
function aSlowLora(name: string, more: Partial<ModelPlan> = {}): CivitaiModel {
  const bytes = safetensorsBytes({ seed: name.length, bytes: 1_000_000 })
  return standIns.civitai.world.add({
    name,
    type: 'LORA',
    baseModel: 'SDXL 1.0',
    files: [{ format: 'SafeTensor', primary: true, bytes }],
    ...more,
  })
}

test('filters narrow a search, stand in the address, and are there after a reload', async () => {
  await using window = await openStudio()
  const { page, problems } = window
  await page.goto('/models')
  await tilesOf(page).first().waitFor()
  const before = await tilesOf(page).count()

  await page.getByLabel('Type', { exact: true }).selectOption('lora')
  await page.getByRole('group', { name: 'Narrow the search' }).getByRole('button', { name: /^SDXL/ }).click()
  await page.getByRole('button', { name: 'Filters' }).click()
  await page.getByRole('button', { name: 'Commercial use' }).click()
  await page.keyboard.press('Escape')

  const { body } = await api.get('/api/search?type=lora&base=sdxl&commercialUse=true&limit=48')
  const names = (body.items as Json[]).map(({ name }) => name as string)
  const asAnswered = async () => {
    const shown = await tilesOf(page).allTextContents()
    return shown.length === names.length && names.every((name, index) => shown[index]!.includes(name))
  }
  await waitFor(asAnswered, { timeoutMs: 20_000, describe: 'the narrowed search' })
  expect(names.length).toBeLessThan(before)
  await page.reload()
  await waitFor(asAnswered, { timeoutMs: 20_000, describe: 'the same after a reload' })
  await page.getByRole('button', { name: 'Clear all' }).click()
  await waitFor(async () => (await tilesOf(page).count()) === before, { timeoutMs: 20_000 })
  expect(problems).toEqual([])
})

test('what is typed is completed, corrected, and read as a hash', async () => {
  await using window = await openStudio()
  const { page } = window
  const { plain } = standIns.civitai.world.special
  await page.goto('/models')
  const search = page.getByLabel('Search models')

  await search.pressSequentially('growing')
  await page.getByRole('option', { name: 'Growing Orchard Mix' }).waitFor()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.waitForURL(/q=Growing/)
  await page.getByRole('listbox').waitFor({ state: 'detached' })
  expect(await search.inputValue()).toBe('Growing Orchard Mix')
  await tilesOf(page).filter({ hasText: 'Growing Orchard Mix' }).waitFor()

  await search.fill('growing orchad')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'growing orchard', exact: true }).click()
  await page.waitForURL(/q=growing(\+|%20)orchard$/)

  await search.fill(plain.modelVersions[0]!.files[0]!.hashes['AutoV2']!)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'The file with this hash' }).waitFor()
  await page.getByRole('button', { name: 'Look at it' }).click()
  await page.getByRole('dialog', { name: plain.name }).waitFor()
})

test('a model is seen coming where it was asked for, until it is installed', async () => {
  const lora = aSlowLora('Tall Ships Style')
  await using window = await openStudio()
  const { page, problems } = window
  await page.goto('/models?q=Tall%20Ships')
  await tilesOf(page).filter({ hasText: lora.name }).click()
  const detail = page.getByRole('dialog', { name: lora.name })
  const meter = detail.getByRole('progressbar', { name: 'Installing' })
  {
    await using _slow = await trickle(100_000)
    await detail.getByRole('button', { name: /^Install \(/ }).click()
    await waitFor(async () => Number(await meter.getAttribute('aria-valuenow').catch(() => 0)) > 5, {
      timeoutMs: 30_000,
      describe: 'some of it',
    })
    expect(await detail.textContent()).toMatch(/\d+ kB of \d/)
  }
  await detail.getByText('Installed', { exact: true }).waitFor({ timeout: 40_000 })
  await detail.getByText(/^loras\/tall_ships_style/).waitFor()

  await page.keyboard.press('Escape')
  await tilesOf(page).filter({ hasText: lora.name }).getByText('Installed').waitFor()
  expect(problems).toEqual([])
})

test(
  'a gated model says where to ask; with a token that is stored it comes',
  { timeout: 90_000 },
  async () => {
    await using window = await openStudio()
    const { page } = window
    await page.goto('/models?model=huggingface:gated-gallery/ask-first')
    const detail = page.getByRole('dialog', { name: 'ask-first' })
    const ask = detail.getByRole('link', { name: 'Ask for access on its page' })
    await ask.first().waitFor()
    expect(await ask.first().getAttribute('href')).toContain('gated-gallery/ask-first')

    await detail.getByRole('button', { name: /^Install/ }).click()
    const refusal = detail.getByRole('alert')
    await refusal.getByText('This model is not given to everybody.').waitFor()
    await refusal.getByRole('link', { name: 'Downloads' }).click()

    const token = page.getByRole('listitem', { name: 'Hugging Face' })
    await token.getByText('No key').waitFor()
    await token.getByRole('button', { name: 'Set' }).click()
    await page.getByLabel('Token of Hugging Face').fill('hf_standinreader')
    await page.getByRole('button', { name: 'Store' }).click()
    await token.getByText('Has key').waitFor()
    await page.reload()
    await token.getByText('Has key').waitFor()
    expect(await page.content()).not.toContain('hf_standinreader')

    await page.goto('/models?model=huggingface:gated-gallery/ask-first')
    await detail.getByRole('button', { name: /^Install/ }).click()
    await detail.getByText('Installed', { exact: true }).waitFor({ timeout: 40_000 })
    await page.goto('/downloads')
    await token.getByRole('button', { name: 'Remove' }).click()
    await token.getByRole('button', { name: 'Really remove' }).click()
    await token.getByText('No key').waitFor()
  },
)

test('how an example was made is taken to Create', { timeout: 90_000 }, async () => {
  await using window = await openStudio()
  const { page, problems } = window
  await pickWorkflow(page, samplerGraph(7, 6))
  await waitFor(async () => (await api.get('/api/sessions')).body.items[0]?.draft?.graph, {
    timeoutMs: 20_000,
    describe: 'the draft with its workflow',
  })
  const { model, image } = anExample()

  const detail = await lookAt(page, model)
  const number = model.modelVersions[0]!.images.indexOf(image)
  if (number > 0) await detail.getByRole('button', { name: `Example ${number + 1}`, exact: true }).click()
  await detail.getByText(String(image.meta!['seed'])).waitFor()
  await detail.getByRole('button', { name: 'Use these' }).click()

  await page.waitForURL(/\/create/)
  const said = (image.meta!['prompt'] as string).replace(/ <lora.*/, '')
  const prompt = page.getByRole('textbox', { name: /^Prompt/ })
  await waitFor(async () => (await prompt.inputValue().catch(() => '')) === said, {
    timeoutMs: 30_000,
    describe: 'the prompt of the example',
  })
  const values = await page
    .locator('input')
    .evaluateAll((inputs) => inputs.map((input) => (input as unknown as { value: string }).value))
  expect(values).toContain(String(image.meta!['seed']))
  expect(problems).toEqual([])
})

/** Of a model without a second version, whose maker told how it was made. */
function anExample() {
  for (const model of standIns.civitai.world.models) {
    const image = model.modelVersions[0]!.images.find(({ meta, nsfwLevel }) => meta && nsfwLevel === 1)
    if (image && model.nsfwLevel === 1 && !model.mode && model.type === 'LORA') return { model, image }
  }
  throw new Error('No example tells how it was made')
}

test('trigger words copy themselves, one and all, and a version is kept in the address', async () => {
  await using window = await openStudio()
  const { page, context } = window
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const copied = () => page.evaluate('navigator.clipboard.readText()')
  const { plain, manyVersions } = standIns.civitai.world.special

  const detail = await lookAt(page, plain)
  await detail.getByRole('button', { name: 'pdstyle' }).click()
  await waitFor(async () => (await copied()) === 'pdstyle')
  await detail.getByRole('button', { name: 'Copy all' }).click()
  await waitFor(async () => (await copied()) === 'plain detail, pdstyle')
  await detail.getByRole('button', { name: 'Favourite' }).click()
  await detail.getByRole('button', { name: 'A favourite' }).waitFor()

  const other = await lookAt(page, manyVersions)
  await other.getByRole('button', { name: 'v2.0', exact: true }).click()
  await page.waitForURL(/version=/)
  await page.reload()
  await other.getByRole('button', { name: 'v2.0', exact: true, pressed: true }).waitFor()
  await other
    .getByText(/v20\.safetensors/)
    .first()
    .waitFor()
})

test('a download is paused, goes on, is put first, and is canceled', { timeout: 90_000 }, async () => {
  await using window = await openStudio()
  const { page, problems } = window
  await page.goto('/downloads')
  await using _slow = await trickle(20_000)
  const first = aSlowLora('Paused Lanterns')
  const second = aSlowLora('Canceled Lanterns here')
  await page.getByLabel('Fetch something').fill(`civitai:${first.id}`)
  await page.getByText('A model by its AIR').waitFor()
  await page.getByRole('button', { name: 'Fetch', exact: true }).click()
  const row = page.getByRole('listitem').filter({ hasText: 'Paused Lanterns' })
  await row.getByRole('button', { name: /^Pause/ }).click()
  await row.getByText('Paused', { exact: true }).waitFor()
  await row.getByRole('button', { name: /^Go on with/ }).click()
  await row.getByRole('progressbar').waitFor()
  await row.getByRole('button', { name: /^Pause/ }).waitFor()

  await row.getByRole('button', { name: /^More for/ }).click()
  await page.getByRole('menuitemradio', { name: 'First' }).click()
  await row.getByText('first', { exact: false }).waitFor()
  await must(api.send('POST', '/api/downloads', { source: 'civitai', modelId: String(second.id) }), 202)
  const other = page.getByRole('listitem').filter({ hasText: 'Canceled Lanterns' })
  await other.waitFor()

  await row.getByRole('checkbox').check()
  await other.getByRole('checkbox').check()
  await page.getByRole('button', { name: 'Cancel 2', exact: true }).click()
  await page.getByRole('button', { name: 'Really cancel 2' }).click()
  await row.getByText('Canceled', { exact: true }).waitFor()
  await other.getByText('Canceled', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Clear finished' }).click()
  await row.waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Failed', exact: true }).click()
  await row.waitFor()
  expect(problems).toEqual([])
})

test('examples above a person’s level are not there until the level is raised', async () => {
  const mixed = standIns.civitai.world.add({
    name: 'Mixed Company Mix',
    type: 'Checkpoint',
    baseModel: 'Pony',
    nsfwLevel: 5,
    versions: 1,
  })
  const images = mixed.modelVersions[0]!.images
  const shown = images.filter(({ nsfwLevel }) => nsfwLevel === 1)
  // As many as its number says; a model with one alone has nothing to hide.
  if (images.length === shown.length)
    images.push({ ...images[0]!, id: 9, url: `${images[0]!.url}9`, nsfwLevel: 4 })
  await using window = await openStudio()
  const { page } = window
  await using _level = { [Symbol.asyncDispose]: () => setLevel('pg') }

  const detail = await lookAt(page, mixed)
  await detail.getByText(/above your level/).waitFor()
  expect(await examplesIn(detail)).toBe(shown.length)

  await setLevel('r')
  await page.reload()
  await waitFor(async () => (await examplesIn(detail)) === images.length, { timeoutMs: 20_000 })
  expect(await detail.getByText(/above your level/).count()).toBe(0)
})

async function setLevel(maxNsfw: string): Promise<void> {
  await must(api.send('PATCH', '/api/auth/me', { maxNsfw }), 200)
}

const examplesIn = (detail: Locator) =>
  detail.getByRole('list', { name: 'Examples, one at a time' }).getByRole('listitem').count()

test('the library is filtered, and a file of it looked at, moved and kept', async () => {
  const lora = standIns.civitai.world.add({ name: 'Library Shelf Style', type: 'LORA', baseModel: 'Pony' })
  await must(api.send('POST', '/api/downloads', { source: 'civitai', modelId: String(lora.id) }), 202)
  await using window = await openStudio()
  const { page, problems } = window
  await page.goto('/models?tab=library')
  const row = page.getByRole('button', { name: /library_shelf_style/ })
  await row.waitFor({ timeout: 30_000 })
  await page.getByLabel('Folder').selectOption('loras')
  await page.getByLabel('Search the library').fill('shelf')
  await page.waitForURL(/q=shelf/)
  await row.click()

  const sheet = page.getByRole('dialog', { name: /Library Shelf Style/ })
  await sheet.getByText(/^[0-9a-f]{64}$/).waitFor()
  await sheet.getByRole('button', { name: 'Move or rename' }).click()
  await sheet.getByLabel('New path below the models folder').fill('loras/shelved/shelf.safetensors')
  await sheet.getByRole('button', { name: 'Move', exact: true }).click()
  await page.getByRole('dialog').getByText('loras/shelved/shelf.safetensors').first().waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: /loras\/shelved\/shelf/ }).waitFor()

  await page.goto('/models?tab=storage')
  const content = page.getByRole('listitem').filter({ hasText: 'shelf' })
  await content.getByRole('button', { name: /^Keep .* always$/ }).click()
  await content.getByRole('button', { name: /go when room is needed$/, pressed: true }).waitFor()
  expect(problems).toEqual([])
})

test('chosen bundles stay chosen while a filter hides them', async () => {
  await using window = await openStudio()
  const { page } = window
  await page.goto('/models?tab=bundles')
  const bundles = page.getByRole('list', { name: 'Bundles' }).getByRole('checkbox')
  await bundles.first().waitFor()
  const all = await bundles.count()

  await page.getByLabel('Search bundles').fill('upscalers')
  await waitFor(async () => (await bundles.count()) < all)
  await page.getByRole('button', { name: `Choose all ${await bundles.count()}` }).click()
  await page.getByText('1 chosen', { exact: true }).waitFor()
  await page.getByLabel('Search bundles').fill('qwen')
  await page.getByText('1 chosen, 1 of them not in sight').waitFor()
  await page.getByRole('button', { name: 'None' }).click()
  await page.getByText(/chosen/).waitFor({ state: 'detached' })
})

test('somebody who may only look is offered nothing that would be refused', async () => {
  const viewer = await addPerson(api, 'vera', 'viewer')
  const { plain } = standIns.civitai.world.special
  await using window = await openStudio(viewer)
  const { page, problems } = window

  const detail = await lookAt(page, plain)
  await detail.getByText('You may look here, and not fetch.').waitFor()
  expect(await detail.getByRole('button', { name: /^Install/ }).isDisabled()).toBe(true)
  await page.goto('/downloads')
  await page.getByText('Nothing has been fetched yet').waitFor()
  for (const name of ['Fetch something', 'Limits of all downloads', 'Tokens of the sources']) {
    expect(await page.getByText(name).count()).toBe(0)
  }
  await page.goto('/models?tab=library')
  await page.getByText(/known to the catalogue/).waitFor()
  expect(await page.getByRole('button', { name: 'Scan' }).count()).toBe(0)
  expect(await page.getByRole('button', { name: 'Storage' }).count()).toBe(0)
  expect(problems).toEqual([])
})

test('names without an end do not widen a phone', { timeout: 90_000 }, async () => {
  const endless = `Endless${'Löng文'.repeat(40)}`
  const model = standIns.civitai.world.add({
    name: endless,
    type: 'LORA',
    baseModel: 'SDXL 1.0',
    tags: ['t'.repeat(150)],
    trainedWords: ['w'.repeat(300), 'شعار'.repeat(40)],
    files: [{ format: 'SafeTensor', primary: true, name: `${'f'.repeat(180)}.safetensors` }],
  })
  await must(api.send('POST', '/api/downloads', { source: 'civitai', modelId: String(model.id) }), 202)
  await using window = await openStudio()
  const { page } = window
  await page.setViewportSize({ width: 390, height: 844 })
  const excess = () => page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')

  await page.goto('/models?q=Endless')
  await tilesOf(page).filter({ hasText: 'Endless' }).waitFor()
  expect(await excess()).toBeLessThanOrEqual(0)
  const detail = await lookAt(page, model)
  await detail.getByText('Licence').waitFor()
  expect(await excess()).toBeLessThanOrEqual(0)
  expect(await detail.evaluate((sheet) => sheet.scrollWidth - sheet.clientWidth)).toBeLessThanOrEqual(0)
  for (const [address, name] of [
    ['/downloads', 'Downloads'],
    ['/models?tab=library', 'Files'],
  ] as const) {
    await page.goto(address)
    await page.getByRole('list', { name }).getByText('Endless').first().waitFor({ timeout: 30_000 })
    expect(await excess()).toBeLessThanOrEqual(0)
  }
})
