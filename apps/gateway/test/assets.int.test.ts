import { randomBytes } from 'node:crypto'
import { newId } from '@easel/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminKey, startTestGateway } from './support/start-gateway.ts'
import type { TestGateway } from './support/start-gateway.ts'

let server: TestGateway
beforeAll(async () => void (server = await startTestGateway()))
afterAll(() => server[Symbol.asyncDispose]())

const content = randomBytes(1_000)

async function upload(filename = 'cat.png', bytes: Uint8Array<ArrayBuffer> = new Uint8Array(content)) {
  const { status, body } = await server.call(`/api/assets?filename=${encodeURIComponent(filename)}`, {
    method: 'POST',
    body: bytes,
    headers: { 'content-type': 'application/octet-stream' },
  })
  expect(status).toBe(201)
  return body
}

async function get(path: string, headers: Record<string, string> = {}, method = 'GET') {
  const response = await fetch(server.gateway.url + path, {
    method,
    headers: { authorization: `Bearer ${adminKey}`, ...headers },
  })
  return {
    status: response.status,
    headers: response.headers,
    bytes: Buffer.from(await response.arrayBuffer()),
  }
}

test('a raw upload comes back byte for byte', async () => {
  const asset = await upload()

  const { status, headers, bytes } = await get(asset.url)

  expect(status).toBe(200)
  expect(bytes.equals(content)).toBe(true)
  expect(headers.get('content-type')).toBe('image/png')
  expect(headers.get('etag')).toBe(`"${asset.hash}"`)
  expect(headers.get('cache-control')).toBe('private, max-age=31536000, immutable')
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(headers.get('content-security-policy')).toContain('sandbox')
})

test('a form upload brings its fields', async () => {
  const form = new FormData()
  form.set('tags', 'cat, night')
  form.set('file', new Blob([content]), '../../evil/../photo.png')

  const { status, body } = await server.call('/api/assets', { method: 'POST', body: form })

  expect({ status, body }).toMatchObject({
    status: 201,
    body: { filename: 'photo.png', tags: ['cat', 'night'], bytes: 1_000 },
  })
})

test.each(['nowhere', '01936f5e-0000-7000-8000-000000000000'])(
  'a form for the space %s lands nowhere else',
  async (spaceId) => {
    const { key } = await server.addUser(`form-${spaceId}@example.com`)
    const form = new FormData()
    form.set('spaceId', spaceId)
    form.set('file', new Blob([content]), 'photo.png')

    for (const as of [adminKey, key]) {
      const answer = await server.call('/api/assets', { method: 'POST', key: as, body: form })
      expect(answer).toMatchObject({ status: 404, body: { code: 'SPACE_NOT_FOUND' } })
    }
  },
)

test('a form without a file says what is missing', async () => {
  const form = new FormData()
  form.set('tags', 'cat')

  const answer = await server.call('/api/assets', { method: 'POST', body: form })

  expect(answer).toMatchObject({ status: 422, body: { errors: [{ path: 'file' }] } })
})

test('JSON is no file', async () => {
  const answer = await server.call('/api/assets', { method: 'POST', json: {} })

  expect(answer).toMatchObject({ status: 415, body: { code: 'MEDIA_TYPE' } })
})

test.each([
  { range: 'bytes=0-9', status: 206, contentRange: 'bytes 0-9/1000', slice: [0, 10] },
  { range: 'bytes=990-', status: 206, contentRange: 'bytes 990-999/1000', slice: [990, 1_000] },
  { range: 'bytes=-10', status: 206, contentRange: 'bytes 990-999/1000', slice: [990, 1_000] },
  { range: 'bytes=0-99999', status: 206, contentRange: 'bytes 0-999/1000', slice: [0, 1_000] },
  { range: 'bytes=1000-', status: 416, contentRange: 'bytes */1000', slice: undefined },
  { range: 'bytes=-0', status: 416, contentRange: 'bytes */1000', slice: undefined },
  { range: 'bytes=9-1', status: 200, contentRange: null, slice: [0, 1_000] },
  { range: 'bytes=0-1,5-6', status: 200, contentRange: null, slice: [0, 1_000] },
  { range: 'rows=0-1', status: 200, contentRange: null, slice: [0, 1_000] },
])('$range is answered with $status', async ({ range, status, contentRange, slice }) => {
  const { url } = await upload()

  const answer = await get(url, { range })

  expect(answer.status).toBe(status)
  expect(answer.headers.get('content-range')).toBe(contentRange)
  expect(!slice || answer.bytes.equals(content.subarray(slice[0], slice[1]))).toBe(true)
})

test('a range of what has changed is all of it', async () => {
  const { url, hash } = await upload()

  expect((await get(url, { range: 'bytes=0-1', 'if-range': '"other"' })).status).toBe(200)
  expect((await get(url, { range: 'bytes=0-1', 'if-range': `"${hash}"` })).status).toBe(206)
})

test('who has it is told so', async () => {
  const { url, hash } = await upload()

  const answer = await get(url, { 'if-none-match': `"${hash}"`, range: 'bytes=0-1' })

  expect(answer.status).toBe(304)
  expect(answer.bytes).toHaveLength(0)
})

test('HEAD tells the size and sends nothing', async () => {
  const { url } = await upload()

  const { status, headers, bytes } = await get(url, { range: 'bytes=0-1' }, 'HEAD')

  expect([status, headers.get('content-length'), bytes.length]).toEqual([200, '1000', 0])
})

test('a large file is streamed, a range across the middle too', async () => {
  const large = new Uint8Array(randomBytes(10_000_000))
  const { url } = await upload('film.mp4', large)

  const whole = await get(url)
  const part = await get(url, { range: 'bytes=100-8000099' })

  expect(whole.bytes.equals(large)).toBe(true)
  expect(part.bytes.equals(Buffer.from(large).subarray(100, 8_000_100))).toBe(true)
})

test('an empty file is an empty answer', async () => {
  const { url } = await upload('empty.png', new Uint8Array())

  expect((await get(url)).status).toBe(200)
  expect((await get(url, { range: 'bytes=0-' })).status).toBe(416)
})

test('what could run in a page is never shown in one', async () => {
  for (const name of ['evil.svg', 'evil.html', 'unknown.bin']) {
    const { url } = await upload(name)
    expect((await get(url)).headers.get('content-disposition')).toMatch(/^attachment/)
  }
  const picture = await upload('fine.png')
  expect((await get(picture.url)).headers.get('content-disposition')).toMatch(/^inline/)
  expect((await get(`${picture.url}?download=1`)).headers.get('content-disposition')).toMatch(/^attachment/)
})

test('a file beyond the limit is refused', async () => {
  const answer = await server
    .call('/api/assets', {
      method: 'POST',
      body: new Uint8Array(51_000_000),
      headers: { 'content-type': 'application/octet-stream' },
    })
    .catch(() => ({ status: 413 }))

  expect(answer.status).toBe(413)
})

test('a form with a file a little beyond the limit is refused, and nothing is cut off', async () => {
  const form = new FormData()
  form.set('file', new Blob([new Uint8Array(server.config.limits.uploadBytes + 1)]), 'large.bin')

  const answer = await server.call('/api/assets', { method: 'POST', body: form })

  expect(answer.status).toBe(413)
})

test('another user finds neither the asset nor its bytes', async () => {
  const { id } = await upload()
  const { key } = await server.addUser('looker@example.com')

  for (const path of [`/api/assets/${id}`, `/api/assets/${id}/content`, `/api/assets/${id}/thumbnail`]) {
    expect((await server.call(path, { key })).status).toBe(404)
  }
})

test('null takes an asset out of its session, and is nothing where it says nothing', async () => {
  const { id } = await upload()
  const change = (json: object) => server.call(`/api/assets/${id}`, { method: 'PATCH', json })
  const sessionId = newId()

  const put = await change({ sessionId, rating: 3 })
  const kept = await change({ rating: null })
  const out = await change({ sessionId: null })

  expect(put.body).toMatchObject({ sessionId, rating: 3 })
  expect(kept.body).toMatchObject({ sessionId, rating: 3 })
  expect(out.body).toMatchObject({ sessionId: null, rating: 3 })
})
