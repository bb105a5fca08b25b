import { createHash } from 'node:crypto'
import { afterEach, expect, test } from 'vitest'
import { startStandIns, type StandInOptions, type StandIns } from '../src/index.ts'

let open: StandIns | undefined
const start = async (options?: StandInOptions) => (open = await startStandIns(options))
afterEach(() => open?.[Symbol.asyncDispose]())

type List = {
  items: { id: number; name: string; type: string; nsfwLevel: number }[]
  metadata: { nextCursor?: string; nextPage?: string }
}

const list = async (standIns: StandIns, query: string): Promise<List> => {
  const response = await fetch(`${standIns.civitai.url}/api/v1/models?${query}`)
  expect(response.status).toBe(200)
  return (await response.json()) as List
}

test('the world holds every type, and a cursor leads through all of it once', async () => {
  const standIns = await start()
  const seen: number[] = []
  let cursor: string | undefined

  do {
    const page = await list(
      standIns,
      `limit=7&nsfw=true&archived=1${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`,
    )
    seen.push(...page.items.map(({ id }) => id))
    cursor = page.metadata.nextCursor
  } while (cursor)

  expect(new Set(seen).size).toBe(seen.length)
  expect(seen).toHaveLength(standIns.civitai.world.models.length)
  expect(seen.length).toBeGreaterThanOrEqual(40)
  expect(new Set(standIns.civitai.world.models.map(({ type }) => type)).size).toBe(16)
})

test.each([
  ['types=lora', 400],
  ['types=LORA,Checkpoint', 400],
  ['sort=newest', 400],
  ['period=month', 400],
  ['limit=101', 400],
  ['nsfw=yes', 400],
  ['baseModel=Pony', 400],
  ['query=x&page=2', 400],
  ['page=11&limit=100', 429],
  ['favorites=true', 401],
  ['cursor=99', 400],
])('a query it does not take is refused: %s', async (query, status) => {
  const { civitai } = await start()

  const response = await fetch(`${civitai.url}/api/v1/models?${query}`)

  expect(response.status).toBe(status)
})

test('a comma list of base models is one name that nobody has', async () => {
  const standIns = await start()

  const listed = await list(standIns, 'baseModels=Pony,Illustrious')
  const repeated = await list(standIns, 'baseModels=Pony&baseModels=Illustrious')

  expect(listed.items).toEqual([])
  expect(repeated.items.length).toBeGreaterThan(2)
})

test('text finds nothing as soon as a filter goes with it', async () => {
  const standIns = await start()

  const alone = await list(standIns, 'query=Plain+Detail')
  const filtered = await list(standIns, 'query=Plain+Detail&types=LORA')

  expect(alone.items.map(({ name }) => name)).toEqual(['Plain Detail Style'])
  expect(filtered.items).toEqual([])
})

test('what is not PG is left out unless it is asked for', async () => {
  const standIns = await start()

  const tame = await list(standIns, 'limit=100')
  const all = await list(standIns, 'limit=100&nsfw=true')

  expect(tame.items.every(({ nsfwLevel }) => (nsfwLevel & 1) === 1)).toBe(true)
  expect(all.items.length).toBeGreaterThan(tame.items.length)
})

test('the address of the next page repeats the whole query, the token too', async () => {
  const standIns = await start()

  const { metadata } = await list(standIns, 'limit=2&token=civitai_standinkey')

  expect(metadata.nextPage).toContain('token=civitai_standinkey')
})

test('a download leads to another origin, whose bytes have the hash that the version tells', async () => {
  const { civitai, requests } = await start()
  const version = civitai.world.special.plain.modelVersions[0]!

  const response = await fetch(`${civitai.url}/api/download/models/${version.id}`)
  const bytes = Buffer.from(await response.arrayBuffer())

  expect(new URL(response.url).origin).not.toBe(civitai.url)
  expect(createHash('sha256').update(bytes).digest('hex').toUpperCase()).toBe(
    version.files[0]!.hashes['SHA256'],
  )
  expect(requests.map(({ server, status }) => [server, status])).toEqual([
    ['civitai', 307],
    ['delivery', 200],
  ])
})

test.each([
  ['earlyAccess', 403],
  ['loginRequired', 401],
  ['downloadsDisabled', 401],
  ['archived', 410],
] as const)('a download is refused as the service does it: %s', async (name, status) => {
  const { civitai } = await start()
  const { id } = civitai.world.special[name].modelVersions[0]!

  const response = await fetch(`${civitai.url}/api/download/models/${id}`)

  expect(response.status).toBe(status)
  expect(await response.json()).toHaveProperty('error')
})

test('the delivery host gives ranges, refuses a token beside the signature, and forgets after its time', async () => {
  const standIns = await start()
  const { id } = standIns.civitai.world.special.plain.modelVersions[0]!
  const ask = () => fetch(`${standIns.civitai.url}/api/download/models/${id}`, { redirect: 'manual' })
  const location = (await ask()).headers.get('location')!
  standIns.settings.signedForMs = -1
  const expired = (await ask()).headers.get('location')!

  const range = await fetch(location, { headers: { range: 'bytes=10-19' } })
  const withToken = await fetch(location, { headers: { authorization: 'Bearer x' } })
  const late = await fetch(expired)

  expect(range.status).toBe(206)
  expect(range.headers.get('content-range')).toMatch(/^bytes 10-19\/\d+$/)
  expect((await range.arrayBuffer()).byteLength).toBe(10)
  expect(withToken.status).toBe(400)
  expect(late.status).toBe(403)
})

test('a version is found by each of its hashes, in any case, and by the hundred', async () => {
  const { civitai } = await start()
  const version = civitai.world.special.plain.modelVersions[0]!
  const { hashes } = version.files[0]!
  const base = `${civitai.url}/api/v1/model-versions/by-hash`

  for (const hash of Object.values(hashes)) {
    const found = await fetch(`${base}/${hash.toLowerCase()}`)
    expect(await found.json()).toMatchObject({ id: version.id })
  }
  const many = await fetch(base, { method: 'POST', body: JSON.stringify([hashes['SHA256'], '0'.repeat(64)]) })
  const unknown = await fetch(`${base}/ABCDEF0123`)

  expect(await many.json()).toHaveLength(1)
  expect(unknown.status).toBe(404)
})
