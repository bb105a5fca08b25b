import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo, LookupFunction } from 'node:net'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { createGuardedHttp } from '../src/index.ts'
import type { GuardedHttpOptions } from '../src/index.ts'

type Handler = (request: IncomingMessage, response: ServerResponse) => void

async function startServer(handler: Handler) {
  const server = createServer(handler).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  let connections = 0
  server.on('connection', () => (connections += 1))
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}

/** Answers each look-up of a name with the next of its addresses; the last one stays. */
function resolver(names: Record<string, string[]>): LookupFunction {
  const asked = new Map<string, number>()
  return (hostname, _options, callback) => {
    const turn = asked.get(hostname) ?? 0
    asked.set(hostname, turn + 1)
    const address = names[hostname]?.[turn] ?? names[hostname]?.at(-1)
    if (!address) return callback(Object.assign(new Error('not found'), { code: 'ENOTFOUND' }), '')
    callback(
      null,
      address.split(' ').map((one) => ({ address: one, family: one.includes(':') ? 6 : 4 })),
    )
  }
}

const client = (options: GuardedHttpOptions = {}) =>
  createGuardedHttp({ allowPrivate: ['127.0.0.1/32'], ...options })
const forbidden = { code: 'invalid', extra: { reason: 'URL_FORBIDDEN' } }

test('gives status, headers and body of an allowed address', async () => {
  await using server = await startServer((_request, response) => response.setHeader('x-a', 'b').end('hello'))
  await using http = client()

  const answer = await http.request({ url: `${server.url}/path?q=1` })

  expect(answer).toMatchObject({ status: 200, url: `${server.url}/path?q=1`, redirects: [] })
  expect(answer.headers['x-a']).toBe('b')
  await expect(text(answer.body)).resolves.toBe('hello')
})

test.each([
  '127.0.0.1',
  '[::1]',
  '2130706433',
  '0x7f.0.0.1',
  '017700000001',
  '127.1',
  '0',
  '[::ffff:7f00:1]',
  '[64:ff9b::7f00:1]',
])('never connects to http://%s/', async (host) => {
  await using server = await startServer((_request, response) => response.end())
  await using http = createGuardedHttp()

  const answer = http.request({ url: `http://${host}:${server.port}/` })

  await expect(answer).rejects.toMatchObject(forbidden)
  expect(server.connections()).toBe(0)
})

test('never connects to what the system resolves localhost to', async () => {
  await using server = await startServer((_request, response) => response.end())
  await using http = createGuardedHttp()

  await expect(http.request({ url: `http://localhost:${server.port}/` })).rejects.toMatchObject(forbidden)
  expect(server.connections()).toBe(0)
})

test('checks the address that a name resolves to at connect time', async () => {
  await using server = await startServer((_request, response) => response.end())
  await using http = createGuardedHttp({ lookup: resolver({ 'evil.test': ['127.0.0.1'] }) })

  await expect(http.request({ url: `http://evil.test:${server.port}/` })).rejects.toMatchObject(forbidden)
  expect(server.connections()).toBe(0)
})

test('a name that resolves to another address the next time is refused then', async () => {
  await using server = await startServer((_request, response) =>
    response.setHeader('connection', 'close').end('ok'),
  )
  await using http = client({ lookup: resolver({ 'rebind.test': ['127.0.0.1', '127.0.0.2'] }) })
  const url = `http://rebind.test:${server.port}/`
  const first = await http.request({ url })
  await text(first.body)

  await expect(http.request({ url })).rejects.toMatchObject(forbidden)
})

test('one bad address among good ones refuses the name', async () => {
  await using server = await startServer((_request, response) => response.end())
  await using http = client({ lookup: resolver({ 'mixed.test': ['127.0.0.1 10.0.0.1'] }) })

  await expect(http.request({ url: `http://mixed.test:${server.port}/` })).rejects.toMatchObject(forbidden)
  expect(server.connections()).toBe(0)
})

test('a refusal takes as long whether or not something listens there', async () => {
  await using server = await startServer((_request, response) => response.end())
  await using http = createGuardedHttp()
  const median = async (port: number) => {
    const times = []
    for (let round = 0; round < 21; round += 1) {
      const start = performance.now()
      await expect(http.request({ url: `http://127.0.0.1:${port}/` })).rejects.toMatchObject(forbidden)
      times.push(performance.now() - start)
    }
    return times.sort((a, b) => a - b)[10] ?? Number.NaN
  }
  await median(server.port)

  expect(Math.abs((await median(server.port)) - (await median(1)))).toBeLessThan(5)
})

test.each([
  'http://127.0.0.2/',
  'http://169.254.169.254/latest/meta-data/',
  'file:///etc/passwd',
  'http://a:b@127.0.0.1/',
])('refuses a redirect to %s', async (location) => {
  await using server = await startServer((_request, response) => response.writeHead(302, { location }).end())
  await using http = client()

  await expect(http.request({ url: server.url })).rejects.toMatchObject(forbidden)
})

test('secret headers stay with the origin they were meant for', async () => {
  const seen: IncomingMessage['headers'][] = []
  await using other = await startServer((request, response) => {
    seen.push(request.headers)
    if (request.url === '/back') response.writeHead(307, { location: `${first.url}/end` }).end()
    else response.end()
  })
  await using first = await startServer((request, response) => {
    seen.push(request.headers)
    if (request.url === '/start') response.writeHead(302, { location: '/same' }).end()
    else if (request.url === '/same') response.writeHead(302, { location: `${other.url}/back` }).end()
    else response.end('end')
  })
  await using http = client()
  const headers = { Authorization: 'Bearer t', Cookie: 'a=b', 'X-Api-Key': 'k', 'X-Own': 'o', 'X-Plain': 'p' }

  const answer = await http.request({ url: `${first.url}/start`, headers, privateHeaders: ['X-Own'] })

  await expect(text(answer.body)).resolves.toBe('end')
  expect(answer.redirects).toEqual([`${first.url}/same`, `${other.url}/back`, `${first.url}/end`])
  expect(seen.map(({ authorization }) => authorization)).toEqual([
    'Bearer t',
    'Bearer t',
    undefined,
    undefined,
  ])
  expect(seen[2]).toMatchObject({ 'x-plain': 'p' })
  for (const name of ['cookie', 'x-api-key', 'x-own']) expect(seen[2]).not.toHaveProperty(name)
})

test('a POST becomes a GET on 302 and stays one on 307', async () => {
  const seen: string[] = []
  await using server = await startServer((request, response) => {
    void text(request).then((body) => {
      seen.push(`${request.method} ${request.url} ${body}`)
      const status = Number(request.url?.slice(1))
      if (status) response.writeHead(status, { location: '/done' })
      response.end()
    })
  })
  await using http = client()

  for (const status of [302, 307])
    await http.request({ url: `${server.url}/${status}`, method: 'POST', body: 'data' })

  expect(seen).toEqual(['POST /302 data', 'GET /done ', 'POST /307 data', 'POST /done data'])
})

test('a streamed body is not sent a second time', async () => {
  await using server = await startServer((request, response) => {
    request.resume().on('end', () => response.writeHead(307, { location: '/again' }).end())
  })
  await using http = client()

  const answer = http.request({ url: server.url, method: 'PUT', body: Readable.from(['data']) })

  await expect(answer).rejects.toMatchObject({ extra: { reason: 'URL_UNREACHABLE' } })
})

test('a redirect loop ends', async () => {
  await using server = await startServer((_request, response) =>
    response.writeHead(302, { location: '/' }).end(),
  )
  await using http = client({ maxRedirects: 3 })

  await expect(http.request({ url: server.url })).rejects.toMatchObject({
    extra: { reason: 'URL_UNREACHABLE' },
  })
})

test('gives the redirect itself where none may be followed', async () => {
  await using server = await startServer((_request, response) =>
    response.writeHead(302, { location: '/x' }).end(),
  )
  await using http = client()

  await expect(http.request({ url: server.url, maxRedirects: 0 })).resolves.toMatchObject({ status: 302 })
})

test('an announced body that is too large is not read', async () => {
  await using server = await startServer((_request, response) =>
    response.setHeader('content-length', 11).end('hello world'),
  )
  await using http = client({ maxBytes: 10 })

  await expect(http.request({ url: server.url })).rejects.toMatchObject({
    extra: { reason: 'RESPONSE_TOO_LARGE' },
  })
})

test('an endless body is cut off at the limit', async () => {
  await using server = await startServer((_request, response) => {
    const send = () => {
      while (!response.destroyed && response.write('x'.repeat(1_000)));
    }
    response.on('drain', send)
    send()
  })
  await using http = client({ maxBytes: 100_000 })
  const { body } = await http.request({ url: server.url })

  await expect(text(body)).rejects.toMatchObject({ extra: { reason: 'RESPONSE_TOO_LARGE' } })
})

test('a stalled body ends with a deadline', async () => {
  await using server = await startServer((_request, response) => void response.write('begin'))
  await using http = client({ timeouts: { idleMs: 200 } })
  const { body } = await http.request({ url: server.url })

  await expect(text(body)).rejects.toMatchObject({ code: 'deadline', extra: { reason: 'URL_UNREACHABLE' } })
})

test('a drip that never stalls meets the total deadline', async () => {
  const timers: NodeJS.Timeout[] = []
  await using server = await startServer((_request, response) => {
    timers.push(setInterval(() => response.write('x'), 20))
  })
  await using http = client({ timeouts: { totalMs: 300 } })
  const { body } = await http.request({ url: server.url })

  await expect(text(body)).rejects.toMatchObject({ code: 'deadline' })
  timers.forEach(clearInterval)
})

test('a server that never answers ends with a deadline', async () => {
  await using server = await startServer(() => undefined)
  await using http = client({ timeouts: { headersMs: 100 } })

  await expect(http.request({ url: server.url })).rejects.toMatchObject({ code: 'deadline' })
})

test('an abort throws the reason of the caller, before and during the body', async () => {
  await using server = await startServer((request, response) => {
    if (request.url === '/body') response.write('begin')
  })
  await using http = client()
  const reason = new Error('no longer wanted')
  const before = new AbortController()
  const during = new AbortController()

  setImmediate(() => before.abort(reason))
  await expect(http.request({ url: server.url, signal: before.signal })).rejects.toBe(reason)
  const { body } = await http.request({ url: `${server.url}/body`, signal: during.signal })
  during.abort(reason)

  await expect(text(body)).rejects.toBe(reason)
})

test('an aborted body that nobody reads does no harm', async () => {
  await using server = await startServer((_request, response) => void response.write('begin'))
  await using http = client()
  const abort = new AbortController()
  const { body } = await http.request({ url: server.url, signal: abort.signal })

  abort.abort()

  await expect.poll(() => body.destroyed).toBe(true)
})

test('a connection that breaks in the body is an error of the body', async () => {
  await using server = await startServer((_request, response) => {
    response.setHeader('content-length', 100).write('begin', () => response.destroy())
  })
  await using http = client()
  const { body } = await http.request({ url: server.url })

  await expect(text(body)).rejects.toMatchObject({
    code: 'unavailable',
    extra: { reason: 'URL_UNREACHABLE' },
  })
})

test('a name nobody knows and a closed port are unreachable', async () => {
  const port = await startServer(() => undefined).then(async (server) => {
    await server[Symbol.asyncDispose]()
    return server.port
  })
  await using http = client({ lookup: resolver({}) })

  for (const url of ['http://nobody.test/', `http://127.0.0.1:${port}/`]) {
    await expect(http.request({ url })).rejects.toMatchObject({
      code: 'unavailable',
      extra: { reason: 'URL_UNREACHABLE' },
    })
  }
})

test('sends and reads JSON', async () => {
  await using server = await startServer((request, response) => {
    void text(request).then((body) =>
      response.end(JSON.stringify({ type: request.headers['content-type'], body })),
    )
  })
  await using http = client()

  const sent = await http.requestJson({ url: server.url, json: { a: 1 } })
  const got = await http.getJson(server.url)

  expect(sent).toMatchObject({ status: 200, json: { type: 'application/json', body: '{"a":1}' } })
  expect(got.json).toEqual({ body: '' })
})

test('an answer that should be JSON and is not is an error, and an error page is not', async () => {
  await using server = await startServer((request, response) => {
    response.writeHead(request.url === '/502' ? 502 : 200).end('<html>')
  })
  await using http = client()

  await expect(http.getJson(server.url)).rejects.toMatchObject({ extra: { reason: 'URL_UNREACHABLE' } })
  await expect(http.getJson(`${server.url}/502`)).resolves.toMatchObject({ status: 502, json: undefined })
})

test('the caller cannot name another host than the one that was checked', async () => {
  await using server = await startServer((request, response) => response.end(request.headers.host))
  await using http = client()

  const { body } = await http.request({ url: server.url, headers: { Host: 'internal' } })

  await expect(text(body)).resolves.toBe(`127.0.0.1:${server.port}`)
})
