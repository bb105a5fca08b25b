import sharp from 'sharp'
import { logIn, openWindow } from './browser.ts'
import type { Browser, Locator, Page } from 'playwright-core'
import type { Api, Json } from './api.ts'
import type { Window } from './browser.ts'

export const owner = { email: 'admin@easel.local', password: 'a long pass phrase for tests' }

/** A window in a session in which nothing was picked yet. */
export async function openWindowInStudio(browser: Browser, api: Api): Promise<Window> {
  const window = await openWindow(browser, api.url)
  await logIn(window.page, owner)
  await openNewSession(api, window.page)
  return window
}

export async function openNewSession(api: Api, page: Page): Promise<void> {
  const { body } = await api.send('POST', '/api/sessions', { kind: 'workflow' })
  await page.goto(`/create?session=${body.id}`)
  await page.getByRole('heading', { name: 'Drop a workflow here' }).waitFor()
}

export const results = (page: Page): Locator => page.getByRole('list', { name: 'Results' })

export const run = (page: Page): Promise<void> =>
  page.getByRole('button', { name: 'Run', exact: true }).click()

export const sessionOf = (page: Page): string => new URL(page.url()).searchParams.get('session')!

export const jobsOfSession = async (api: Api, page: Page): Promise<Json[]> =>
  (await api.get(`/api/jobs?sessionId=${sessionOf(page)}`)).body.items as Json[]

export const draftOfSession = async (api: Api, page: Page): Promise<Json> =>
  (await api.get(`/api/sessions/${sessionOf(page)}`)).body.draft as Json

export const aPicture = (color: string): Promise<Buffer> =>
  sharp({ create: { width: 40, height: 30, channels: 3, background: color } })
    .png()
    .toBuffer()

/** The id of an asset of one colour. */
export async function anUpload(api: Api, color: string): Promise<string> {
  const form = new FormData()
  form.set('file', new Blob([new Uint8Array(await aPicture(color))]), 'colour.png')
  return (await api.send('POST', '/api/assets', form)).body.id as string
}

/** As if it were dragged there from the gallery. */
export async function dropAsset(target: Locator, id: string): Promise<void> {
  const dataTransfer = await target.page().evaluateHandle(`(() => {
    const data = new DataTransfer()
    data.setData('application/x-easel-asset', '${id}')
    return data
  })()`)
  await target.dispatchEvent('drop', { dataTransfer })
}
