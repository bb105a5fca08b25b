import axe from 'axe-core'
import { startStandIns } from '@easel/stand-ins'
import { tempDirectory, waitFor } from '@easel/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Api } from '../support/api.ts'
import { logIn, openWindow, startBrowser } from '../support/browser.ts'
import { colourGraph } from '../support/graphs.ts'
import { must } from '../support/people.ts'
import { bootstrapKey, startStandalone } from '../support/standalone.ts'
import type { StandIns } from '@easel/stand-ins'
import type { Json } from '../support/api.ts'
import type { Browser } from 'playwright-core'
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
  const { path } = building.use(await tempDirectory())
  easel = building.use(
    await startStandalone({
      EASEL_CIVITAI_URL: standIns.civitai.url,
      EASEL_HF_URL: standIns.huggingface.url,
      EASEL_ALLOW_PRIVATE_DOWNLOADS: 'true',
      EASEL_MODELS_DIR: path,
    }),
  )
  browser = building.use(await startBrowser())
  api = new Api(easel.url, bootstrapKey)
  stack = building.move()
}, 120_000)

afterAll(() => stack.disposeAsync(), 60_000)

test('a collection is made, filled, fetched, given words and a picture, and handed to Create', async () => {
  standIns.civitai.world.add({
    name: 'Lighthouse of glass',
    type: 'LORA',
    baseModel: 'SDXL 1.0',
    trainedWords: ['lghthouse'],
  })
  await must(api.get('/api/search?q=lighthouse'), 200)
  await api.finished(await api.submit(colourGraph()))
  await using window = await openWindow(browser, easel.url)
  const { page, problems } = window
  await logIn(page, admin)

  await page.goto('/models?tab=collections')
  await page.getByText('There are no collections yet').waitFor()
  await page.getByRole('button', { name: 'New collection' }).click()
  await page.getByLabel('Name').fill('Harbour')
  await page.getByRole('button', { name: 'Create', exact: true }).click()
  await page.getByRole('button', { name: 'Add LoRAs' }).click()
  await page.getByLabel('Search LoRAs').fill('lighthouse')
  await page.getByRole('button', { name: 'Add Lighthouse of glass' }).click()
  await page.getByRole('button', { name: 'Lighthouse of glass is in it' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: /^Fetch 1 LoRA/ }).click()
  await page.getByText('1 LoRA, all here').waitFor({ timeout: 40_000 })

  await page.getByLabel('Weight').fill('0.7')
  await page.getByLabel('Trigger').fill('glss')
  await page.getByLabel('Prompt').first().fill('a harbour at dawn')
  await page.getByRole('button', { name: 'Base image' }).click()
  await page.getByRole('button', { name: /^Use / }).first().click()
  await page.getByRole('button', { name: 'Take this picture away' }).waitFor()
  await page.evaluate(axe.source)
  const faults = await page.evaluate('axe.run().then(({ violations }) => violations.map(({ id }) => id))')
  expect(faults).toEqual([])

  const entryOf = async () => {
    const { entries } = await must(api.get(`/api/collections/${id}`), 200)
    const [entry] = entries as { weight: number; baseImages: unknown[] }[]
    return entry?.weight === 0.7 && entry.baseImages.length > 0
  }
  const [{ id }] = (await must(api.get('/api/collections'), 200)).items as [{ id: string }]
  await waitFor(entryOf)
  const kept = await must(api.get(`/api/collections/${id}`), 200)
  expect(kept).toMatchObject({ name: 'Harbour', prompt: 'a harbour at dawn' })
  expect(kept.entries).toMatchObject([
    { state: 'installed', trigger: 'glss', weight: 0.7, baseImages: [{ state: 'present' }] },
  ])
  await page.getByRole('button', { name: 'Use in Create' }).click()
  await page.getByText('The settings that you chose go into the workflow').waitFor()
  expect(problems).toEqual([])
})

test('what somebody else changes is shown as it happens, and what is deleted can be brought back', async () => {
  const made = await must(api.send('POST', '/api/collections', { name: 'Portraits' }), 201)
  await using window = await openWindow(browser, easel.url)
  const { page } = window
  await logIn(page, admin)
  await page.goto(`/models?tab=collections&collection=${String(made.id)}`)
  await page.getByRole('heading', { name: 'Portraits' }).waitFor()

  const change = { description: 'Faces, mostly' }
  await must(api.send('PATCH', `/api/collections/${String(made.id)}`, change, { 'if-match': '"1"' }), 200)
  await waitFor(async () => (await page.getByLabel('Description').inputValue()) === 'Faces, mostly')
  await page.getByRole('button', { name: 'More of Portraits' }).click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  const list = page.getByRole('list', { name: 'Collections' })
  await list.getByText('Portraits').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByRole('heading', { name: 'Portraits' }).waitFor()

  const [back] = await waitFor(async () => {
    const { items } = await must(api.get('/api/collections?q=portraits'), 200)
    return (items as Json[]).length > 0 && (items as Json[])
  })
  expect(back).toMatchObject({ description: 'Faces, mostly' })
})

test('a LoRA that is looked at is put into a collection', async () => {
  const lora = standIns.civitai.world.add({ name: 'Kite of silk', type: 'LORA', baseModel: 'SDXL 1.0' })
  const made = await must(api.send('POST', '/api/collections', { name: 'Kites' }), 201)
  await using window = await openWindow(browser, easel.url)
  const { page } = window
  await logIn(page, admin)

  await page.goto(`/models?model=civitai:${lora.id}`)
  await page.getByRole('button', { name: 'Add to a collection' }).click()
  await page.getByRole('menuitem', { name: 'Kites' }).click()
  await page.getByText('It is in “Kites” now').first().waitFor()

  const kept = await must(api.get(`/api/collections/${String(made.id)}`), 200)
  expect(kept.entries).toMatchObject([{ title: 'Kite of silk', lora: { modelId: String(lora.id) } }])
})
