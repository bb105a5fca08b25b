import { afterEach, expect, test } from 'vitest'
import { startStandIns, type StandIns } from '../src/index.ts'

let open: StandIns | undefined
const start = async () => (open = await startStandIns())
afterEach(() => open?.[Symbol.asyncDispose]())

const models = ({ civitai }: StandIns) => `${civitai.url}/api/v1/models?limit=1`

test('a fault strikes as often as told, on its path only', async () => {
  const standIns = await start()
  standIns.fault({ kind: 'status', status: 429, retryAfterS: 2, path: '/api/v1/models', times: 1 })

  const first = await fetch(models(standIns))
  const second = await fetch(models(standIns))

  expect([first.status, first.headers.get('retry-after')]).toEqual([429, '2'])
  expect(second.status).toBe(200)
})

test('a header brings a fault to one request', async () => {
  const standIns = await start()

  const page = await fetch(models(standIns), { headers: { 'x-stand-in-fault': 'html' } })

  expect(page.status).toBe(200)
  expect(page.headers.get('content-type')).toContain('text/html')
})

test('a body breaks off at its share, or comes shorter than announced', async () => {
  const standIns = await start()
  using _cut = standIns.fault({ kind: 'cut', server: 'civitai', times: 1 })

  await expect(fetch(models(standIns)).then((response) => response.text())).rejects.toThrow('terminated')

  using _length = standIns.fault({ kind: 'wrong-length', server: 'civitai', times: 1 })
  await expect(fetch(models(standIns)).then((response) => response.text())).rejects.toThrow('terminated')
  expect((await fetch(models(standIns))).status).toBe(200)
})

test('bytes change and ranges are ignored when told', async () => {
  const standIns = await start()
  const { id, files } = standIns.civitai.world.special.plain.modelVersions[0]!
  const url = `${standIns.civitai.url}/api/download/models/${id}`
  const right = standIns.civitai.world.bytes.get(files[0]!.id)!

  using _bytes = standIns.fault({ kind: 'wrong-bytes', server: 'delivery', times: 1 })
  const wrong = Buffer.from(await (await fetch(url)).arrayBuffer())
  using _range = standIns.fault({ kind: 'ignore-range', server: 'delivery', times: 1 })
  const whole = await fetch(url, { headers: { range: 'bytes=0-9' } })

  expect(wrong).toHaveLength(right.length)
  expect(wrong.equals(right)).toBe(false)
  expect(whole.status).toBe(200)
})

test('a server goes away and comes back at the same address', async () => {
  const standIns = await start()
  await standIns.civitai.goOffline()
  await expect(fetch(models(standIns))).rejects.toThrow('fetch failed')

  await standIns.civitai.goOnline()

  expect((await fetch(models(standIns))).status).toBe(200)
})
