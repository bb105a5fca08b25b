import { waitFor } from '@easel/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Api } from '../support/api.ts'
import { hasFfmpeg } from '../support/has-ffmpeg.ts'
import { colourGraph, invertGraph, mediaGraphs, partlyInvalidGraph, samplerGraph } from '../support/graphs.ts'
import { openEventSource, openSocket } from '../support/listen.ts'
import { logIn, must, withCookie } from '../support/people.ts'
import { farthest, pixels } from '../support/pixels.ts'
import { startServices } from '../support/services.ts'
import { bootstrapKey } from '../support/standalone.ts'
import type { Json } from '../support/api.ts'
import type { Heard } from '../support/listen.ts'
import type { Services } from '../support/services.ts'

let services: Services
let url: string
let api: Api

beforeAll(async () => {
  services = await startServices({ stepMs: 25, nodePacks: ['testing'] })
  url = services.url
  api = new Api(url, bootstrapKey)
}, 120_000)
afterAll(() => services?.[Symbol.asyncDispose]())

const of = (id: string) => (event: Heard) => event.data.id === id || event.data.jobId === id
const outputsOf = (job: Json) => job.outputs as { url: string; assetId: string; kind: string; mime: string }[]

describe('a job that runs', () => {
  test('is watched: every state, progress that only grows, previews as pictures', async () => {
    using socket = await openSocket(url, { headers: api.credentials })

    const id = await api.submit(samplerGraph(1, 30))
    await socket.until((event) => event.type === 'job.succeeded' && of(id)(event))
    await socket.until((event) => event.type === 'asset.created' && of(id)(event))

    const own = socket.heard.filter(of(id))
    const durable = own.filter((event) => event.id !== undefined)
    expect(durable.map(({ type }) => type).filter((type) => type.startsWith('job.'))).toEqual([
      'job.queued',
      'job.running',
      'job.succeeded',
    ])
    const cursors = durable.map((event) => BigInt(event.id!))
    expect(cursors).toEqual(cursors.toSorted((a, b) => Number(a - b)))
    const values = own.filter(({ type }) => type === 'job.progress').map(({ data }) => Number(data.value))
    expect(values.length).toBeGreaterThan(3)
    expect(values).toEqual(values.toSorted((a, b) => a - b))
    const previews = own.filter(({ type }) => type === 'job.preview')
    expect(previews.length).toBeGreaterThan(0)
    for (const { bytes, data } of previews) {
      expect(bytes!.subarray(0, 2).toString('hex')).toMatch(/^(ffd8|8950)$/)
      expect(data).toMatchObject({ jobId: id, mime: expect.stringMatching(/^image\//) })
    }
  })

  test('says how far it is to who asks', async () => {
    const id = await api.submit(samplerGraph(2, 60))

    const seen = await waitFor(async () => {
      const { body } = await api.get(`/api/jobs/${id}`)
      return (body.progress?.value > 0 && body.status === 'running' && body) as Json | false
    })
    expect(seen).toMatchObject({ phase: expect.any(String), startedAt: expect.any(String) })
    const job = await api.finished(id)
    expect(job).toMatchObject({ status: 'succeeded', attempts: [{ number: 1, state: 'succeeded' }] })
    const { totalMs, ...phases } = job.timings as Record<string, number>
    expect(Object.values(phases).reduce((sum, ms) => sum + (ms ?? 0), 0)).toBe(totalMs)
  })

  test('can be watched alone; the stream ends with it', async () => {
    const id = await api.submit(samplerGraph(3, 20))

    using watched = await openEventSource(url, api.credentials, `/api/jobs/${id}/events`)

    expect(await watched.ended).toBe(0)
    expect(watched.heard.at(0)!.type).toMatch(/^job\.(queued|running)$/)
    expect(watched.heard.at(-1)!.type).toBe('job.succeeded')
    expect(watched.heard.every(of(id))).toBe(true)
    using late = await openEventSource(url, api.credentials, `/api/jobs/${id}/events`)
    expect(await late.ended).toBe(0)
    expect(late.heard.map(({ type }) => type)).toEqual(['job.succeeded'])
  })

  test('is canceled within a second, and the next one runs', async () => {
    const id = await api.submit(samplerGraph(4, 1_000))
    await waitFor(async () => (await api.get(`/api/jobs/${id}`)).body.progress?.value > 0)
    const started = performance.now()

    await must(api.send('POST', `/api/jobs/${id}/cancel`), 200)
    const job = await api.finished(id)

    expect(performance.now() - started).toBeLessThan(5_000)
    expect(job).toMatchObject({ status: 'canceled', outputs: [] })
    const again = await must(api.send('POST', `/api/jobs/${id}/cancel`), 200)
    expect(again.status).toBe('canceled')
    expect((await api.finished(await api.submit(colourGraph()))).status).toBe('succeeded')
  })

  test('fails with the node that failed, and what ComfyUI said', async () => {
    const job = await api.finished(
      await api.submit({
        ...colourGraph(),
        '2': { class_type: 'TestSyncError', inputs: { value: ['1', 0] } },
      }),
    )

    expect(job).toMatchObject({
      status: 'failed',
      outputs: [],
      error: { code: 'NODE_FAILED', node: '2', nodeClass: 'TestSyncError', message: expect.any(String) },
      attempts: [{ number: 1, state: 'failed' }],
    })
  })

  test('that is partly invalid does the rest, and names what was dropped', async () => {
    const job = await api.finished(await api.submit(partlyInvalidGraph()))

    expect(job).toMatchObject({ status: 'succeeded', error: null, outputs: [{ node: '3' }] })
    const warnings = job.warnings as { path: string; message: string }[]
    expect(warnings.map(({ path }) => path)).toContain('workflow.4.inputs.width')
    expect(JSON.stringify(warnings)).toContain('5')
  })
})

describe('a job that waits', () => {
  test('is canceled at once', async () => {
    const first = await api.submit(samplerGraph(5, 200))
    const waiting = await api.submit(colourGraph(), { pool: 'nobody' })

    const { status } = await must(api.send('POST', `/api/jobs/${waiting}/cancel`), 200)

    expect(status).toBe('canceled')
    const explained = await must(api.get(`/api/jobs/${waiting}/explain`), 200)
    expect(explained.status).toBe('canceled')
    await must(api.send('POST', `/api/jobs/${first}/cancel`), 200)
    await api.finished(first)
  })

  test('says why', async () => {
    const id = await api.submit(colourGraph(), { pool: 'nobody' })

    const { reasons } = await must(api.get(`/api/jobs/${id}/explain`), 200)

    expect(reasons).toMatchObject([{ code: expect.stringMatching(/POOL|WORKER/) }])
    await must(api.send('POST', `/api/jobs/${id}/cancel`), 200)
  })

  test('expires when it is told to', async () => {
    const id = await api.submit(colourGraph(), { pool: 'nobody', expiresInSeconds: 1 })

    expect((await api.finished(id)).status).toBe('expired')
  })
})

describe('an answer', () => {
  test('waits for the job with Prefer: wait, and not longer', async () => {
    const ask = (workflow: Json, wait: number, more: Json = {}) =>
      api.send('POST', '/api/jobs', { workflow, ...more }, { prefer: `wait=${wait}` })

    const done = await ask(colourGraph(), 20)
    expect(done).toMatchObject({ status: 200, body: { status: 'succeeded', outputs: [{ kind: 'image' }] } })
    expect(done.headers.get('preference-applied')).toBe('wait=20')
    const started = performance.now()
    const late = await ask(colourGraph(), 1, { pool: 'nobody' })
    expect(late).toMatchObject({ status: 202, body: { status: 'queued' } })
    expect(performance.now() - started).toBeLessThan(15_000)
    expect(late.headers.get('location')).toBe(`/api/jobs/${String(late.body.id)}`)
  })

  test('has a job’s outputs where it says, the moment the job has ended', async () => {
    for (let seed = 0; seed < 5; seed++) {
      const { body } = await api.send(
        'POST',
        '/api/jobs',
        { workflow: colourGraph(seed) },
        { prefer: 'wait=20' },
      )
      const [output] = outputsOf(body)
      expect((await api.bytes(output!.url)).subarray(1, 4).toString()).toBe('PNG')
    }
  })
})

describe('events', () => {
  test('go on with Last-Event-ID where they stopped, and miss nothing', async () => {
    const first = await openEventSource(url, api.credentials)
    const one = await api.submit(colourGraph(11))
    await first.until((event) => event.type === 'job.succeeded' && of(one)(event))
    first[Symbol.dispose]()
    const last = first.heard.findLast((event) => event.id !== undefined)!.id!
    const ids = [one, ...(await Promise.all([12, 13, 14].map((color) => api.submit(colourGraph(color)))))]
    await Promise.all(ids.map((id) => api.finished(id)))
    const created = (id: string) => (event: Heard) => event.type === 'asset.created' && of(id)(event)

    using second = await openEventSource(url, { ...api.credentials, 'last-event-id': last })
    using socket = await openSocket(url, { headers: api.credentials, query: `?after=${last}` })
    for (const listener of [second, socket]) {
      for (const id of ids) if (!first.heard.some(created(id))) await listener.until(created(id))
    }

    const pulled = (await must(api.get(`/api/events?after=${last}&limit=200`), 200)).items as Heard[]
    for (const { heard, until } of [second, socket]) {
      await until((event) => event.id === pulled.at(-1)!.id)
      const durable = heard.filter((event) => event.id !== undefined)
      expect(durable.map(({ id, type }) => [id, type]).slice(0, pulled.length)).toEqual(
        pulled.map(({ id, type }) => [id, type]),
      )
    }
    for (const id of ids.slice(1)) {
      const types = second.heard.filter(of(id)).map(({ type }) => type)
      expect(types.filter((type) => type.startsWith('job.'))).toEqual([
        'job.queued',
        'job.running',
        'job.succeeded',
      ])
    }
  })
})

describe('an input', () => {
  test('that was uploaded is used, byte for byte', async () => {
    const made = await api.finished(await api.submit(colourGraph(0x102030)))
    const picture = await api.bytes(outputsOf(made)[0]!.url)
    const asset = await must(
      api.send('POST', '/api/assets?filename=../../mine.png', picture, { 'content-type': 'image/png' }),
      201,
    )
    expect((await api.bytes(String(asset.url))).equals(picture)).toBe(true)

    const workflow = invertGraph('anything.png')
    const job = await api.finished(
      await api.submit(workflow, { inputs: { '1.image': `asset:${String(asset.id)}` } }),
    )

    expect(job).toMatchObject({ status: 'succeeded', outputs: [{ width: 128, height: 96 }] })
    const { graph, inputs } = await must(api.get(`/api/jobs/${job.id as string}/graph`), 200)
    expect(JSON.stringify({ graph, inputs })).toContain(`asset:${String(asset.id)}`)
    const inverted = outputsOf(job)[0]!
    const back = await api.finished(
      await api.submit(workflow, { inputs: { '1.image': `asset:${inverted.assetId}` } }),
    )
    const [twice, once] = await Promise.all([
      pixels(await api.bytes(outputsOf(back)[0]!.url)),
      pixels(await api.bytes(inverted.url)),
    ])
    const original = await pixels(picture)
    // ComfyUI cuts off what is after the point.
    expect(farthest(twice, original)).toBeLessThanOrEqual(1)
    expect(farthest(once, original)).toBeGreaterThan(100)
  })

  test('of 64 bits is exact in the graph and in the asset', async () => {
    const seed = '18446744073709551615'
    const text = JSON.stringify({ workflow: samplerGraph(0, 2) }).replace('"seed":0', `"seed":${seed}`)
    const { id } = await must(api.send('POST', '/api/jobs', text), 202)
    const job = await api.finished(String(id))

    const graph = await api.bytes(`/api/jobs/${String(id)}/graph`)
    expect(graph.toString()).toContain(`"seed":${seed}`)
    const { assetId, url: content } = outputsOf(job)[0]!
    expect(await must(api.get(`/api/assets/${assetId}`), 200)).toMatchObject({
      seed,
      prompt: 'a lighthouse in a storm',
      negativePrompt: 'blurry',
      models: [expect.stringContaining('sd15')],
      sampler: 'euler',
      steps: 2,
      cfg: 7,
    })
    expect((await api.bytes(content)).toString('latin1')).toMatch(new RegExp(`"seed": ?${seed}`))
    const overridden = await must(
      api.send(
        'POST',
        '/api/jobs',
        `{"workflow":${JSON.stringify(samplerGraph(1, 2))},"overrides":{"3.seed":${seed}}}`,
      ),
      202,
    )
    await api.finished(String(overridden.id))
    expect((await api.bytes(`/api/jobs/${String(overridden.id)}/graph`)).toString()).toContain(seed)
  })
})

describe('an output', () => {
  test.runIf(hasFfmpeg())('is a film with its length and its poster', async () => {
    const job = await api.finished(await api.submit(mediaGraphs.video))

    expect(job).toMatchObject({ status: 'succeeded', outputs: [{ kind: 'video', mime: 'video/mp4' }] })
    const { assetId, url: content } = outputsOf(job)[0]!
    expect((await api.bytes(content, { range: 'bytes=4-7' })).toString()).toBe('ftyp')
    const poster = await api.bytes(`/api/assets/${assetId}/thumbnail`)
    expect(poster.subarray(8, 12).toString()).toBe('WEBP')
    const asset = await waitFor(async () => {
      const { body } = await api.get(`/api/assets/${assetId}`)
      return body.durationSeconds !== null && body
    })
    expect(asset).toMatchObject({
      kind: 'video',
      width: 64,
      height: 64,
      durationSeconds: expect.closeTo(1, 1),
    })
  })

  test.runIf(hasFfmpeg())('is a sound', async () => {
    const job = await api.finished(await api.submit(mediaGraphs.audio))

    expect(job).toMatchObject({ status: 'succeeded', outputs: [{ kind: 'audio', mime: 'audio/flac' }] })
    const { url: content } = outputsOf(job)[0]!
    expect((await api.bytes(content)).subarray(0, 4).toString()).toBe('fLaC')
  })

  test('is a text', async () => {
    const job = await api.finished(await api.submit(mediaGraphs.text))

    const text = 'What a text says: äöü ✓'
    expect(job).toMatchObject({ status: 'succeeded', outputs: [{ kind: 'text', text }] })
    const { assetId, url: content } = outputsOf(job)[0]!
    expect((await api.bytes(content)).toString()).toBe(text)
    expect(await must(api.get(`/api/assets/${assetId}`), 200)).toMatchObject({ kind: 'text', text })
  })

  test('that is deleted is gone: asset, bytes and thumbnail', async () => {
    const job = await api.finished(await api.submit(colourGraph(0x999999)))
    const { assetId, url: content } = outputsOf(job)[0]!
    await api.bytes(`/api/assets/${assetId}/thumbnail`)

    await must(api.send('DELETE', `/api/assets/${assetId}`), 204)

    for (const path of [content, `/api/assets/${assetId}`, `/api/assets/${assetId}/thumbnail`]) {
      expect((await api.get(path)).status).toBe(404)
    }
    const { body } = await api.get(`/api/assets?jobId=${job.id as string}`)
    expect(body.items).toEqual([])
    expect((await api.send('DELETE', `/api/assets/${assetId}`)).status).toBe(404)
  })

  test('is found, tagged, rated and found again', async () => {
    const job = await api.finished(await api.submit(samplerGraph(77, 2)))
    const { assetId } = outputsOf(job)[0]!
    const change = { tags: ['Storm', 'sea'], notes: 'for the cover', rating: 5, favorite: true }

    await must(api.send('PATCH', `/api/assets/${assetId}`, change), 200)

    for (const query of [
      'q=cover',
      'q=lighthouse',
      'tag=storm',
      'rating=5',
      'favorite=true',
      'model=sd15.safetensors',
    ]) {
      const { body } = await api.get(`/api/assets?${query}`)
      expect(
        (body.items as Json[]).map(({ id }) => id as string),
        query,
      ).toContain(assetId)
    }
  })
})

test('a list does not shift while it grows', async () => {
  const { body: first } = await api.get('/api/jobs?limit=3')
  const fresh = await api.submit(colourGraph())
  const { body: second } = await api.get(`/api/jobs?limit=3&cursor=${String(first.nextCursor)}`)
  await api.finished(fresh)
  const { body: whole } = await api.get('/api/jobs?limit=7')

  const ids = ({ items }: Json) => (items as Json[]).map(({ id }) => id as string)
  expect([...ids(first), ...ids(second)]).toEqual(ids(whole).slice(1))
})

test('a restart of the gateway keeps log-ins, keys and the place in the events', async () => {
  const cookie = await logIn(url, 'admin@easel.test', 'a long pass phrase for tests')
  const before = await api.submit(colourGraph(21))
  await api.finished(before)
  const events = (await must(api.get('/api/events?limit=200'), 200)).nextCursor as string

  await services.killAndRestart('gateway')

  expect((await withCookie(url, cookie).get('/api/auth/me')).status).toBe(200)
  expect((await api.get(`/api/jobs/${before}`)).body.status).toBe('succeeded')
  using socket = await openSocket(url, { headers: api.credentials, query: `?after=${events}` })
  const after = await api.submit(colourGraph(22))
  await socket.until((event) => event.type === 'job.succeeded' && of(after)(event))
})

test('previews do not wait for who reads slowly, and his events are not lost', async () => {
  const { nextCursor } = await must(api.get('/api/events?limit=200'), 200)
  using slow = await openSocket(url, { headers: api.credentials, query: `?after=${String(nextCursor)}` })
  slow.pause()
  const ids = await Promise.all([31, 32, 33].map((seed) => api.submit(samplerGraph(seed, 10))))
  await Promise.all(ids.map((id) => api.finished(id)))
  slow.resume()
  for (const id of ids) await slow.until((event) => event.type === 'job.succeeded' && of(id)(event))

  const types = slow.heard.filter(of(ids[0]!)).map(({ type }) => type)
  expect(types).toEqual(expect.arrayContaining(['job.queued', 'job.running', 'job.succeeded']))
})
