import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { aNeed, knownHash } from './support/model-peers.ts'
import { startTestGateway } from './support/start-gateway.ts'
import type { ModelPeers } from './support/model-peers.ts'
import type { TestGateway } from './support/start-gateway.ts'

const knownId = '01936f5e-0000-7000-8000-0000000000aa'

let server: TestGateway
let peers: ModelPeers
let ann: { id: string; key: string; spaceId: string }
let viewer: { id: string; key: string; spaceId: string }
beforeAll(async () => {
  server = await startTestGateway()
  peers = server.peers.models
  ann = await server.addUser('ann@example.com')
  viewer = await server.addUser('viewer@example.com', 'viewer')
})
afterAll(() => server[Symbol.asyncDispose]())
beforeEach(() => {
  peers.asked.length = 0
})

type Sent = { method?: string; json?: unknown }
const as = (key: string, path: string, { method = 'GET', json }: Sent = {}) =>
  server.call(path, { key, method, ...(json !== undefined && { json }) })

describe('a search', () => {
  test('takes every filter, lists by comma or by repeating', async () => {
    const query =
      'q=castle&sources=civitai,huggingface&type=lora&type=locon&base=SDXL%201.0&tag=style&creator=ada' +
      '&period=month&maxNsfw=r&commercialUse=true&task=text-to-image&sort=downloads&limit=5&facets=1'

    const answer = await as(ann.key, `/api/search?${query}`)

    expect(answer).toMatchObject({
      status: 200,
      body: { items: [{ source: 'civitai', id: '4201' }], sources: [{}, { state: 'failed' }] },
    })
    expect(peers.last('search')).toMatchObject({
      q: 'castle',
      sources: ['civitai', 'huggingface'],
      type: ['lora', 'locon'],
      base: ['SDXL 1.0'],
      tag: ['style'],
      creator: 'ada',
      period: 'month',
      maxNsfw: 'r',
      commercialUse: true,
      task: 'text-to-image',
      sort: 'downloads',
      limit: 5,
      facets: true,
    })
  })

  test('is for viewers as well, and for nobody who is not signed in', async () => {
    expect((await as(viewer.key, '/api/search?q=castle')).status).toBe(200)
    expect((await server.call('/api/search?q=castle', { key: null })).status).toBe(401)
  })

  test('of what is known here asks no source, whatever the query says', async () => {
    expect((await as(ann.key, '/api/models?q=castle')).status).toBe(200)
    expect(peers.last('search')).toMatchObject({ q: 'castle', offline: true })
    expect(await as(ann.key, '/api/models?offline=false')).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'offline' }] },
    })
  })

  test.each(['type=nonsense', 'sort=luck', 'maxNsfw=all', 'limit=1000', `q=${'x'.repeat(300)}`])(
    'with %s is refused with the path of the fault',
    async (query) => {
      const { status, body } = await as(ann.key, `/api/search?${query}`)

      expect(status).toBe(422)
      expect(body.errors[0].path).toMatch(new RegExp(`^${query.split('=')[0]}`))
    },
  )
})

describe('the level of pictures', () => {
  test('is harmless until the user chooses, is kept per user, and a request may say another', async () => {
    const searched = async (key: string, more = '') => {
      await as(key, `/api/search?q=x${more}`)
      return (peers.last('search') as { maxNsfw: string }).maxNsfw
    }
    expect(await searched(ann.key)).toBe('pg')

    const changed = await as(ann.key, '/api/auth/me', { method: 'PATCH', json: { maxNsfw: 'r' } })

    expect(changed).toMatchObject({ status: 200, body: { maxNsfw: 'r', email: 'ann@example.com' } })
    expect((await as(ann.key, '/api/auth/me')).body.maxNsfw).toBe('r')
    expect(await searched(ann.key)).toBe('r')
    expect(await searched(ann.key, '&maxNsfw=xxx')).toBe('xxx')
    expect(await searched(ann.key, '&maxNsfw=pg')).toBe('pg')
    expect(await searched(viewer.key)).toBe('pg')
    await as(ann.key, '/api/models/civitai/4201')
    expect(peers.last('getModel')).toMatchObject({ maxNsfw: 'r' })
    expect(
      (await as(ann.key, '/api/auth/me', { method: 'PATCH', json: { maxNsfw: 'everything' } })).status,
    ).toBe(422)
  })
})

describe('a model', () => {
  test.each([
    ['civitai', '4201', '4201'],
    ['huggingface', 'Org-1/model.name', 'Org-1%2Fmodel.name'],
    ['huggingface', 'o/100% ok?#', encodeURIComponent('o/100% ok?#')],
  ])('of %s is asked for by its id %s', async (source, id, written) => {
    const answer = await as(ann.key, `/api/models/${source}/${written}?refresh=true`)

    expect(answer).toMatchObject({ status: 200, body: { source, id } })
    expect(peers.last('getModel')).toMatchObject({ source, id, refresh: true })
  })

  test.each([
    '/api/models/nowhere/1',
    '/api/models/civitai/gone',
    `/api/models/huggingface/${'x'.repeat(300)}`,
    '/api/models/by-hash/nonsense',
    `/api/models/by-hash/${knownHash}`,
    '/api/models/constructor/__proto__',
  ])('%s is not there', async (path) => {
    const answer = await as(ann.key, path)

    expect(answer.status).toBe(404)
    expect(answer.headers.get('content-type')).toMatch(/problem\+json/)
  })

  test('is a favourite of who made it one, and of nobody else', async () => {
    const path = '/api/favorites/huggingface/Org%2Fmodel'
    expect((await as(ann.key, path, { method: 'PUT' })).status).toBe(204)

    expect((await as(ann.key, '/api/favorites')).body.items).toMatchObject([
      { source: 'huggingface', id: 'Org/model' },
    ])
    expect((await as(viewer.key, '/api/favorites')).body.items).toEqual([])
    expect((await as(ann.key, path, { method: 'DELETE' })).status).toBe(204)
    expect((await as(ann.key, '/api/favorites')).body.items).toEqual([])
  })
})

describe('the needs of a workflow', () => {
  const workflow = { '4': { class_type: 'LoraLoader', inputs: { lora_name: 'a.safetensors', seed: 1 } } }

  test('are told', async () => {
    peers.needs = [aNeed('a.safetensors'), aNeed('b.safetensors', { state: 'present', sources: [] })]

    const answer = await as(viewer.key, '/api/models/needs', { method: 'POST', json: { workflow } })

    expect(answer).toMatchObject({ status: 200, body: { complete: false, missingBytes: 1_000 } })
    expect(peers.last('check')).toMatchObject({ workflow })
  })

  test('are fetched by one download, without what nobody can fetch', async () => {
    peers.needs = [
      aNeed('a.safetensors'),
      { ...aNeed('a.safetensors'), name: 'folder/a.safetensors' },
      aNeed('b.safetensors'),
      aNeed('here.safetensors', { state: 'present', sources: [] }),
      aNeed('which.safetensors', { state: 'ambiguous' }),
      aNeed('what.safetensors', { state: 'unknown', sources: [] }),
    ]

    const answer = await as(ann.key, '/api/models/needs/fetch', {
      method: 'POST',
      json: { workflow, priority: 3 },
    })

    expect(answer).toMatchObject({
      status: 202,
      body: {
        download: { source: 'files', priority: 3, spaceId: ann.spaceId },
        unfetched: ['which.safetensors', 'what.safetensors'],
      },
    })
    expect(peers.last('createDownload')).toMatchObject({
      source: 'files',
      files: [
        { source: 'reference', reference: 'https://models.example/a.safetensors' },
        { source: 'reference', reference: 'https://models.example/b.safetensors' },
      ],
    })
  })

  test('may be fetched in part', async () => {
    peers.needs = [aNeed('a.safetensors'), aNeed('b.safetensors')]

    const { body } = await as(ann.key, '/api/models/needs/fetch', {
      method: 'POST',
      json: { workflow, names: ['b.safetensors'] },
    })

    expect(body.unfetched).toEqual(['a.safetensors'])
    expect(peers.last('createDownload')).toMatchObject({
      files: [{ reference: expect.stringContaining('b.') }],
    })
  })

  test('want nothing when all is here', async () => {
    peers.needs = [aNeed('a.safetensors', { state: 'present', sources: [] })]

    const answer = await as(ann.key, '/api/models/needs/fetch', { method: 'POST', json: { workflow } })

    expect(answer).toMatchObject({ status: 200, body: { download: null, unfetched: [] } })
    expect(peers.last('createDownload')).toBeUndefined()
  })

  test('are fetched once for one Idempotency-Key', async () => {
    peers.needs = [aNeed('a.safetensors')]
    const fetchOnce = () =>
      server.call('/api/models/needs/fetch', {
        key: ann.key,
        method: 'POST',
        json: { workflow },
        headers: { 'idempotency-key': 'one fetch' },
      })

    const [first, second] = [await fetchOnce(), await fetchOnce()]

    expect(second.body.download.id).toBe(first.body.download.id)
    expect(peers.asked.filter(({ method }) => method === 'createDownload')).toHaveLength(1)
  })
})

describe('a download', () => {
  test('may go before others, and many are acted on at once', async () => {
    const wish = { source: 'civitai', modelId: '4201' }
    const { body: made } = await as(ann.key, '/api/downloads', { method: 'POST', json: wish })
    const path = `/api/downloads/${made.id}`

    const sooner = await as(ann.key, path, { method: 'PATCH', json: { priority: 7 } })
    const none = await as(ann.key, path, { method: 'PATCH', json: {} })
    const much = await as(ann.key, path, { method: 'PATCH', json: { priority: 11 } })
    const acted = await as(ann.key, '/api/downloads/actions', {
      method: 'POST',
      json: { action: 'pause', ids: [made.id, knownId] },
    })

    expect(sooner).toMatchObject({ status: 200, body: { priority: 7 } })
    expect([none.status, much.status]).toEqual([422, 422])
    expect(acted.body).toEqual({ changed: [made.id], unchanged: [knownId] })
  })

  test.each([
    [{ source: 'civitai', versionId: '4202' }],
    [{ source: 'civitai', modelId: '4201', fileId: '7' }],
    [{ source: 'huggingface', repo: 'Org/model', revision: 'v1', path: 'unet/a.safetensors' }],
    [{ source: 'huggingface', repo: 'Org/model', patterns: ['*.gguf'] }],
    [{ source: 'hash', hash: 'a1b2c3d4e5' }],
    [{ source: 'reference', reference: 'urn:air:sdxl:lora:civitai:4201@4202' }],
    [{ source: 'bundle', bundleId: 'wan22-i2v', variant: 'fp8' }],
    [{ source: 'files', files: [{ source: 'hash', hash: knownHash }] }],
  ])('is asked for as %j', async (wish) => {
    const answer = await as(ann.key, '/api/downloads', { method: 'POST', json: wish })

    expect(answer).toMatchObject({ status: 202, body: { source: wish.source } })
    expect(peers.last('createDownload')).toMatchObject(wish)
  })

  test.each([
    ['gated', 403, { code: 'MODEL_GATED', details: { approvalUrl: 'https://models.example/approve' } }],
    ['huge', 507, { code: 'DISK_FULL' }],
  ])('that is %s is answered with %i', async (name, status, body) => {
    const url = `https://models.example/${name}`

    const answer = await as(ann.key, '/api/downloads', { method: 'POST', json: { url, folder: 'loras' } })

    expect(answer).toMatchObject({ status, body })
  })
})
