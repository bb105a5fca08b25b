import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { tempDirectory, waitFor } from '@easel/testing'
import { expect, test } from 'vitest'
import { adminPassword, startTestGateway } from './support/start-gateway.ts'

const workflow = { '1': { class_type: 'EmptyImage', inputs: {} } }

test('behind https, the cookie is secure, and a page of a named origin may call', async () => {
  await using server = await startTestGateway({
    publicUrl: 'https://studio.example',
    corsOrigins: ['https://partner.example'],
  })
  const login = (origin: string) =>
    server.call('/api/auth/login', {
      method: 'POST',
      key: null,
      json: { email: 'ADMIN@example.com', password: adminPassword },
      headers: { origin },
    })

  const own = await login('https://studio.example')
  const partner = await login('https://partner.example')
  const other = await login('https://other.example')

  expect(own.headers.get('set-cookie')).toContain('; Secure')
  expect(own.headers.get('strict-transport-security')).toContain('max-age')
  expect(partner.headers.get('access-control-allow-origin')).toBe('https://partner.example')
  expect(other.status).toBe(403)
  expect(other.headers.get('access-control-allow-origin')).not.toBe('https://other.example')
})

test('what lies compressed beside a file of the page is sent to who takes it', async () => {
  await using folder = await tempDirectory()
  const file = join(folder.path, 'assets/app-1a2b.js')
  await mkdir(join(folder.path, 'assets'), { recursive: true })
  await writeFile(join(folder.path, 'index.html'), '<h1>Studio</h1>')
  await writeFile(file, 'run()')
  await writeFile(`${file}.br`, brotliCompressSync('run()'))
  await writeFile(`${file}.gz`, gzipSync('run()'))
  await using server = await startTestGateway({ webDirectory: folder.path })
  const get = (encoding: string) =>
    server.call('/assets/app-1a2b.js', { key: null, headers: { 'accept-encoding': encoding } })

  for (const [asked, sent] of [
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip', 'gzip'],
    ['br;q=0, gzip;q=0.5', 'gzip'],
    ['identity', null],
  ] as const) {
    const { text, headers } = await get(asked)
    expect(text).toBe('run()')
    expect(headers.get('content-encoding')).toBe(sent)
    expect(headers.get('content-type')).toContain('text/javascript')
    expect(headers.get('cache-control')).toContain('immutable')
    expect(headers.get('vary')).toBe('accept-encoding')
  }
})

test('a built page is served, its own routes get its index, and nothing outside of it', async () => {
  await using folder = await tempDirectory()
  const web = join(folder.path, 'web')
  await mkdir(join(web, 'assets'), { recursive: true })
  await writeFile(join(folder.path, 'secret.txt'), 'secret')
  await writeFile(join(web, 'index.html'), '<h1>Studio</h1>')
  await writeFile(join(web, 'assets/app-1a2b.js'), 'run()')
  await using server = await startTestGateway({ webDirectory: web })
  const get = (path: string) => server.call(path, { key: null })

  expect((await get('/')).text).toBe('<h1>Studio</h1>')
  expect((await get('/gallery/123')).text).toBe('<h1>Studio</h1>')
  const script = await get('/assets/app-1a2b.js')
  expect(script.text).toBe('run()')
  expect(script.headers.get('cache-control')).toContain('immutable')
  for (const path of ['/../secret.txt', '/..%2fsecret.txt', '/assets/..%2f..%2fsecret.txt', '/missing.js']) {
    const answer = await get(path)
    expect(answer.text).not.toContain('secret')
    expect(answer.status).toBe(404)
  }
  expect((await get('/api/nothing')).body.code).toBe('ROUTE_NOT_FOUND')
})

test('a stop lets what is under way end', async () => {
  await using server = await startTestGateway()
  const waiting = server.call('/api/jobs', {
    method: 'POST',
    json: { workflow },
    headers: { prefer: 'wait=60' },
  })
  await waitFor(() => server.peers.jobs.size > 0)

  const started = performance.now()
  await server.gateway[Symbol.asyncDispose]()

  expect(await waiting).toMatchObject({ status: 202, body: { status: 'queued' } })
  expect(performance.now() - started).toBeLessThan(20_000)
})

test('what an admin does in the space of another is written down', async () => {
  await using server = await startTestGateway()
  const user = await server.addUser('owner@example.com')
  const job = await server.call('/api/jobs', { method: 'POST', key: user.key, json: { workflow } })

  await server.call(`/api/jobs/${job.body.id}/cancel`, { method: 'POST' })

  const audit = await server.call('/api/audit?limit=1')
  expect(audit.body.items).toMatchObject([{ action: 'admin.post.jobs.:id.cancel', target: job.body.id }])
})
