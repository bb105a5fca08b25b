import { startComfySim } from '@easel/comfy-sim'
import { recordedServer, waitFor } from '@easel/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { accessibilityFaults } from '../support/accessibility.ts'
import { Api } from '../support/api.ts'
import { logIn, openWindow, startBrowser } from '../support/browser.ts'
import { colourGraph, partlyInvalidGraph, samplerGraph } from '../support/graphs.ts'
import { addPerson, must } from '../support/people.ts'
import { bootstrapKey, startStandalone } from '../support/standalone.ts'
import type { RecordedServer } from '@easel/testing'
import type { Browser, Page } from 'playwright-core'
import type { Person } from '../support/people.ts'
import type { Standalone } from '../support/standalone.ts'

const admin = { email: 'admin@easel.local', password: 'a long pass phrase for tests' }

/** For a machine that has much else to do. */
const patience = { timeout: 120_000 }

let stack: AsyncDisposableStack
let easel: Standalone
let browser: Browser
let receiver: RecordedServer
let api: Api

beforeAll(async () => {
  await using building = new AsyncDisposableStack()
  const simulator = building.use(
    await startComfySim({
      stepMs: 20,
      failures: [{ kind: 'oom', classType: 'ImageInvert', times: Infinity }],
    }),
  )
  receiver = building.use(await recordedServer({ 'POST /hook': { status: 200 } }))
  easel = building.use(
    await startStandalone({
      EASEL_COMFYUI_URLS: simulator.url,
      EASEL_WEBHOOK_ALLOW_PRIVATE: '127.0.0.0/8',
    }),
  )
  browser = building.use(await startBrowser())
  api = new Api(easel.url, bootstrapKey)
  stack = building.move()
}, 120_000)

afterAll(() => stack.disposeAsync(), 60_000)

/** A window in which somebody is logged in. */
async function windowOf(person: { email: string; password: string } = admin) {
  const window = await openWindow(browser, easel.url)
  window.page.setDefaultTimeout(40_000)
  await logIn(window.page, person)
  return window
}

const over = (page: Page) => page.getByRole('dialog', { name: 'Log in again' })

test(
  'an account that an administrator makes in the page is logged in to, and out of when it is disabled',
  patience,
  async () => {
    await using bosses = await windowOf()
    const { page: office } = bosses
    await office.goto('/settings?part=users')
    await office.getByRole('button', { name: 'New user' }).click()
    const dialog = office.getByRole('dialog')
    await dialog.getByLabel('E-mail').fill('ines@easel.test')
    await dialog.getByLabel('Name').fill('Inès 🦊 الرسّامة')
    const password = await dialog.getByLabel('First password').inputValue()
    await dialog.getByRole('button', { name: 'Make the account' }).click()
    await office.getByRole('dialog', { name: 'The account is there' }).getByText(password).waitFor()
    await office.getByRole('button', { name: 'Done' }).click()

    await using artists = await windowOf({ email: 'ines@easel.test', password })
    await artists.page.goto('/settings')
    expect(await artists.page.getByLabel('Name', { exact: true }).inputValue()).toBe('Inès 🦊 الرسّامة')
    expect(await artists.page.getByRole('link', { name: 'Users' }).count()).toBe(0)
    await artists.page.goto('/settings?part=users')
    await artists.page.getByText('This is for administrators').waitFor()

    await office.getByRole('button', { name: /Inès/ }).click()
    await office.getByRole('button', { name: 'Disable' }).click()
    await office.getByRole('alertdialog').getByRole('button', { name: 'Disable' }).click()
    await office.getByText('Disabled').first().waitFor()

    await over(artists.page).waitFor()
    await over(artists.page).getByLabel('Password').fill(password)
    await over(artists.page).getByRole('button', { name: 'Log in' }).click()
    await over(artists.page).getByText('the account was disabled').waitFor()
    expect([...bosses.problems, ...artists.problems]).toEqual([])
  },
)

test('who guesses passwords is told how long to wait', patience, async () => {
  const person = await addPerson(api, 'forgetful')
  await using window = await openWindow(browser, easel.url)
  const { page } = window
  for (let tries = 0; tries < 10; tries++) {
    const body = { email: person.email, password: 'certainly not this one' }
    await new Api(easel.url, '').send('POST', '/api/auth/login', body)
  }
  await page.goto('/login?to=%2Fsystem')
  await page.getByLabel('E-mail').fill(person.email)
  await page.getByLabel('Password').fill(person.password)
  await page.getByRole('button', { name: 'Show it' }).click()
  expect(await page.getByLabel('Password').getAttribute('type')).toBe('text')
  await page.getByRole('button', { name: 'Log in' }).click()

  await page
    .getByRole('alert')
    .getByText(/Try again in \d+ min/)
    .waitFor()
})

test('two users see nothing of each other, whatever they type into the address', patience, async () => {
  const [ann, bob] = [await addPerson(api, 'ann'), await addPerson(api, 'bob')]
  const annsJob = await makeSomething(ann, 'Of Ann alone')
  const bobsJob = await makeSomething(bob, 'Of Bob alone')
  const { body: job } = await bob.api.get(`/api/jobs/${bobsJob}`)
  const asset = (job.outputs as { assetId: string }[])[0]!.assetId
  const hook = await must(bob.api.send('POST', '/api/webhooks', { url: `${receiver.url}/hook` }), 201)
  await using window = await windowOf(ann)
  const { page } = window

  await page.goto('/queue')
  await page.getByText('Of Ann alone').first().waitFor()
  expect(await page.getByText('Of Bob alone').count()).toBe(0)
  await page.goto('/gallery')
  await page
    .getByRole('button', { name: /^Open / })
    .first()
    .waitFor()
  expect(await page.getByRole('button', { name: /^Open / }).count()).toBe(1)
  await page.goto('/settings?part=keys')
  await page.getByText('first', { exact: true }).waitFor()
  expect(await page.getByRole('button', { name: 'Revoke' }).count()).toBe(1)

  for (const foreign of [
    `/queue?job=${bobsJob}`,
    `/gallery?asset=${asset}`,
    `/settings?part=webhooks&id=${String(hook.id)}`,
  ]) {
    await page.goto(foreign)
    await page.getByText('It is not here').waitFor()
  }
  await page.goto(`/queue?job=${annsJob}&show=failed`)
  await page.getByRole('heading', { name: 'Of Ann alone' }).waitFor()
})

async function makeSomething(person: Person, name: string): Promise<string> {
  const id = await person.api.submit(colourGraph(), { name })
  await person.api.finished(id)
  await waitFor(async () => ((await person.api.get('/api/assets')).body.items as unknown[]).length > 0)
  return id
}

test(
  'a viewer of a shared space sees what is made there, and is offered nothing that changes it',
  patience,
  async () => {
    const [owner, viewer] = [await addPerson(api, 'owner'), await addPerson(api, 'onlooker')]
    await using owners = await windowOf(owner)
    await owners.page.goto('/settings?part=space')
    await owners.page.getByRole('button', { name: 'New space' }).click()
    await owners.page.getByRole('dialog').getByLabel('Name').fill('Poster campaign')
    await owners.page.getByRole('button', { name: 'Make it' }).click()
    await owners.page.getByLabel('E-mail of a user').fill(viewer.email)
    await owners.page.getByLabel('Role', { exact: true }).selectOption('viewer')
    await owners.page.getByRole('button', { name: 'Add', exact: true }).click()
    const members = owners.page.getByRole('list', { name: 'Members' })
    await members.getByText(viewer.email).waitFor()
    const { body: spaces } = await owner.api.get('/api/spaces')
    const { id: spaceId } = (spaces.items as { id: string; personal: boolean }[]).find(
      ({ personal }) => !personal,
    )!
    const job = await owner.api.submit(colourGraph(), { name: 'The poster', spaceId })
    await owner.api.finished(job)

    await using viewers = await windowOf(viewer)
    const { page } = viewers
    await page.getByRole('button', { name: /^Space:/ }).click()
    await page.getByRole('menuitemradio', { name: 'Poster campaign' }).click()
    await page.goto('/gallery')
    await page
      .getByRole('button', { name: /^Open / })
      .first()
      .waitFor()
    await page.goto(`/queue?job=${job}`)
    await page.getByRole('heading', { name: 'The poster' }).waitFor()
    await page.getByRole('link', { name: 'Open in Create' }).waitFor()
    for (const name of ['Run again', 'Run The poster again', 'Cancel …'])
      expect(await page.getByRole('button', { name }).count()).toBe(0)
    await page.goto('/settings?part=space')
    await page.getByRole('list', { name: 'Members' }).getByText('(you)').waitFor()
    expect(await page.getByRole('button', { name: 'Add', exact: true }).count()).toBe(0)
    expect((await viewer.api.send('POST', `/api/jobs/${job}/retry`)).status).toBe(403)

    await members
      .getByRole('listitem')
      .filter({ hasText: viewer.email })
      .getByRole('button', { name: 'Remove' })
      .click()
    await owners.page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click()
    await members.getByText(viewer.email).waitFor({ state: 'detached' })
    expect((await viewer.api.get(`/api/jobs/${job}`)).status).toBe(404)
  },
)

test(
  'a new password ends the other log-ins, and one browser can log out another, or all of them',
  patience,
  async () => {
    const person = await addPerson(api, 'traveller')
    await using desk = await windowOf(person)
    await using train = await windowOf(person)
    await desk.page.goto('/settings?part=security')
    await desk.page.getByLabel('Present password').fill(person.password)
    await desk.page.getByLabel('New password').fill('a pass phrase that is new')
    await desk.page.getByRole('button', { name: 'Change it' }).click()
    await desk.page.getByText('The password is changed').waitFor()
    await over(train.page).waitFor()
    await desk.page.reload()
    await desk.page.getByText('This browser').waitFor()

    await over(train.page).getByLabel('Password').fill('a pass phrase that is new')
    await over(train.page).getByRole('button', { name: 'Log in' }).click()
    await over(train.page).waitFor({ state: 'detached' })
    await desk.page.reload()
    await desk.page.getByRole('button', { name: /^Log out Chrome/ }).click()
    await over(train.page).waitFor()
    expect(await over(desk.page).count()).toBe(0)

    await desk.page.getByRole('button', { name: 'Log out everywhere' }).click()
    await desk.page.getByRole('alertdialog').getByRole('button', { name: 'Log out everywhere' }).click()
    await desk.page.getByRole('heading', { name: 'Log in to Easel' }).waitFor()
  },
)

test('a budget that is set shows what is left, and refuses in words what is more', patience, async () => {
  const person = await addPerson(api, 'spender')
  const job = await makeSomething(person, 'Affordable')
  await using bosses = await windowOf()
  await using spenders = await windowOf(person)
  const budget = (time: string) => setBudget(bosses.page, person.spaceId, time)
  await budget('1 h')
  await spenders.page.goto(`/queue?job=${job}`)
  await spenders.page.getByRole('button', { name: 'Close' }).click()
  await spenders.page.getByText('of 1 h', { exact: false }).waitFor()
  await spenders.page.getByText('left', { exact: false }).first().waitFor()

  await budget('0')
  await spenders.page.getByRole('button', { name: 'Run Affordable again' }).click()
  await spenders.page.getByText('This job is larger than the budget').first().waitFor()
  const { body } = await person.api.get('/api/jobs')
  expect(body.items).toHaveLength(1)
})

async function setBudget(page: Page, spaceId: string, time: string): Promise<void> {
  await page.goto(`/settings?part=spaces&id=${spaceId}`)
  await page.getByLabel('GPU time a day').fill(time)
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('The limits are saved').waitFor()
}

test('a worker is drained and resumed, and what waits for it says so', patience, async () => {
  await using window = await windowOf()
  const { page } = window
  await page.goto('/system')
  const worker = page.getByRole('list', { name: 'Workers' }).getByRole('listitem').first()
  await worker.getByRole('button', { name: 'Drain' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Drain it' }).click()
  await worker.getByText('Drained').waitFor()

  const id = await api.submit(colourGraph(), { name: 'Waits for the worker' })
  await page.goto(`/queue?job=${id}`)
  await page.getByText('An admin drained the worker').waitFor()
  await page.goto('/system')
  await worker.getByRole('button', { name: 'Resume' }).click()
  await worker.getByRole('button', { name: 'Drain' }).waitFor()
  expect(await api.finished(id)).toMatchObject({ status: 'succeeded' })
})

test(
  'a webhook is made with a secret that is shown once, tested, and its delivery is seen',
  patience,
  async () => {
    await using window = await windowOf()
    const { page } = window
    await page.goto('/settings?part=webhooks')
    await page.getByRole('button', { name: 'New webhook' }).click()
    const dialog = page.getByRole('dialog', { name: 'New webhook' })
    await dialog.getByLabel('Address').fill(`${receiver.url}/hook`)
    await dialog.getByLabel('What it is for').fill('The asset tracker')
    await dialog.getByRole('button', { name: 'Make it' }).click()
    await page.getByText(/^whsec_/).waitFor()
    await page.getByRole('button', { name: 'Done' }).click()
    await page.getByRole('button', { name: /The asset tracker/ }).click()
    const sheet = page.getByRole('dialog', { name: 'Webhook' })
    await sheet.getByRole('button', { name: 'Send a test' }).click()

    await sheet.getByText('Arrived').waitFor()
    await sheet.getByText('answered 200').waitFor()
    expect(receiver.requests.some(({ body }) => body.includes('webhook.test'))).toBe(true)
    await page.reload()
    expect(await page.getByText(/^whsec_/).count()).toBe(0)
    await sheet.getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete it' }).click()
    await page.getByText('No webhook yet').waitFor()
  },
)

test(
  'a failed job says in words what went wrong and what to do; what was left out is named by its node',
  patience,
  async () => {
    const invert = { '2': { class_type: 'ImageInvert', inputs: { image: ['1', 0] } } }
    const failing = await api.submit({ ...colourGraph(), ...invert }, { name: 'Too much for the GPU' })
    await api.finished(failing)
    const partly = await api.submit(partlyInvalidGraph(), { name: 'Half of it' })
    await api.finished(partly)
    await using window = await windowOf()
    const { page, problems } = window

    await page.goto('/queue?show=failed')
    await page.getByRole('button', { name: /^Too much for the GPU/ }).click()
    const detail = page.getByRole('region', { name: 'Job' })
    await detail.getByRole('heading', { name: 'The GPU ran out of memory' }).waitFor()
    await detail.getByText('use a smaller or quantised model').waitFor()
    await detail.getByText('ImageInvert (node 2)').waitFor()

    await page.goto(`/queue?job=${partly}`)
    await detail.getByRole('heading', { name: 'Left out of the run' }).waitFor()
    await detail.getByText('Node 4 · width').waitFor()
    expect(problems).toEqual([])
  },
)

test(
  'what is filtered and opened in the queue survives a reload, and the list follows what happens',
  patience,
  async () => {
    await using window = await windowOf()
    const { page } = window
    const long = await api.submit(samplerGraph(1, 2_000), { name: 'Harbour, slow' })
    await api.submit(colourGraph(), { name: 'Meadow' })
    await page.goto('/queue')
    await page.getByLabel('Search the queue').fill('harbour')
    const open = page.getByRole('list', { name: 'Running and waiting' })
    await open.getByText('Harbour, slow').waitFor()
    await page.getByText('Meadow').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: /^Harbour, slow/ }).click()
    await page.waitForURL(/q=harbour.*job=/)
    await page.reload()
    await page.getByRole('heading', { name: 'Harbour, slow' }).waitFor()
    expect(await page.getByLabel('Search the queue').inputValue()).toBe('harbour')
    expect(await page.getByText('Meadow').count()).toBe(0)

    await page.getByRole('button', { name: 'Cancel …' }).click()
    await page.getByRole('menuitem', { name: 'All of my jobs', exact: true }).click()
    await page.getByRole('button', { name: 'Cancel them' }).click()
    expect(await api.finished(long)).toMatchObject({ status: 'canceled' })
    await open.waitFor({ state: 'detached' })
    await page.getByRole('list', { name: 'Ended' }).getByText('Harbour, slow').waitFor()
  },
)

const parts = [
  'profile',
  'security',
  'look',
  'keys',
  'space',
  'webhooks',
  'users',
  'spaces',
  'limits',
  'audit',
]

test.each(['light', 'dark'] as const)(
  'every part of the settings is accessible in %s colours, also on a phone',
  patience,
  async (colours) => {
    await using window = await windowOf()
    const { page } = window
    await page.emulateMedia({ colorScheme: colours, reducedMotion: 'reduce' })
    if (colours === 'dark') await page.setViewportSize({ width: 390, height: 844 })
    const found: string[] = []
    for (const part of parts) {
      await page.goto(`/settings?part=${part}`)
      await page.getByRole('heading', { level: 1 }).waitFor()
      await page.getByLabel('Loading').first().waitFor({ state: 'detached' })
      found.push(...(await accessibilityFaults(page)).map((fault) => `${part}: ${fault}`))
    }

    expect(found).toEqual([])
  },
)
