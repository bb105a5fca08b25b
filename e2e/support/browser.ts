import { chromium } from 'playwright-core'
import type { Browser, BrowserContext, Page } from 'playwright-core'

export type Window = AsyncDisposable & {
  page: Page
  context: BrowserContext
  /** What went wrong in the page, as its console tells. */
  problems: string[]
}

/** Debian's Chromium, without anything that calls home. */
export async function startBrowser(): Promise<Browser & AsyncDisposable> {
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
  return Object.assign(browser, { [Symbol.asyncDispose]: () => browser.close() })
}

/** A window of its own: no cookie or storage is shared with others. */
export async function openWindow(browser: Browser, url: string): Promise<Window> {
  const context = await browser.newContext({ baseURL: url, viewport: { width: 1280, height: 800 } })
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text()))
      problems.push(message.text())
  })
  return { page, context, problems, [Symbol.asyncDispose]: () => context.close() }
}

export async function logIn(
  page: Page,
  { email, password }: { email: string; password: string },
): Promise<void> {
  await page.goto('/')
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByRole('navigation', { name: 'Views' }).waitFor()
}

/** Gives a workflow to the page as somebody who chooses a file. */
export async function pickWorkflow(page: Page, graph: object, name = 'Harbour.json'): Promise<void> {
  const file = { name, mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(graph)) }
  await page.getByLabel('Workflow file').setInputFiles(file)
  await page.getByRole('button', { name: 'Run', exact: true }).waitFor()
}
