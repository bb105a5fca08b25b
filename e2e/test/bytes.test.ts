import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Api } from '../support/api.ts'
import { colourGraph } from '../support/graphs.ts'
import { must } from '../support/people.ts'
import { startServices } from '../support/services.ts'
import { bootstrapKey } from '../support/standalone.ts'
import type { Services } from '../support/services.ts'

let services: Services
let api: Api

beforeAll(async () => {
  services = await startServices()
  api = new Api(services.url, bootstrapKey)
}, 120_000)
afterAll(() => services?.[Symbol.asyncDispose]())

describe('a range', () => {
  let url: string
  let whole: Buffer
  beforeAll(async () => {
    const job = await api.finished(await api.submit(colourGraph(7)))
    url = (job.outputs as [{ url: string }])[0].url
    whole = await api.bytes(url)
  })
  const ask = async (range: string, method = 'GET') => {
    const answer = await fetch(services.url + url, { method, headers: { ...api.credentials, range } })
    return { status: answer.status, headers: answer.headers, bytes: Buffer.from(await answer.arrayBuffer()) }
  }

  test.each<[string, number, number]>([
    ['bytes=0-9', 0, 10],
    ['bytes=5-', 5, Infinity],
    ['bytes=-7', -7, Infinity],
    ['bytes=0-99999999', 0, Infinity],
    ['bytes=-99999999', 0, Infinity],
  ])('%s is that part', async (range, start, end) => {
    const { status, headers, bytes } = await ask(range)

    expect(status).toBe(206)
    expect(bytes.equals(whole.subarray(start, Math.min(end, whole.length)))).toBe(true)
    const from = start < 0 ? whole.length + start : start
    expect(headers.get('content-range')).toBe(`bytes ${from}-${from + bytes.length - 1}/${whole.length}`)
  })

  test.each(['bytes=99999999-', 'bytes=-0'])('%s is 416 with the length', async (range) => {
    const { status, headers } = await ask(range)

    expect([status, headers.get('content-range')]).toEqual([416, `bytes */${whole.length}`])
  })

  test('a thousand ranges, or what is none, is the whole', async () => {
    const many = `bytes=${Array.from({ length: 1_000 }, (_, i) => `${i}-${i + 1}`).join(',')}`
    for (const range of [
      many,
      'bytes=0-1,5-6',
      'bytes=9-5',
      'bytes=x',
      'lines=1-2',
      'bytes=',
      'bytes=1-2-3',
    ]) {
      const { status, bytes } = await ask(range)
      expect([range.slice(0, 20), status, bytes.equals(whole)]).toEqual([range.slice(0, 20), 200, true])
    }
  })

  test('of a stale version is the whole; of what one has, nothing', async () => {
    const { headers } = await ask('bytes=0-0')
    const tag = headers.get('etag')!
    const stale = await fetch(services.url + url, {
      headers: { ...api.credentials, range: 'bytes=0-9', 'if-range': '"other"' },
    })
    const same = await fetch(services.url + url, { headers: { ...api.credentials, 'if-none-match': tag } })
    const head = await fetch(services.url + url, { method: 'HEAD', headers: api.credentials })

    expect([stale.status, (await stale.arrayBuffer()).byteLength]).toEqual([200, whole.length])
    expect(same.status).toBe(304)
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(whole.length)])
  })
})

test('an upload that a browser could take for a page does not run in it', async () => {
  const html = Buffer.from('<html><script>alert(1)</script></html>')
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')
  for (const [name, bytes] of [
    ['a.html', html],
    ['a.svg', svg],
    ['a.png', html],
    ['a.png', svg],
  ] as const) {
    const { id } = await must(
      api.send('POST', `/api/assets?filename=${name}`, bytes, {
        'content-type': 'application/octet-stream',
      }),
      201,
    )
    const { headers } = await fetch(`${services.url}/api/assets/${String(id)}/content`, {
      headers: api.credentials,
    })
    expect(headers.get('content-type')).not.toMatch(/html|svg/)
    expect(headers.get('content-disposition')).toMatch(/^attachment/)
    expect(headers.get('content-security-policy')).toContain('sandbox')
  }
})
