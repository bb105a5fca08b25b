import { openConfiguredBlobs } from '@easel/blobs'
import { newId } from '@easel/protocol'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { fileId, knownHash } from './support/model-peers.ts'
import { adminKey, startTestGateway } from './support/start-gateway.ts'
import type { ModelPeers } from './support/model-peers.ts'
import type { TestGateway } from './support/start-gateway.ts'

let server: TestGateway
let peers: ModelPeers
let ann: { key: string }
let viewer: { key: string }
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

describe('a bundle', () => {
  const bundle = {
    id: 'wan22-i2v',
    name: 'Wan 2.2 image to video',
    files: [{ folder: 'vae', filename: 'wan.safetensors', urls: ['https://models.example/wan.safetensors'] }],
  }

  test('is made, replaced and removed by admins, and seen by all', async () => {
    expect((await as(ann.key, '/api/bundles', { method: 'POST', json: bundle })).status).toBe(403)
    expect(await server.call('/api/bundles', { method: 'POST', json: bundle })).toMatchObject({
      status: 201,
      body: { id: bundle.id, builtin: false },
    })
    expect(await server.call('/api/bundles', { method: 'POST', json: bundle })).toMatchObject({
      status: 409,
      body: { code: 'BUNDLE_EXISTS' },
    })
    const { id, ...rest } = { ...bundle, name: 'Wan' }
    const replaced = await server.call(`/api/bundles/${id}`, { method: 'PUT', json: rest })
    expect(replaced).toMatchObject({ status: 200, body: { id, name: 'Wan' } })
    expect((await as(viewer.key, '/api/bundles')).body.items).toMatchObject([{ id, name: 'Wan' }])
    expect((await as(viewer.key, `/api/bundles/${id}/status?variant=fp8`)).body).toMatchObject({
      state: 'missing',
      files: [{ state: 'missing' }],
    })
    expect(peers.last('getStatus')).toMatchObject({ id, variant: 'fp8' })
    expect((await as(ann.key, `/api/bundles/${id}`, { method: 'DELETE' })).status).toBe(403)
    expect((await server.call(`/api/bundles/${id}`, { method: 'DELETE' })).status).toBe(204)
    expect((await as(ann.key, `/api/bundles/${id}`)).body.code).toBe('BUNDLE_NOT_FOUND')
    const { body } = await server.call('/api/audit')
    expect(body.items.map(({ action }: { action: string }) => action)).toEqual(
      expect.arrayContaining(['bundle.saved', 'bundle.removed']),
    )
  })

  test('comes of manifests, and what was refused is told', async () => {
    const manifests = [{ name: 'loop', text: '{"model": {"URLs": "loop"}}' }]

    const answer = await server.call('/api/bundles/import', {
      method: 'POST',
      json: { manifests, dryRun: true },
    })

    expect(answer).toMatchObject({ status: 200, body: { refused: [{ name: 'loop' }] } })
  })
})

describe('the library', () => {
  test('gives the picture of a file, which may be kept for good', async () => {
    await using blobs = await openConfiguredBlobs(server.config.blobs)
    const bytes = Buffer.from('RIFF....WEBP')
    const put = await blobs.put(
      (async function* () {
        yield bytes
      })(),
    )
    const path = `/api/library/files/${fileId}/preview`
    expect((await as(viewer.key, path)).body.code).toBe('NO_PREVIEW')
    peers.preview = put.key

    const answer = await as(viewer.key, path)
    const again = await server.call(path, { headers: { 'if-none-match': answer.headers.get('etag') ?? '' } })

    expect(answer).toMatchObject({ status: 200, text: bytes.toString() })
    expect(answer.headers.get('content-type')).toBe('image/webp')
    expect(again.status).toBe(304)
    expect((await as(viewer.key, `/api/library/files/${newId()}/preview`)).body.code).toBe('FILE_NOT_FOUND')
  })

  test('moves a file to where it belongs, or where it is told', async () => {
    const path = `/api/library/files/${fileId}/move`

    expect((await as(adminKey, path, { method: 'POST' })).body.path).toBe('loras/castle.safetensors')
    expect(
      (await as(adminKey, path, { method: 'POST', json: { path: 'vae/castle.safetensors' } })).body.path,
    ).toBe('vae/castle.safetensors')
    expect(peers.last('moveFile')).toMatchObject({ id: fileId })
  })

  test('links a file to a model, and takes the link away', async () => {
    const link = { id: fileId, source: 'civitai', modelId: '4201', versionId: '4202' }

    expect((await as(adminKey, '/api/library/link', { method: 'POST', json: link })).body.modelId).toBe(
      '4201',
    )
    const none = { id: fileId, source: null, modelId: null, versionId: null }
    expect((await as(adminKey, '/api/library/link', { method: 'POST', json: none })).status).toBe(200)
    expect(peers.last('linkFile')).toMatchObject({ id: fileId })
    expect((peers.last('linkFile') as { source?: unknown }).source ?? null).toBeNull()
  })

  test('is moved, linked and written beside by admins only', async () => {
    const link = { id: fileId, source: 'civitai', modelId: '4201' }
    const asked = [
      as(ann.key, `/api/library/files/${fileId}/move`, { method: 'POST' }),
      as(ann.key, '/api/library/link', { method: 'POST', json: link }),
      as(ann.key, '/api/library/sidecars', { method: 'POST' }),
    ]

    for (const answer of await Promise.all(asked)) {
      expect(answer).toMatchObject({ status: 403, body: { code: 'ADMINS_ONLY' } })
    }
  })

  test('tells paths of the machine to admins only', async () => {
    expect((await as(ann.key, '/api/library/external?name=x')).body.code).toBe('ADMINS_ONLY')
  })
})

describe('a token of a source', () => {
  test('goes in and never comes out', async () => {
    const token = 'a-very-secret-token-1234'

    const put = await server.call('/api/settings/tokens/civitai', { method: 'PUT', json: { token } })
    const list = await server.call('/api/settings/tokens')
    const audit = await server.call('/api/audit')

    expect(put).toMatchObject({ status: 200, body: { source: 'civitai', hasToken: true, hint: '1234' } })
    expect(list.body.items).toMatchObject([{ hasToken: true }, { hasToken: false }])
    expect(peers.tokens.get('civitai')).toBe(token)
    expect(put.text + list.text + audit.text).not.toContain(token)
    expect((await server.call('/api/settings/tokens/civitai', { method: 'DELETE' })).status).toBe(204)
    expect(peers.tokens.size).toBe(0)
  })

  test.each([
    ['GET', '/api/settings/tokens'],
    ['PUT', '/api/settings/tokens/civitai'],
    ['DELETE', '/api/settings/tokens/civitai'],
    ['GET', '/api/hub'],
    ['GET', '/api/hub/files'],
    ['POST', '/api/hub/verify'],
    ['POST', '/api/hub/adopt'],
    ['PUT', `/api/hub/files/${knownHash}/pin`],
    ['POST', `/api/hub/files/${knownHash}/evict`],
  ])('%s %s is for admins', async (method, path) => {
    const json = method === 'GET' ? undefined : { token: 'a-very-secret-token', paths: ['a'] }

    expect(await as(ann.key, path, { method, json })).toMatchObject({
      status: 403,
      body: { code: 'ADMINS_ONLY' },
    })
    expect(peers.asked).toEqual([])
  })

  test.each(['/api/settings/tokens/nowhere', '/api/settings/tokens/__proto__'])(
    '%s is not there',
    async (path) => {
      expect((await server.call(path, { method: 'PUT', json: { token: 'long enough' } })).status).toBe(404)
    },
  )
})

describe('the hub', () => {
  test('is looked after', async () => {
    const content = `/api/hub/files/${knownHash}`

    expect((await server.call('/api/hub')).body).toMatchObject({ files: 1, bytesLinked: 2_000 })
    expect((await server.call('/api/hub/files')).body.items).toMatchObject([{ sha256: knownHash }])
    expect(await server.call('/api/hub/verify', { method: 'POST' })).toMatchObject({
      status: 202,
      body: { verifying: true },
    })
    expect((await server.call(`${content}/pin`, { method: 'PUT' })).body.pinned).toBe(true)
    expect((await server.call(`${content}/pin`, { method: 'DELETE' })).body.pinned).toBe(false)
    expect(await server.call(`${content}/evict`, { method: 'POST' })).toMatchObject({
      status: 409,
      body: { code: 'CONTENT_IN_USE' },
    })
    const adopted = await server.call('/api/hub/adopt', {
      method: 'POST',
      json: { paths: ['loras/castle.safetensors'] },
    })
    expect(adopted.body.items).toMatchObject([{ outcome: 'linked', bytesFreed: 1_000 }])
    expect((await server.call('/api/hub/files/nonsense/pin', { method: 'PUT' })).status).toBe(404)
  })
})
