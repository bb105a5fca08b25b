import sharp from 'sharp'
import { startStandIns } from '@easel/stand-ins'
import { waitFor } from '@easel/testing'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { accessibilityFaults } from '../support/accessibility.ts'
import { Api } from '../support/api.ts'
import { logIn, openWindow, pickWorkflow, startBrowser } from '../support/browser.ts'
import { colourGraph, invertGraph, partlyInvalidGraph, samplerGraph } from '../support/graphs.ts'
import { bootstrapKey, startStandalone } from '../support/standalone.ts'
import {
  aPicture,
  anUpload,
  dropAsset,
  draftOfSession,
  jobsOfSession,
  openNewSession,
  openWindowInStudio,
  owner,
  results,
  run,
  sessionOf,
} from '../support/studio.ts'
import type { Browser, Page } from 'playwright-core'
import type { Json } from '../support/api.ts'
import type { Standalone } from '../support/standalone.ts'

let stack: AsyncDisposableStack
let easel: Standalone
let browser: Browser
let api: Api

// A browser is slow where others work, too.
vi.setConfig({ testTimeout: 90_000 })

beforeAll(async () => {
  await using building = new AsyncDisposableStack()
  const standIns = building.use(await startStandIns())
  easel = building.use(
    await startStandalone({
      EASEL_CIVITAI_URL: standIns.civitai.url,
      EASEL_HF_URL: standIns.huggingface.url,
      EASEL_ALLOW_PRIVATE_DOWNLOADS: 'true',
      CIVITAI_TOKEN: 'civitai_standinkey',
    }),
  )
  browser = building.use(await startBrowser())
  api = new Api(easel.url, bootstrapKey)
  stack = building.move()
}, 120_000)

afterAll(() => stack.disposeAsync(), 60_000)

const openStudio = () => openWindowInStudio(browser, api)
const jobsOf = (page: Page) => jobsOfSession(api, page)
const draftOf = (page: Page) => draftOfSession(api, page)

test('a picture that is chosen becomes the input of a run', async () => {
  await using window = await openStudio()
  const { page } = window
  await pickWorkflow(page, invertGraph('example.png'))

  const input = page.getByLabel('Load Image', { exact: true })
  await input.setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no picture') })
  await page.getByText('“notes.txt” is no picture.').waitFor()
  await input.setInputFiles({ name: 'red.png', mimeType: 'image/png', buffer: await aPicture('#ff0000') })
  await page.getByText('40 × 30').waitFor()
  await run(page)
  await results(page).getByText('Done', { exact: true }).waitFor({ timeout: 60_000 })

  const [job] = await jobsOf(page)
  const output = await api.bytes(`/api/assets/${job!.outputs[0].assetId}/content`)
  const { r, g } = (await sharp(output).stats()).dominant
  expect([r < 32, g > 224]).toEqual([true, true])
})

test('an asset that is handed over or dropped goes into the input, once', async () => {
  await using window = await openStudio()
  const { page } = window
  const [first, second] = [await anUpload(api, '#00ff00'), await anUpload(api, '#0000ff')]
  await page.goto(`/create?session=${sessionOf(page)}&input=${first}`)
  await page.getByText('Your picture goes into the workflow that you open here').waitFor()
  await pickWorkflow(page, invertGraph('example.png'))

  const preview = page.getByAltText('Load Image')
  await preview.waitFor()
  expect(await preview.getAttribute('src')).toContain(first)
  expect(page.url()).not.toContain('input=')
  await dropAsset(preview, second)

  await page.locator(`img[alt="Load Image"][src*="${second}"]`).waitFor()
  await waitFor(async () => (await draftOf(page))?.values['1.image'] === `asset:${second}`)
})

test('a workflow that takes no picture says so when one is handed over', async () => {
  await using window = await openStudio()
  const { page } = window
  await pickWorkflow(page, colourGraph())
  await waitFor(async () => (await draftOf(page)) !== null)

  await page.goto(`/create?session=${sessionOf(page)}&input=${await anUpload(api, '#ffffff')}`)

  await page.getByText('This workflow takes no such file').waitFor()
  expect(page.url()).not.toContain('input=')
})

test('what runs is seen step by step, and a reload in the middle shows where it is', async () => {
  await using window = await openStudio()
  const { page, problems } = window
  await pickWorkflow(page, samplerGraph(3, 250))
  await run(page)

  await page.getByAltText('Preview').waitFor({ timeout: 30_000 })
  await results(page)
    .getByText(/step \d+ of 250/)
    .waitFor()
  await page.reload()
  await results(page).getByText('Running').waitFor()
  const meter = results(page).getByRole('progressbar', { name: 'Progress' })
  await waitFor(async () => Number(await meter.getAttribute('aria-valuenow')) > 0)

  await results(page).getByText('Done', { exact: true }).waitFor({ timeout: 60_000 })
  expect((await jobsOf(page)).map(({ status }) => status as string)).toEqual(['succeeded'])
  expect(problems).toEqual([])
})

test('what runs is canceled where it is seen', async () => {
  await using window = await openStudio()
  const { page } = window
  await pickWorkflow(page, samplerGraph(4, 2_000))
  await page.keyboard.press('Control+Enter')
  await results(page).getByText('Running').waitFor({ timeout: 30_000 })

  await results(page).getByRole('button', { name: 'Cancel', exact: true }).click()

  await results(page).getByText('Canceled').waitFor({ timeout: 30_000 })
  await results(page).getByRole('button', { name: 'Try again' }).waitFor()
  expect((await jobsOf(page)).map(({ status }) => status as string)).toEqual(['canceled'])
})

test('a run that fails says in words which node did, and what was left out of another', async () => {
  await using window = await openStudio()
  const { page } = window
  const form = new FormData()
  form.set('file', new Blob(['this is no picture']), 'broken.png')
  const { body: broken } = await api.send('POST', '/api/assets', form)
  await pickWorkflow(page, invertGraph(`asset:${broken.id}`))
  await run(page)

  const failed = results(page).getByRole('listitem').filter({ hasText: 'Failed' }).first()
  await failed.getByText('The node LoadImage failed').waitFor({ timeout: 30_000 })
  await failed.getByText(/LoadImage \(node 1\)/).waitFor()

  await openNewSession(api, page)
  await pickWorkflow(page, partlyInvalidGraph())
  await run(page)
  const partly = results(page).getByRole('listitem').filter({ hasText: 'Left out of the run' }).first()
  await partly.getByText('Node 4 · width').waitFor({ timeout: 30_000 })
  expect(await partly.getByRole('link').count()).toBe(1)
})

test('what the server refuses stands at the control that it is about, until it is another value', async () => {
  await using window = await openStudio()
  const { page } = window
  const graph = samplerGraph(5, 4)
  Object.assign((graph['5'] as Json).inputs as Json, { width: -5 })
  await pickWorkflow(page, graph)
  await run(page)

  await page.getByText('The workflow cannot run like this').waitFor()
  const width = page.getByRole('spinbutton', { name: 'Width' })
  expect(await width.getAttribute('aria-invalid')).toBe('true')
  expect(await page.getByText('Must be 16 or more').count()).toBe(1)
  await width.fill('64')

  await page.getByText('Must be 16 or more').waitFor({ state: 'detached' })
  await run(page)
  await results(page).getByText('Done', { exact: true }).waitFor({ timeout: 30_000 })
})

test('what is written comes back after a reload, and in another window of the same user', async () => {
  await using window = await openStudio()
  const { page } = window
  await pickWorkflow(page, samplerGraph(7, 4))
  await page.getByRole('textbox', { name: /^Prompt/ }).fill('a harbour at dawn')
  // Before the pause after which it is saved: leaving must not lose it.
  await page.reload()
  const prompt = page.getByRole('textbox', { name: /^Prompt/ })
  await prompt.waitFor()
  expect(await prompt.inputValue()).toBe('a harbour at dawn')

  await using other = await openWindow(browser, easel.url)
  await logIn(other.page, owner)
  await other.page.goto(`/create?session=${sessionOf(page)}`)
  const theirs = other.page.getByRole('textbox', { name: /^Prompt/ })
  await theirs.waitFor()
  expect(await theirs.inputValue()).toBe('a harbour at dawn')
  await theirs.fill('a harbour at night')
  await waitFor(async () => (await draftOf(page)).values['6.text'] === 'a harbour at night')
  await prompt.fill('a harbour at noon')

  await page.getByText('This session was changed in another window').waitFor()
  expect(await prompt.inputValue()).toBe('a harbour at noon')
  await page.getByRole('button', { name: 'Keep mine' }).click()
  await waitFor(async () => (await draftOf(page)).values['6.text'] === 'a harbour at noon')
})

test('a workflow in the format of ComfyUI’s page is met with what to do, and leaves nothing behind', async () => {
  await using window = await openStudio()
  const { page } = window
  const choose = (name: string, text: string) =>
    page
      .getByLabel('Workflow file')
      .setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(text) })

  await choose('ui.json', JSON.stringify({ nodes: [], links: [], version: 0.4 }))
  await page.getByRole('alert').getByText('Export (API)').waitFor()
  await choose('list.json', '{"a": 1}')
  await page.getByRole('alert').getByText('no ComfyUI graph').waitFor()

  expect(await draftOf(page)).toBeNull()
})

test('three runs are three jobs with three seeds, shown together', async () => {
  await using window = await openStudio()
  const { page } = window
  await pickWorkflow(page, samplerGraph(1, 4))
  await page.getByLabel('How many times').fill('3')
  await page.getByLabel('Seeds', { exact: true }).selectOption('count')
  await page.getByRole('textbox', { name: 'Seed' }).fill('18446744073709551612')

  await page.getByRole('button', { name: 'Run 3 times' }).click()
  await results(page).getByText('All 3 done').waitFor({ timeout: 60_000 })

  const jobs = await jobsOf(page)
  const texts = await Promise.all(
    jobs.map(async ({ id }) => (await api.bytes(`/api/jobs/${id}/graph`)).toString('utf8')),
  )
  const seeds = texts.map((text) => /"seed":(\d+)/.exec(text)?.[1])
  expect(seeds.toSorted((a = '', b = '') => a.localeCompare(b))).toEqual([
    '18446744073709551612',
    '18446744073709551613',
    '18446744073709551614',
  ])
})

test('what was made before is opened with its values, in a session of its own', async () => {
  await using window = await openStudio()
  const { page } = window
  const id = await api.submit(samplerGraph(77, 4), { overrides: { '6.text': 'two foxes in the snow' } })
  const { outputs } = await api.finished(id)
  await pickWorkflow(page, colourGraph())
  await waitFor(async () => (await draftOf(page)) !== null)
  const before = sessionOf(page)
  await page.goto(`/create?session=${before}&asset=${outputs[0].assetId}`)
  const prompt = page.getByRole('textbox', { name: /^Prompt/ })
  await prompt.waitFor()
  expect(await prompt.inputValue()).toBe('two foxes in the snow')
  expect(await page.getByRole('textbox', { name: 'Seed' }).inputValue()).toBe('77')
  expect(page.url()).not.toContain('asset=')
  expect(sessionOf(page)).not.toBe(before)
  await page.getByRole('button', { name: 'Session “two foxes in the snow”' }).waitFor()

  await run(page)
  await results(page).getByText('Done', { exact: true }).waitFor({ timeout: 30_000 })
  const [job] = await jobsOf(page)
  expect((await api.get(`/api/jobs/${job!.id}/graph`)).body.graph['3'].inputs.seed).toBe(77)
})

test('the settings of an earlier run come back into the form', async () => {
  await using window = await openStudio()
  const { page } = window
  await pickWorkflow(page, samplerGraph(9, 4))
  const prompt = page.getByRole('textbox', { name: /^Prompt/ })
  await prompt.fill('the first')
  await run(page)
  await results(page).getByText('Done', { exact: true }).waitFor({ timeout: 30_000 })
  await prompt.fill('the second')

  await results(page)
    .getByRole('button', { name: /^More of/ })
    .click()
  await page.getByRole('menuitem', { name: 'Same settings again' }).click()

  await page.getByText('The settings of that run are back').waitFor()
  expect(await prompt.inputValue()).toBe('the first')
  await page.getByRole('button', { name: 'Undo' }).click()
  expect(await prompt.inputValue()).toBe('the second')
})

test('a workflow is saved, opened again from the list, and saved as a new version', async () => {
  await using window = await openStudio()
  const { page } = window
  await pickWorkflow(page, samplerGraph(9, 4))
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByLabel('Name of the workflow').fill('Harbour of ours')
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await page.getByText('“Harbour of ours” is saved').waitFor()

  await openNewSession(api, page)
  await page.getByRole('region', { name: 'Saved workflows' }).getByText('Harbour of ours').click()
  await page.getByRole('textbox', { name: /^Prompt/ }).fill('in version two')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Save version 2' }).click()
  await page.getByText('Version 2 of “Harbour of ours” is saved').waitFor()

  const { body } = await api.get('/api/workflows?q=Harbour%20of%20ours')
  const [saved] = body.items as Json[]
  const { graph, version } = (await api.get(`/api/workflows/${saved!.id}`)).body
  expect([version, graph['6'].inputs.text]).toEqual([2, 'in version two'])
})

test('a session is renamed, and one that is deleted comes back when that is undone', async () => {
  await using window = await openStudio()
  const { page } = window
  const id = sessionOf(page)
  const menu = () => page.getByRole('button', { name: /^Session “/ }).click()
  await menu()
  await page.getByRole('menuitem', { name: 'Rename' }).click()
  await page.getByLabel('Name', { exact: true }).fill('Poster')
  await page.getByRole('button', { name: 'Rename' }).click()
  await page.getByRole('button', { name: 'Session “Poster”' }).waitFor()

  await menu()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  await page.getByText('“Poster” is deleted').waitFor()
  await waitFor(() => sessionOf(page) !== id)
  await page.getByRole('button', { name: 'Undo' }).click()

  await page.getByRole('button', { name: 'Session “Poster”' }).waitFor()
  expect((await api.get(`/api/sessions/${id}`)).body.title).toBe('Poster')
})

test('a run that lacks a model is sent to wait for it, and runs when it has come', async () => {
  await using window = await openStudio()
  const { page } = window
  // A file can be fetched by its name when the catalogue knows its model.
  await api.get('/api/search?q=Silver%20Workshop&sources=civitai')
  const loader = {
    class_type: 'CheckpointLoaderSimple',
    inputs: { ckpt_name: 'silver_workshop_film_v10.safetensors' },
  }
  await pickWorkflow(page, { ...samplerGraph(1, 4), '4': loader })
  const missing = page.getByRole('region', { name: 'Missing models' })
  await missing.getByText('of this workflow is not here').waitFor()

  await missing.getByRole('button', { name: 'Fetch and run' }).click()

  await results(page).getByText('Done', { exact: true }).waitFor({ timeout: 60_000 })
  await missing.waitFor({ state: 'detached', timeout: 30_000 })
  expect(await page.getByText('No worker has this one').count()).toBe(0)
})

test('a recipe that is handed over is merged into the form once, and what does not fit is told', async () => {
  await using window = await openStudio()
  const { page } = window
  await pickWorkflow(page, samplerGraph(1, 4))
  await waitFor(async () => (await draftOf(page)) !== null)
  const recipe = {
    prompt: 'a clockmaker',
    seed: '18446744073709551615',
    sampler: 'DPM++ 2M Karras',
    triggerWords: ['oldlight'],
    model: 'not-here.safetensors',
  }
  // As a link of another view leaves it.
  await page.evaluate(`history.replaceState({ ...history.state, recipe: ${JSON.stringify(recipe)} }, '')`)

  await page.getByText(/^Taken over: prompt, trigger words, seed/).waitFor()
  await page.getByText('model “not-here.safetensors”: it is not here').waitFor()
  const prompt = page.getByRole('textbox', { name: /^Prompt/ })
  expect(await prompt.inputValue()).toBe('a clockmaker, oldlight')
  expect(await page.getByRole('textbox', { name: 'Seed' }).inputValue()).toBe('18446744073709551615')
  expect(await page.getByRole('combobox', { name: 'Sampler' }).inputValue()).toBe('dpmpp_2m')
  await page.getByRole('button', { name: 'Reset Prompt' }).click()
  await waitFor(async () => (await draftOf(page)).values['6.text'] === undefined)
  await page.reload()
  await prompt.waitFor()
  expect(await prompt.inputValue()).toBe('a lighthouse in a storm')
})

test('a form with its results is accessible in both colours', async () => {
  await using window = await openStudio()
  const { page } = window
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await pickWorkflow(page, {
    ...samplerGraph(1, 4),
    '20': { class_type: 'LoadImage', inputs: { image: `asset:${await anUpload(api, '#abcdef')}` } },
    '21': { class_type: 'SaveImage', inputs: { images: ['20', 0], filename_prefix: 'copy' } },
  })
  await page.getByLabel('How many times').fill('2')
  await page.getByRole('textbox', { name: /^Prompt/ }).fill('a harbour')
  await page.getByText('Advanced').click()
  await page.getByRole('button', { name: 'Run 2 times' }).click()
  await results(page).getByText('All 2 done').waitFor({ timeout: 30_000 })

  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    expect(await accessibilityFaults(page)).toEqual([])
  }
})
