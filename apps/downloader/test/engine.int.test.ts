import { waitFor } from '@easel/testing'
import { expect, test } from 'vitest'
import { aModel, sha256, startFileServer } from './support/file-server.ts'
import type { FileFaults, FileServer } from './support/file-server.ts'
import { startEngine } from './support/start-engine.ts'
import type { Brings, Engine } from './support/start-engine.ts'

type Case = { faults?: FileFaults; bytes?: Buffer } & Partial<Brings>

async function withEngine(work: (engine: Engine, server: FileServer) => Promise<void>): Promise<void> {
  await using server = await startFileServer()
  await using engine = await startEngine()
  await work(engine, server)
}

/** Brings a file from a server with faults. */
async function fetched(engine: Engine, server: FileServer, { faults, bytes, ...rest }: Case = {}) {
  const model = bytes ?? aModel(6_000_000)
  const path = '/model.safetensors'
  const running = engine.bring({ url: server.put(path, model, faults), ...rest })
  const { sha256: hash } = await running.done
  expect(hash).toBe(sha256(model))
  expect((await running.read()).equals(model)).toBe(true)
  return { running, model, sent: server.sent(path), fetches: server.fetches(path) }
}

test('a file comes whole, hashed as it is written', () =>
  withEngine(async (engine, server) => {
    const { sent, model, fetches } = await fetched(engine, server)

    expect(sent).toBe(model.length)
    expect(fetches[0]!.headers).toMatchObject({
      range: 'bytes=0-524287',
      'if-range': expect.stringMatching(/^"/),
      'accept-encoding': 'identity',
    })
  }))

test('slow connections become more, and the parts are put together right', () =>
  withEngine(async (engine, server) => {
    const { fetches, sent, model } = await fetched(engine, server, {
      bytes: aModel(12_000_000),
      faults: { bytesPerSecond: 1_500_000 },
    })

    const open = Math.max(...fetches.map((_, index) => index))
    expect(open).toBeGreaterThan(3)
    expect(sent).toBeLessThan(model.length * 1.3)
  }))

test.each<[string, Case]>([
  ['breaks at 40 %', { faults: { cutAt: [2_400_000, undefined] } }],
  ['is reset', { faults: { cutAt: [1_000_000, 3_000_000, undefined], resets: true } }],
  ['stalls at 99 %', { faults: { stallAt: [5_950_000, 5_950_000, undefined] }, stallMs: 500 }],
  ['drips', { faults: { dripAt: [3_000_000, 3_000_000, undefined] }, stallMs: 1_000 }],
  ['comes in chunks', { faults: { chunked: true } }],
  ['comes in chunks, from a server without ranges', { faults: { chunked: true, ignoresRanges: true } }],
  ['has no length at all', { faults: { untilClose: true, ignoresRanges: true } }],
  ['is given as a whole only', { faults: { ignoresRanges: true } }],
  ['closes after each range', { faults: { headers: { connection: 'close' } } }],
  [
    'is interrupted by 429',
    { faults: { answers: [undefined, undefined, { status: 429 }, { status: 503 }] } },
  ],
  ['allows two connections', { faults: { mostConnections: 2, bytesPerSecond: 3_000_000 } }],
  ['has a weak tag', { faults: { etag: 'W/"1"' } }],
  ['has a date only', { faults: { etag: null, lastModified: 'Tue, 01 Jan 2030 00:00:00 GMT' } }],
  ['has nothing to know it by', { faults: { etag: null } }],
])('a file that %s comes whole', (_what, options) =>
  withEngine(async (engine, server) => {
    const { sent, model } = await fetched(engine, server, options)

    expect(sent).toBeLessThan(model.length * 2)
  }),
)

test('a body of chunks that breaks off is not taken for whole', () =>
  withEngine(async (engine, server) => {
    const { running } = await fetched(engine, server, {
      faults: { chunked: true, ignoresRanges: true, cutAt: [2_000_000, undefined] },
    })

    expect(running.attempts()).toBe(2)
  }))

test.each<[string, FileFaults]>([
  ['in the middle of a range', { untilClose: true, cutAt: [200_000, undefined] }],
  ['before the length it has told', { untilClose: true, etag: null, cutAt: [2_000_000, undefined] }],
])('a body that ends with its connection, %s, is not taken for whole', (_where, faults) =>
  withEngine(async (engine, server) => {
    const { running, fetches } = await fetched(engine, server, { faults })

    expect(running.attempts() + fetches.length).toBeGreaterThan(2)
  }),
)

test.each<FileFaults>([{ chunked: true }, { untilClose: true }])(
  'a body longer than its server has told is not taken for the file, with %o',
  (framing) =>
    withEngine(async (engine, server) => {
      const bytes = aModel(2_000_000)
      const short = {
        status: 206,
        headers: { 'content-range': `bytes 0-79/${bytes.length - 1_000}` },
        body: bytes.toString('latin1', 0, 80),
      }
      const { running } = await fetched(engine, server, {
        bytes,
        faults: { ...framing, etag: null, answers: [short] },
      })

      expect(running.attempts()).toBe(2)
    }),
)

test('a connection that breaks costs less than its chunk', () =>
  withEngine(async (engine, server) => {
    const { sent, model } = await fetched(engine, server, {
      faults: { cutAt: [900_000, 2_000_000, 4_000_000, undefined] },
    })

    expect(sent).toBeLessThan(model.length + 3 * 512 * 1024)
  }))

test('a file that changes while it is fetched is begun anew, never mixed', () =>
  withEngine(async (engine, server) => {
    const before = aModel(6_000_000, 'before')
    const after = aModel(6_000_000, 'after')
    const url = server.put('/m.safetensors', before, { bytesPerSecond: 3_000_000, cutAt: [3_000_000] })
    const running = engine.bring({ url })
    await waitFor(() => running.progress().done > 1_000_000)

    server.put('/m.safetensors', after)

    await expect(running.done).resolves.toMatchObject({ sha256: sha256(after) })
    expect((await running.read()).equals(after)).toBe(true)
  }))

test.each<[string, FileFaults, FileFaults]>([
  ['its tag', {}, {}],
  ['its tag, under a server that ignores If-Range', {}, { ignoresConditions: true }],
  [
    'its date',
    { etag: null, lastModified: 'Tue, 01 Jan 2030 00:00:00 GMT' },
    { etag: null, lastModified: 'Wed, 02 Jan 2030 00:00:00 GMT', ignoresConditions: true },
  ],
])('a file that has changed %s before the resume is begun anew', (_what, first, second) =>
  withEngine(async (engine, server) => {
    const before = aModel(6_000_000, 'before')
    const after = aModel(6_000_000, 'after')
    const stop = new AbortController()
    const url = server.put('/m.safetensors', before, { ...first, totalBytesPerSecond: () => 3_000_000 })
    const running = engine.bring({ url, signal: stop.signal })
    await waitFor(() => running.progress().done > 1_000_000)
    stop.abort(new Error('stopped'))
    await expect(running.done).rejects.toThrow('stopped')
    server.put('/m.safetensors', after, second)

    const again = engine.bring({ url })

    await expect(again.done).resolves.toMatchObject({ sha256: sha256(after) })
    expect((await again.read()).equals(after)).toBe(true)
  }),
)

test('a file that has grown before the resume is begun anew', () =>
  withEngine(async (engine, server) => {
    const before = aModel(4_000_000)
    const after = aModel(6_000_000)
    const stop = new AbortController()
    const url = server.put('/m.safetensors', before, { etag: '"same"', totalBytesPerSecond: () => 3_000_000 })
    const running = engine.bring({ url, signal: stop.signal })
    await waitFor(() => running.progress().done > 1_000_000)
    stop.abort(new Error('stopped'))
    await expect(running.done).rejects.toThrow('stopped')
    server.put('/m.safetensors', after, { etag: '"same"' })

    await expect(engine.bring({ url }).done).resolves.toMatchObject({ sha256: sha256(after) })
  }))

test('a stop keeps what came, and the next start asks for the rest only', () =>
  withEngine(async (engine, server) => {
    const bytes = aModel(8_000_000)
    const stop = new AbortController()
    const url = server.put('/m.safetensors', bytes, { totalBytesPerSecond: () => 3_000_000 })
    const running = engine.bring({ url, signal: stop.signal })
    await waitFor(() => running.progress().done > 4_000_000)
    stop.abort(new Error('stopped'))
    await expect(running.done).rejects.toThrow('stopped')
    const kept = running.progress().done
    const asked = server.requests.length
    server.put('/m.safetensors', bytes)

    const again = engine.bring({ url })

    await expect(again.done).resolves.toMatchObject({ sha256: sha256(bytes) })
    const rest = server.requests.slice(asked).reduce((sum, { sent, probe }) => sum + (probe ? 0 : sent), 0)
    expect(rest).toBeLessThan(bytes.length - kept + 16 * 256 * 1024)
    expect(again.answers[0]!.kept).toBeGreaterThan(kept - 16 * 256 * 1024)
  }))

test('what another boot wrote is relied on only as far as it was synced', () =>
  withEngine(async (engine, server) => {
    const bytes = aModel(4_000_000)
    const stop = new AbortController()
    const url = server.put('/m.safetensors', bytes, { totalBytesPerSecond: () => 2_000_000 })
    const running = engine.bring({ url, signal: stop.signal })
    await waitFor(() => running.progress().done > 1_000_000)
    stop.abort(new Error('stopped'))
    await expect(running.done).rejects.toThrow('stopped')

    const again = engine.bring({ url, boot: 'another boot' })

    await expect(again.done).resolves.toMatchObject({ sha256: sha256(bytes) })
    expect(again.answers[0]!.kept).toBe(0)
  }))

test('a partial file that is complete is verified without being fetched', () =>
  withEngine(async (engine, server) => {
    const { model } = await fetched(engine, server)
    const asked = server.fetches('/model.safetensors').length

    const again = engine.bring({ url: `${server.url}/model.safetensors` })

    await expect(again.done).resolves.toMatchObject({ sha256: sha256(model) })
    expect(server.fetches('/model.safetensors')).toHaveLength(asked)
  }))

test.each<[string, NonNullable<FileFaults['contentRange']>]>([
  ['other bytes than it was asked for', (start, end, total) => `bytes ${start + 1}-${end}/${total + 1}`],
  ['overlapping ranges', (start, end, total) => `bytes ${Math.max(0, start - 100)}-${end - 1}/${total}`],
  ['a length that its range does not have', (start, end, total) => `bytes ${start}-${end - 2}/${total}`],
])('a server that gives %s is refused', (_what, contentRange) =>
  withEngine(async (engine, server) => {
    const url = server.put('/m.safetensors', aModel(3_000_000), { contentRange })

    const running = engine.bring({ url, retries: 1 })

    await expect(running.done).rejects.toMatchObject({ extra: { reason: 'SOURCE_REFUSED' } })
  }),
)

test('ranges of a file of another length are not put together', () =>
  withEngine(async (engine, server) => {
    const url = server.put('/m.safetensors', aModel(3_000_000), {
      contentRange: (start, end, total) => `bytes ${start}-${end - 1}/${total + 5}`,
    })

    const running = engine.bring({ url, retries: 1 })

    await expect(running.done).rejects.toMatchObject({ extra: { reason: 'URL_UNREACHABLE' } })
  }))

test('a compressed body is refused', () =>
  withEngine(async (engine, server) => {
    const url = server.put('/m.safetensors', aModel(), { headers: { 'content-encoding': 'gzip' } })

    const running = engine.bring({ url, retries: 1 })

    await expect(running.done).rejects.toMatchObject({ extra: { reason: 'SOURCE_REFUSED' } })
  }))

test('one flipped bit: wrong bytes are put aside, and both hashes told', () =>
  withEngine(async (engine, server) => {
    const right = aModel(3_000_000)
    const wrong = Buffer.from(right)
    wrong[2_000_000]! ^= 1
    const url = server.put('/m.safetensors', wrong)

    const running = engine.bring({ url, expectedSha256: sha256(right) })

    await expect(running.done).rejects.toMatchObject({
      extra: { reason: 'HASH_MISMATCH', details: { expected: sha256(right), found: sha256(wrong) } },
    })
    expect((await engine.names()).toSorted()).toEqual(['partial.bad', 'partial.ranges'])
    expect(server.sent('/m.safetensors')).toBe(wrong.length)
  }))

test('bytes that were put together and do not meet the hash are fetched once more, from the start', () =>
  withEngine(async (engine, server) => {
    const right = aModel(4_000_000)
    const before = aModel(4_000_000, 'before')
    const faults = { etag: null }
    const stop = new AbortController()
    const url = server.put('/m.safetensors', before, { ...faults, totalBytesPerSecond: () => 2_000_000 })
    const running = engine.bring({ url, expectedSha256: sha256(right), signal: stop.signal })
    await waitFor(() => running.progress().done > 1_000_000)
    stop.abort(new Error('stopped'))
    await expect(running.done).rejects.toThrow('stopped')
    server.put('/m.safetensors', right, faults)

    const again = engine.bring({ url, expectedSha256: sha256(right) })

    await expect(again.done).resolves.toMatchObject({ sha256: sha256(right) })
    expect((await again.read()).equals(right)).toBe(true)
  }))

test('a mirror is asked where an address fails, and goes on where the first one broke off', () =>
  withEngine(async (engine, server) => {
    const bytes = aModel(6_000_000)
    const slow = { bytesPerSecond: 3_000_000, cutAt: [4_000_000, undefined] }
    const first = server.put('/first.safetensors', bytes, { ...slow, etag: '"a"' })
    const second = server.put('/second.safetensors', bytes, { etag: '"b"' })
    const running = engine.bring({
      url: first,
      mirrors: [`${server.url}/none`, second],
      expectedSha256: sha256(bytes),
    })
    await waitFor(() => running.progress().done > 2_000_000)

    server.refuse('/first.safetensors', 404)

    await expect(running.done).resolves.toMatchObject({ sha256: sha256(bytes) })
    expect(server.sent('/second.safetensors')).toBeLessThan(bytes.length)
  }))

test('a mirror with wrong bytes is left for the next', () =>
  withEngine(async (engine, server) => {
    const right = aModel(1_000_000)
    const url = server.put('/wrong.safetensors', aModel(1_000_000, 'wrong'))
    const mirror = server.put('/right.safetensors', right)

    const running = engine.bring({ url, mirrors: [mirror], expectedSha256: sha256(right) })

    await expect(running.done).resolves.toMatchObject({ sha256: sha256(right) })
  }))

test('a signed address that expires mid-file is asked for anew, without losing bytes', () =>
  withEngine(async (engine, server) => {
    const bytes = aModel(6_000_000)
    let signature = 0
    const sign = () => {
      const path = `/signed/${++signature}`
      return server.put(path, bytes, {
        bytesPerSecond: 4_000_000,
        ...(signature === 1 && { cutAt: [4_000_000] }),
      })
    }
    const url = server.redirect('/m.safetensors', sign)
    const running = engine.bring({ url })
    await waitFor(() => running.progress().done > 2_000_000)

    server.refuse('/signed/1', 403)

    await expect(running.done).resolves.toMatchObject({ sha256: sha256(bytes) })
    const sent = server.requests.reduce((sum, each) => sum + each.sent, 0)
    expect(signature).toBeGreaterThan(1)
    expect(sent).toBeLessThan(bytes.length + 16 * 512 * 1024)
  }))

test('a token goes to its own host only, on ranges too', () =>
  withEngine(async (engine, server) => {
    await using other = await startFileServer()
    const to = other.put('/final.safetensors', aModel(2_000_000))
    const url = server.redirect('/start', to)

    await engine.bring({ url, headers: { Authorization: 'Bearer hush', 'X-Special': 'hush' } }).done
    const direct = server.put('/direct.safetensors', aModel(2_000_000))
    await engine.bring({ url: direct, name: 'direct', headers: { Authorization: 'Bearer hush' } }).done

    expect(server.requests[0]!.headers).toMatchObject({ authorization: 'Bearer hush', 'x-special': 'hush' })
    for (const { headers } of other.requests) {
      expect(headers.authorization).toBeUndefined()
      expect(headers['x-special']).toBeUndefined()
    }
    for (const { headers } of server.fetches('/direct.safetensors'))
      expect(headers.authorization).toBe('Bearer hush')
  }))

test('a file of another size than announced is refused before it is fetched', () =>
  withEngine(async (engine, server) => {
    const url = server.put('/m.safetensors', aModel(2_000_000))

    const running = engine.bring({ url, expectedBytes: 5 })

    await expect(running.done).rejects.toMatchObject({ extra: { reason: 'SIZE_MISMATCH' } })
    expect(server.sent('/m.safetensors')).toBe(0)
  }))
