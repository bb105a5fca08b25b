import { expect, test } from 'vitest'
import { recordedServer } from '../src/index.ts'

test('answers are replayed in their order, and the last one stays', async () => {
  await using server = await recordedServer()
  server.on('GET /models', { status: 503 }, { body: { items: [] } })

  const statuses = []
  for (let call = 0; call < 3; call += 1) statuses.push((await fetch(`${server.url}/models?page=1`)).status)

  expect(statuses).toEqual([503, 200, 200])
  expect(server.requests.map(({ path }) => path)).toEqual([
    '/models?page=1',
    '/models?page=1',
    '/models?page=1',
  ])
})

test('what the client sent is kept, and may decide the answer', async () => {
  await using server = await recordedServer({
    'POST /echo': ({ body, headers }) => ({ body: { text: String(body), type: headers['content-type'] } }),
  })

  const response = await fetch(`${server.url}/echo`, {
    method: 'POST',
    body: 'hi',
    headers: { 'content-type': 'x/y' },
  })

  expect(await response.json()).toEqual({ text: 'hi', type: 'x/y' })
})

test('an unknown route is 404', async () => {
  await using server = await recordedServer()

  expect((await fetch(`${server.url}/nothing`)).status).toBe(404)
})

test.each([0, 4])('a connection that is cut after %i bytes fails the client', async (cutAfterBytes) => {
  await using server = await recordedServer({ 'GET /file': { body: 'longer than that', cutAfterBytes } })

  const whole = fetch(`${server.url}/file`).then((response) => response.text())

  await expect(whole).rejects.toThrow(/fetch failed|terminated/)
})

test('a hanging answer ends with the patience of the client', async () => {
  await using server = await recordedServer({ 'GET /file': { body: 'never whole', hang: true } })

  const whole = fetch(`${server.url}/file`, { signal: AbortSignal.timeout(100) }).then((response) =>
    response.text(),
  )

  await expect(whole).rejects.toThrow(/timeout/)
})
