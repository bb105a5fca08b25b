import { waitFor } from '@easel/testing'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { pickWorkflow } from '../support/browser.ts'
import { samplerGraph } from '../support/graphs.ts'
import { addPerson, must } from '../support/people.ts'
import { startStudioOfModels } from '../support/studio-of-models.ts'
import type { CivitaiModel } from '@easel/stand-ins'
import type { Locator, Page } from 'playwright-core'
import type { Json } from '../support/api.ts'
import type { StudioOfModels } from '../support/studio-of-models.ts'

// Browsers are slow on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

let studio: StudioOfModels

beforeAll(async () => {
  studio = await startStudioOfModels()
  // What searches have told is known from then on, for suggestions as for spelling.
  await must(studio.api.get('/api/search?limit=100'), 200)
}, 120_000)

afterAll(() => studio[Symbol.asyncDispose](), 60_000)

async function lookAt(page: Page, { id, name }: Pick<CivitaiModel, 'id' | 'name'>): Promise<Locator> {
  await page.goto(`/models?model=civitai:${id}`)
  const detail = page.getByRole('dialog', { name })
  await detail.getByRole('heading', { name }).waitFor()
  return detail
}

const tilesOf = (page: Page) => page.getByRole('list', { name: 'Models' }).getByRole('button')

test('filters narrow a search, stand in the address, and are there after a reload', async () => {
  await using window = await studio.open()
  const { page, problems } = window
  await page.goto('/models')
  await tilesOf(page).first().waitFor()
  const before = await tilesOf(page).count()

  await page.getByLabel('Type', { exact: true }).selectOption('lora')
  await page.getByRole('group', { name: 'Narrow the search' }).getByRole('button', { name: /^SDXL/ }).click()
  await page.getByRole('button', { name: 'Filters' }).click()
  await page.getByRole('button', { name: 'Commercial use' }).click()
  await page.keyboard.press('Escape')

  const { body } = await studio.api.get('/api/search?type=lora&base=sdxl&commercialUse=true&limit=48')
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
  await using window = await studio.open()
  const { page } = window
  const { plain } = studio.world.special
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
  const lora = studio.addLargeLora('Tall Ships Style')
  await using window = await studio.open()
  const { page, problems } = window
  await page.goto('/models?q=Tall%20Ships')
  await tilesOf(page).filter({ hasText: lora.name }).click()
  const detail = page.getByRole('dialog', { name: lora.name })
  const meter = detail.getByRole('progressbar', { name: 'Installing' })
  {
    await using _slow = await studio.trickle(100_000)
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

test('how an example was made is taken to Create', async () => {
  await using window = await studio.open()
  const { page, problems } = window
  await pickWorkflow(page, samplerGraph(7, 6))
  await waitFor(async () => (await studio.api.get('/api/sessions')).body.items[0]?.draft?.graph, {
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
  for (const model of studio.world.models) {
    const image = model.modelVersions[0]!.images.find(({ meta, nsfwLevel }) => meta && nsfwLevel === 1)
    if (image && model.nsfwLevel === 1 && !model.mode && model.type === 'LORA') return { model, image }
  }
  throw new Error('No example tells how it was made')
}

test('trigger words copy themselves, one and all, and a version is kept in the address', async () => {
  await using window = await studio.open()
  const { page, context } = window
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const copied = () => page.evaluate('navigator.clipboard.readText()')
  const { plain, manyVersions } = studio.world.special

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
  const { body } = await studio.api.get('/api/favorites')
  expect(body.items).toMatchObject([{ id: String(plain.id) }])
})

test('examples above a person’s level are not there until the level is raised', async () => {
  const mixed = studio.world.add({
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
  await using window = await studio.open()
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
  await must(studio.api.send('PATCH', '/api/auth/me', { maxNsfw }), 200)
}

const examplesIn = (detail: Locator) =>
  detail.getByRole('list', { name: 'Examples, one at a time' }).getByRole('listitem').count()

test('somebody who may only look is offered nothing that would be refused', async () => {
  const viewer = await addPerson(studio.api, 'vera', 'viewer')
  const { plain } = studio.world.special
  await using window = await studio.open(viewer)
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

test('names without an end do not widen a phone', async () => {
  const endless = `Endless${'Löng文'.repeat(40)}`
  const model = studio.world.add({
    name: endless,
    type: 'LORA',
    baseModel: 'SDXL 1.0',
    tags: ['t'.repeat(150)],
    trainedWords: ['w'.repeat(300), 'شعار'.repeat(40)],
    files: [{ format: 'SafeTensor', primary: true, name: `${'f'.repeat(180)}.safetensors` }],
  })
  await must(studio.api.send('POST', '/api/downloads', { source: 'civitai', modelId: String(model.id) }), 202)
  await using window = await studio.open()
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
