import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { waitFor } from '@easel/testing'
import { expect, test } from 'vitest'
import { startDownloaderProcess } from './support/downloader-process.ts'
import { aModel, sha256, startFileServer } from './support/file-server.ts'
import type { FileFaults, FileServer } from './support/file-server.ts'
import { anActor, openHouse } from './support/start-downloader.ts'
import type { DownloaderHouse } from './support/start-downloader.ts'

type Bring = { faults?: FileFaults; bytes?: Buffer; name?: string; hash?: boolean }

/** Downloads a file from a server with faults, to its end. */
async function bring(house: DownloaderHouse, server: FileServer, options: Bring = {}) {
  const { faults = {}, bytes = aModel(2_000_000), name = 'model.safetensors', hash = false } = options
  const url = server.put(`/${name}`, bytes, faults)
  const request = { url, folder: 'loras' as const, ...(hash && { sha256: sha256(bytes) }) }
  const { id } = await house.client.createDownload(request)
  const view = await house.until(id, 'completed', 'failed')
  const placed =
    view.status === 'completed' && (await readFile(join(house.directory, 'loras', view.filename!)))
  return { view, placed, bytes, sent: server.sent(`/${name}`) }
}

async function withHouse(work: (house: DownloaderHouse, server: FileServer) => Promise<void>, changes = {}) {
  await using house = await openHouse()
  await using server = await startFileServer()
  await house.start(changes)
  await work(house, server)
}

test('a connection that breaks is taken up behind the last byte', () =>
  withHouse(async (house, server) => {
    const { view, placed, bytes, sent } = await bring(house, server, {
      faults: { cutAt: [800_000, 1_500_000, undefined] },
    })

    expect(view).toMatchObject({ status: 'completed', attempts: 3 })
    expect(placed && placed.equals(bytes)).toBe(true)
    expect(sent).toBeLessThan(bytes.length * 1.02)
    expect(server.requests[1]!.headers).toMatchObject({ 'if-range': expect.stringMatching(/^"/) })
  }))

test('a server that cannot give ranges is asked for the whole again', () =>
  withHouse(async (house, server) => {
    const { view, placed, bytes } = await bring(house, server, {
      faults: { cutAt: [800_000, undefined], ignoresRanges: true },
    })

    expect(view).toMatchObject({ status: 'completed' })
    expect(placed && placed.equals(bytes)).toBe(true)
  }))

test('a server that always breaks off at the same place is given up', () =>
  withHouse(
    async (house, server) => {
      const { view } = await bring(house, server, { faults: { cutAt: [800_000], ignoresRanges: true } })

      expect(view).toMatchObject({ status: 'failed', error: { code: 'URL_UNREACHABLE' } })
      expect(server.fetches('/model.safetensors').length).toBeLessThanOrEqual(5)
    },
    { retries: 3 },
  ))

test('a file that changed meanwhile is begun anew, never mixed', () =>
  withHouse(async (house, server) => {
    const before = aModel(2_000_000, 'before')
    const after = aModel(2_000_000, 'after')
    const url = server.put('/changing.safetensors', before, { bytesPerSecond: 2_000_000, cutAt: [1_000_000] })
    const { id } = await house.client.createDownload({ url, folder: 'loras' })
    await waitFor(() => server.sent('/changing.safetensors') >= 900_000)

    server.put('/changing.safetensors', after)
    const view = await house.until(id, 'completed', 'failed')

    expect(view).toMatchObject({ status: 'completed', sha256: sha256(after) })
    expect((await readFile(join(house.directory, 'loras/changing.safetensors'))).equals(after)).toBe(true)
  }))

test('a file that changed under a server that ignores If-Range is noticed too', () =>
  withHouse(async (house, server) => {
    const before = aModel(2_000_000, 'before')
    const after = aModel(2_000_000, 'after')
    const weak = (tag: string): FileFaults => ({ etag: `W/"${tag}"` })
    const url = server.put('/weak.safetensors', before, {
      ...weak('1'),
      bytesPerSecond: 2_000_000,
      cutAt: [1_000_000],
    })
    const { id } = await house.client.createDownload({ url, folder: 'loras' })
    await waitFor(() => server.sent('/weak.safetensors') >= 900_000)

    server.put('/weak.safetensors', after, weak('2'))
    const view = await house.until(id, 'completed', 'failed')

    expect(view).toMatchObject({ status: 'completed', sha256: sha256(after) })
  }))

test('without validators bytes are joined only where a hash vouches for them', () =>
  withHouse(async (house, server) => {
    const faults = { etag: null, cutAt: [800_000, undefined] }

    const unsure = await bring(house, server, { faults, name: 'unsure.safetensors' })
    const sure = await bring(house, server, { faults, name: 'sure.safetensors', hash: true })

    expect(unsure.placed && unsure.placed.equals(unsure.bytes)).toBe(true)
    expect(unsure.sent).toBeGreaterThan(unsure.bytes.length * 1.3)
    expect(sure.view).toMatchObject({ status: 'completed', verification: 'verified' })
    expect(sure.sent).toBeLessThan(sure.bytes.length * 1.02)
  }))

test('a connection that brings nothing is replaced', () =>
  withHouse(
    async (house, server) => {
      const { view, placed, bytes } = await bring(house, server, {
        faults: { stallAt: [800_000, undefined] },
      })

      expect(view).toMatchObject({ status: 'completed', attempts: 2 })
      expect(placed && placed.equals(bytes)).toBe(true)
    },
    { stallMs: 400 },
  ))

test('a server that is busy is asked again, when it says', () =>
  withHouse(async (house, server) => {
    const answers = [{ status: 503 }, { status: 429, headers: { 'retry-after': '1' } }, { status: 500 }]

    const begun = performance.now()
    const { view } = await bring(house, server, { faults: { answers } })

    expect(view).toMatchObject({ status: 'completed', attempts: 4 })
    expect(performance.now() - begun).toBeGreaterThan(1_000)
  }))

test('one that asks for a long pause does not hold a slot meanwhile', () =>
  withHouse(async (house, server) => {
    await house.as(anActor({ role: 'admin' })).updateSettings({ maxConcurrent: 1 })
    const url = server.put('/busy.safetensors', aModel(), {
      answers: [{ status: 429, headers: { 'retry-after': '600' } }],
    })
    const { id } = await house.client.createDownload({ url, folder: 'loras' })
    await waitFor(async () => {
      const { status, attempts } = await house.client.getDownload({ id })
      return status === 'queued' && attempts === 1
    })

    await using other = await startFileServer()
    await expect(bring(house, other)).resolves.toMatchObject({ view: { status: 'completed' } })
    // The pause is the server's, whatever file it was asked for.
    const again = await house.client.createDownload({
      url: server.put('/b.safetensors', aModel()),
      folder: 'loras',
    })
    await waitFor(async () => (await house.client.getDownload({ id: again.id })).status === 'queued')
    expect(server.fetches('/b.safetensors')).toEqual([])
  }))

test.each([
  [401, 'SOURCE_UNAUTHORIZED'],
  [403, 'SOURCE_FORBIDDEN'],
  [404, 'SOURCE_NOT_FOUND'],
  [410, 'SOURCE_NOT_FOUND'],
  [451, 'SOURCE_REFUSED'],
])('an answer of %i is final', (status, code) =>
  withHouse(async (house, server) => {
    const { view } = await bring(house, server, { faults: { answers: [{ status }] } })

    expect(view).toMatchObject({ status: 'failed', attempts: 1, error: { code } })
  }),
)

test('a refusal is told in the words of the server, and where a token is set', () =>
  withHouse(async (house, server) => {
    const message = 'The creator of this asset requires you to be logged in to download it'
    const body = JSON.stringify({ error: 'Unauthorized', message })
    const { view } = await bring(house, server, { faults: { answers: [{ status: 401, body }] } })

    expect(view.error?.message).toContain(`“${message}”`)
    expect(view.error?.message).toContain('easel tokens set')
  }))

test.each<[string, Bring]>([
  ['a log-in page', { faults: { headers: { 'content-type': 'text/html; charset=utf-8' } } }],
  ['a page under another type', { bytes: Buffer.from(`<!DOCTYPE html><html>${' '.repeat(500)}`) }],
  ['an error message', { bytes: Buffer.from('{"error":"sign in first"}') }],
  ['a pickle', { bytes: Buffer.from('PK\x03\x04\x14\0\x08\x08\x08\0 archive/data.pkl') }],
  ['nothing', { bytes: Buffer.alloc(0) }],
  [
    'a broken header',
    { bytes: Buffer.concat([Buffer.from([9, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('{"a":"b"}')]) },
  ],
  ['a GGUF that is none', { bytes: aModel(), name: 'model.gguf' }],
])('%s is no model file', (_what, options) =>
  withHouse(async (house, server) => {
    const { view } = await bring(house, server, options)

    expect(view).toMatchObject({ status: 'failed', error: { code: 'NOT_A_MODEL_FILE' } })
    const shown = (await readdir(house.directory)).filter((name) => !name.startsWith('.easel'))
    expect(shown).toEqual([])
    await waitFor(async () => (await readdir(join(house.directory, '.easel-partial'))).length === 0)
  }),
)

test('a compressed body is refused', () =>
  withHouse(async (house, server) => {
    const { view } = await bring(house, server, { faults: { headers: { 'content-encoding': 'gzip' } } })

    expect(view).toMatchObject({ status: 'failed', error: { code: 'SOURCE_REFUSED' } })
    expect(server.requests[0]!.headers['accept-encoding']).toBe('identity')
  }))

test('a body that is shorter than announced is never taken for whole', () =>
  withHouse(
    async (house, server) => {
      const bytes = aModel(100_000)
      const { view } = await bring(house, server, {
        bytes,
        faults: { headers: { 'content-length': String(bytes.length + 1_000) }, etag: null },
      })

      expect(view).toMatchObject({ status: 'failed', error: { code: 'URL_UNREACHABLE' } })
    },
    { retries: 1, stallMs: 500 },
  ))

test('the name is what the server says, made safe', () =>
  withHouse(async (house, server) => {
    const headers = {
      'content-disposition': `attachment; filename*=UTF-8''..%2F..%2F%C3%BCber%20it.safetensors`,
    }
    const { view } = await bring(house, server, { name: 'download', faults: { headers } })
    const nameless = await bring(house, server, { name: 'api-download' })

    expect(view).toMatchObject({ status: 'completed', filename: 'über it.safetensors' })
    expect(nameless.view).toMatchObject({ status: 'failed', error: { code: 'FILENAME_INVALID' } })
  }))

test('a token does not follow a redirect to another host', () =>
  withHouse(async (house, server) => {
    await using other = await startFileServer()
    const bytes = aModel()
    const to = other.put('/files/final.safetensors', bytes)
    const url = server.redirect('/api/download/7', to)
    const { id } = await house.client.createDownload({ url, folder: 'loras', token: 'hush' })

    const view = await house.until(id, 'completed', 'failed')

    expect(view).toMatchObject({ status: 'completed', filename: 'final.safetensors' })
    expect(server.requests[0]!.headers.authorization).toBe('Bearer hush')
    expect(other.requests[0]!.headers.authorization).toBeUndefined()
  }))

test('an address inside is refused behind a name as well', async () => {
  await using house = await openHouse()
  await using server = await startFileServer()
  await house.start({ allowPrivate: false, retries: 1 })
  server.put('/a.safetensors', aModel())
  const url = server.url.replace('127.0.0.1', 'localhost')

  const { id } = await house.client.createDownload({ url: `${url}/a.safetensors`, folder: 'loras' })
  const view = await house.until(id, 'completed', 'failed')

  expect(view).toMatchObject({ status: 'failed', error: { code: 'URL_FORBIDDEN' } })
  expect(server.requests).toEqual([])
})

test('a killed downloader goes on where it was, with the right bytes', async () => {
  await using house = await openHouse()
  await using server = await startFileServer()
  const bytes = aModel(60_000_000)
  const url = server.put('/killed.safetensors', bytes, { bytesPerSecond: 1_500_000 })
  await using first = await startDownloaderProcess(house.env)
  const { id } = await house.client.createDownload({ url, folder: 'loras', sha256: sha256(bytes) })
  await waitFor(() => server.sent('/killed.safetensors') > 30_000_000, { timeoutMs: 20_000 })
  const open = server.requests.filter(({ closed }) => !closed).length
  await first.kill()

  await using _second = await house.start()
  const done = await house.until(id, 'completed', 'failed')

  expect(done).toMatchObject({ status: 'completed', verification: 'verified' })
  expect((await readFile(join(house.directory, 'loras/killed.safetensors'))).equals(bytes)).toBe(true)
  // Of each connection: what had not filled its block, and what was on its way.
  expect(server.sent('/killed.safetensors')).toBeLessThan(bytes.length * 1.02 + open * 1024 * 1024)
}, 60_000)

test('another replica takes over within ten seconds', async () => {
  await using house = await openHouse()
  await using server = await startFileServer()
  const bytes = aModel(30_000_000)
  const url = server.put('/taken.safetensors', bytes, { bytesPerSecond: 2_000_000 })
  await using first = await startDownloaderProcess(house.env)
  const { id } = await house.client.createDownload({ url, folder: 'loras' })
  await waitFor(async () => (await house.client.getDownload({ id })).bytesDone > 1_000_000)
  await house.start()
  await first.kill()

  const asked = server.fetches('/taken.safetensors').length
  const begun = performance.now()
  await waitFor(() => server.fetches('/taken.safetensors').length > asked, { timeoutMs: 10_000 })

  expect(performance.now() - begun).toBeLessThan(10_000)
  await house.client.cancelDownload({ id })
}, 60_000)

test('a stop hands transfers on at once, without losing bytes', async () => {
  await using house = await openHouse()
  await using server = await startFileServer()
  const bytes = aModel(8_000_000)
  const url = server.put('/handed.safetensors', bytes, { bytesPerSecond: 4_000_000 })
  const first = await house.start()
  const { id } = await house.client.createDownload({ url, folder: 'loras' })
  await waitFor(async () => (await house.client.getDownload({ id })).bytesDone > 1_000_000)
  await first[Symbol.asyncDispose]()

  await house.start()
  const done = await house.until(id, 'completed')

  expect((await readFile(join(house.directory, 'loras/handed.safetensors'))).equals(bytes)).toBe(true)
  expect(done.sha256).toBe(sha256(bytes))
  expect(server.sent('/handed.safetensors')).toBeLessThan(bytes.length + 2_000_000)
})

test('an empty file that a crash has left under the name gives way', async () => {
  await using house = await openHouse()
  await using server = await startFileServer()
  const bytes = aModel(100_000)
  await house.start()
  await mkdir(join(house.directory, 'loras'), { recursive: true })
  await writeFile(join(house.directory, 'loras/held.safetensors'), '')

  const { id } = await house.client.createDownload({
    url: server.put('/held.safetensors', bytes),
    folder: 'loras',
  })

  expect(await house.until(id, 'completed', 'failed')).toMatchObject({ status: 'completed' })
  expect((await readFile(join(house.directory, 'loras/held.safetensors'))).equals(bytes)).toBe(true)
})

test('a crash between the final name and the commit repairs itself', async () => {
  await using house = await openHouse()
  await using server = await startFileServer()
  const bytes = aModel(5_000_000)
  const url = server.put('/placed.safetensors', bytes, { bytesPerSecond: 2_500_000 })
  const first = await house.start()
  const { id, transferId } = await house.client.createDownload({ url, folder: 'loras' })
  await waitFor(async () => (await house.client.getDownload({ id })).bytesDone > 1_000_000)
  await first[Symbol.asyncDispose]()
  // As the crash leaves it: hashed and named, the partial name gone or not, the row still verifying.
  await mkdir(join(house.directory, 'loras'), { recursive: true })
  await writeFile(join(house.directory, 'loras/placed.safetensors'), bytes)
  await house.sql(
    `update downloader.transfers set status = 'verifying', sha256 = $2, bytes_done = $3, bytes_total = $3,
       lease_until = now() where id = $1`,
    [transferId, sha256(bytes), bytes.length],
  )
  const asked = server.requests.length

  await house.start()
  const done = await house.until(id, 'completed', 'failed')

  expect(done).toMatchObject({ status: 'completed', sha256: sha256(bytes) })
  expect(server.requests).toHaveLength(asked)
  await waitFor(async () => (await readdir(join(house.directory, '.easel-partial'))).length === 0)
  expect((await readFile(join(house.directory, 'loras/placed.safetensors'))).equals(bytes)).toBe(true)
})
