import { waitFor } from '@easel/testing'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { must } from '../support/people.ts'
import { startStudioOfModels } from '../support/studio-of-models.ts'
import type { StudioOfModels } from '../support/studio-of-models.ts'

// Browsers are slow on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

let studio: StudioOfModels

beforeAll(async () => {
  studio = await startStudioOfModels()
}, 120_000)

afterAll(() => studio[Symbol.asyncDispose](), 60_000)

test(
  'a gated model says where to ask; with a token that is stored it comes',
  { timeout: 90_000 },
  async () => {
    await using window = await studio.open()
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

test('a download is paused, goes on, is put first, and is canceled', async () => {
  await using window = await studio.open()
  const { page, problems } = window
  await page.goto('/downloads')
  await using _slow = await studio.trickle(20_000)
  const first = studio.addLargeLora('Paused Lanterns')
  const second = studio.addLargeLora('Canceled Lanterns here')
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
  await must(
    studio.api.send('POST', '/api/downloads', { source: 'civitai', modelId: String(second.id) }),
    202,
  )
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

test('the library is filtered, and a file of it looked at, moved and kept', async () => {
  const lora = studio.world.add({ name: 'Library Shelf Style', type: 'LORA', baseModel: 'Pony' })
  await must(studio.api.send('POST', '/api/downloads', { source: 'civitai', modelId: String(lora.id) }), 202)
  await using window = await studio.open()
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
  await using window = await studio.open()
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
  expect((await studio.api.get('/api/downloads?source=bundle')).body.items).toEqual([])
})
