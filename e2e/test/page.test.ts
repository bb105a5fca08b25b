import { startStandIns } from '@easel/stand-ins'
import { waitFor } from '@easel/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Api } from '../support/api.ts'
import { logIn, openWindow, pickWorkflow, startBrowser } from '../support/browser.ts'
import { colourGraph, samplerGraph } from '../support/graphs.ts'
import { bootstrapKey, startStandalone } from '../support/standalone.ts'
import type { StandIns } from '@easel/stand-ins'
import type { Browser } from 'playwright-core'
import type { Standalone } from '../support/standalone.ts'

const admin = { email: 'admin@easel.local', password: 'a long pass phrase for tests' }

let stack: AsyncDisposableStack
let standIns: StandIns
let easel: Standalone
let browser: Browser

beforeAll(async () => {
  await using building = new AsyncDisposableStack()
  standIns = building.use(await startStandIns())
  easel = building.use(
    await startStandalone({
      EASEL_CIVITAI_URL: standIns.civitai.url,
      EASEL_HF_URL: standIns.huggingface.url,
      EASEL_ALLOW_PRIVATE_DOWNLOADS: 'true',
      CIVITAI_TOKEN: 'civitai_standinkey',
    }),
  )
  browser = building.use(await startBrowser())
  stack = building.move()
}, 120_000)

afterAll(() => stack.disposeAsync(), 60_000)

test('a workflow that is chosen is run, watched, and found in the gallery', async () => {
  await using window = await openWindow(browser, easel.url)
  const { page, problems } = window
  await logIn(page, admin)

  await pickWorkflow(page, samplerGraph(7, 6))
  await page.getByRole('textbox', { name: /^Prompt/ }).fill('a harbour at dawn')
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  const results = page.getByRole('list', { name: 'Results' })
  await results.getByText('Done', { exact: true }).waitFor({ timeout: 60_000 })
  await results.getByRole('link').first().click()

  const box = page.getByRole('dialog')
  await box.getByText('a harbour at dawn').first().waitFor()
  expect(page.url()).toContain('/gallery?asset=')
  await page.keyboard.press('f')
  await box.getByRole('button', { name: 'No favourite any more (F)' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByLabel('Favourite', { exact: true }).first().waitFor()
  expect(problems).toEqual([])
})

test('a wrong password is told, and a right one leads to where somebody wanted to go', async () => {
  await using window = await openWindow(browser, easel.url)
  const { page } = window
  await page.goto('/system')
  await page.getByLabel('E-mail').fill(admin.email)
  await page.getByLabel('Password').fill('something else entirely')
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByRole('alert').waitFor()
  expect(await page.getByRole('alert').textContent()).toContain('no user with this e-mail and password')

  await page.getByLabel('Password').fill(admin.password)
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByRole('heading', { name: 'Workers' }).waitFor()
  expect(new URL(page.url()).pathname).toBe('/system')
  await page.getByText('jobs run on the simulator').waitFor()
})

test('a model is found at its source, installed, and then in the library', async () => {
  await using window = await openWindow(browser, easel.url)
  const { page } = window
  await logIn(page, admin)

  await page.goto('/models')
  await page.getByLabel('Search models').fill('Paper Lantern')
  await page.getByLabel('Search models').press('Enter')
  await page.getByRole('button', { name: /Paper Lantern Film/ }).click()
  const detail = page.getByRole('dialog', { name: 'Paper Lantern Film' })
  await detail.getByRole('button', { name: 'paperlanternfilm' }).waitFor()
  await detail.getByRole('button', { name: 'Install' }).first().click()
  await page.goto('/downloads')
  await page.getByText('its hash is right').first().waitFor({ timeout: 30_000 })

  await page.goto('/models?tab=library')
  const file = page.getByRole('button', { name: /paper_lantern_film/ })
  await file.waitFor({ timeout: 30_000 })
  expect(await file.textContent()).toContain('loras/')
})

test('a workflow whose checkpoint is missing offers to fetch it', async () => {
  await using window = await openWindow(browser, easel.url)
  const { page } = window
  const { checkpoint, loader } = aMissingCheckpoint()
  const api = new Api(easel.url, bootstrapKey)
  // A file can be fetched by its name when the catalogue knows its model.
  await api.get('/api/search?q=Silver%20Workshop&sources=civitai')
  await logIn(page, admin)
  await page.goto('/create')
  await page.getByRole('button', { name: 'New session' }).click()
  await pickWorkflow(page, { ...samplerGraph(1), '4': loader })

  await page.getByText('of this workflow is not here').waitFor()
  await page.getByRole('button', { name: /^Fetch 1 file/ }).click()

  const fetched = await waitFor(
    async () => {
      const { body } = await api.get('/api/library/files?folder=checkpoints')
      return (body.items as { path: string; sha256: string | null }[]).find(
        ({ path, sha256 }) => path.endsWith(checkpoint) && sha256 !== null,
      )
    },
    { timeoutMs: 30_000, describe: 'the fetched checkpoint, with its hash known' },
  )
  expect(fetched.sha256).toMatch(/^[0-9a-f]{64}$/)
})

function aMissingCheckpoint() {
  const checkpoint = 'silver_workshop_film_v10.safetensors'
  return { checkpoint, loader: { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: checkpoint } } }
}

test('a job that runs elsewhere is seen in the queue as it happens, and canceled there', async () => {
  await using window = await openWindow(browser, easel.url)
  const { page } = window
  await logIn(page, admin)
  await page.goto('/queue?show=open')
  await page.getByText('Nothing runs and nothing waits').waitFor()

  await new Api(easel.url, bootstrapKey).submit(colourGraph(), {
    name: 'Waits for ever',
    labels: ['nobody-has-it'],
  })
  await page
    .getByRole('button', { name: /Waits for ever/ })
    .first()
    .click()
  await page.getByText('Why it waits').waitFor()
  const reasons = page.getByRole('listitem').filter({ hasText: 'nobody-has-it' })
  await reasons.first().waitFor()
  await page.getByRole('button', { name: 'Cancel Waits for ever' }).click()

  await page.getByText('Nothing runs and nothing waits').waitFor()
  await page.getByRole('region', { name: 'Job' }).getByText('Canceled').waitFor()
  expect(await page.getByRole('list', { name: 'Running and waiting' }).count()).toBe(0)
})

test('a key that is made is shown once, and one that is revoked opens nothing', async () => {
  await using window = await openWindow(browser, easel.url)
  const { page } = window
  await logIn(page, admin)
  await page.goto('/settings?part=keys')
  await page.getByLabel('Name of a new key').fill('Render script')
  await page.getByRole('button', { name: 'Make key' }).click()
  const key = (await page.getByText(/^esl_/).textContent())!
  const ask = () => new Api(easel.url, key).get('/api/auth/me')
  expect((await ask()).status).toBe(200)

  await page.reload()
  await page.getByText('Render script').waitFor()
  expect(await page.getByText(key).count()).toBe(0)
  const row = page.getByRole('listitem').filter({ hasText: 'Render script' })
  await row.getByRole('button', { name: 'Revoke' }).click()
  await page.getByRole('button', { name: 'Revoke it' }).click()
  await row.waitFor({ state: 'detached' })

  expect((await ask()).status).toBe(401)
})
