import { createEasel, isDownloaded } from '@easel/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aNeed, fileId, knownHash } from './support/model-peers.ts'
import { adminKey, startTestGateway } from './support/start-gateway.ts'
import type { Easel } from '@easel/client'
import type { TestGateway } from './support/start-gateway.ts'

let server: TestGateway
let easel: Easel
beforeAll(async () => {
  server = await startTestGateway()
  easel = createEasel({ url: server.gateway.url, apiKey: adminKey })
})
afterAll(() => server[Symbol.asyncDispose]())

test('a model is searched, looked at, downloaded and waited for', async () => {
  const { items, sources } = await easel.search({ q: 'castle', type: ['lora'], facets: true })
  const [found] = items
  const model = await easel.models.get(found ?? { source: 'local', id: '' })
  const asked = await easel.downloads.create({ source: 'civitai', modelId: model.id })
  const seen: string[] = []
  const done = await easel.downloads.wait(asked.id, { onProgress: ({ status }) => seen.push(status) })

  expect(sources).toHaveLength(2)
  expect(model).toMatchObject({ name: 'Castle', stale: false })
  expect(seen).toEqual(['running', 'completed'])
  expect([isDownloaded(asked), isDownloaded(done)]).toEqual([false, true])
  expect((await easel.library.files()).items).toMatchObject([{ id: fileId }])
})

test('a model of Hugging Face is named by its whole id', async () => {
  const name = { source: 'huggingface', id: 'Org/model name' } as const

  await easel.favorites.add(name)

  expect(await easel.models.get(name)).toMatchObject(name)
  expect((await easel.favorites.list()).items).toMatchObject([name])
  await easel.favorites.remove(name)
  expect((await easel.favorites.list()).items).toEqual([])
})

test('what is not there and what is to be waited for are told apart', async () => {
  await expect(easel.models.byHash(knownHash)).rejects.toMatchObject({ status: 404 })
  await expect(easel.downloads.wait('nothing')).rejects.toMatchObject({ code: 'DOWNLOAD_NOT_FOUND' })
  const aborted = AbortSignal.abort(new Error('enough'))
  await expect(easel.downloads.wait('nothing', { signal: aborted })).rejects.toThrow('enough')
})

test('what a workflow lacks is fetched by one call', async () => {
  const workflow = { '4': { class_type: 'LoraLoader', inputs: { lora_name: 'a.safetensors' } } }
  server.peers.models.needs = [aNeed('a.safetensors')]

  expect(await easel.models.needs(workflow)).toMatchObject({ complete: false })
  const { download } = await easel.models.fetchNeeds({ workflow }, { idempotencyKey: 'once' })
  const again = await easel.models.fetchNeeds({ workflow }, { idempotencyKey: 'once' })

  expect(again.download?.id).toBe(download?.id)
})

test('bundles, tokens and the hub are kept by admins', async () => {
  const file = { folder: 'vae', filename: 'a.safetensors', urls: ['https://models.example/a'] } as const
  const files = [{ ...file, urls: [...file.urls] }]

  await easel.bundles.create({ id: 'mine', name: 'Mine', files })
  await easel.bundles.put('mine', { name: 'Still mine', files })
  expect(await easel.bundles.get('mine')).toMatchObject({ name: 'Still mine' })
  expect(await easel.bundles.status('mine')).toMatchObject({ state: 'missing' })
  expect((await easel.bundles.list({ q: 'mine' })).items).toHaveLength(1)
  await easel.bundles.delete('mine')
  await expect(easel.bundles.get('mine')).rejects.toMatchObject({ code: 'BUNDLE_NOT_FOUND' })
  expect(await easel.tokens.set('huggingface', 'hf_0123456789')).toMatchObject({ hint: '6789' })
  await easel.tokens.remove('huggingface')
  expect((await easel.tokens.list()).items.map(({ hasToken }) => hasToken)).toEqual([false, false])
  expect(await easel.hub.pin(knownHash)).toMatchObject({ pinned: true })
  expect(await easel.hub.unpin(knownHash)).toMatchObject({ pinned: false })
  await expect(easel.hub.evict(knownHash)).rejects.toMatchObject({ code: 'CONTENT_IN_USE' })
})
