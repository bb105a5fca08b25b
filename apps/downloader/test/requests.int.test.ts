import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { newId } from '@easel/protocol'
import { expect, test } from 'vitest'
import { aModel, sha256, startFileServer } from './support/file-server.ts'
import { anActor, openHouse } from './support/start-downloader.ts'

test('no download begins on a disk that is full', async () => {
  await using house = await openHouse()
  await house.start({ diskReserve: 2 ** 60 })

  const created = house.client.createDownload({ url: 'http://models.invalid/a.safetensors', folder: 'loras' })

  await expect(created).rejects.toMatchObject({ code: 'conflict', reason: 'DISK_FULL' })
})

test('another space is not there, on any method', async () => {
  await using house = await openHouse()
  await using server = await startFileServer()
  await house.start()
  const { id, spaceId } = await house.client.createDownload({
    url: server.put('/a.safetensors', aModel()),
    folder: 'loras',
  })
  const stranger = house.as(anActor())
  const unknown = { code: 'not_found', reason: 'DOWNLOAD_NOT_FOUND' }

  for (const asked of [id, newId(), 'no uuid']) {
    await expect(stranger.getDownload({ id: asked })).rejects.toMatchObject(unknown)
    await expect(stranger.pauseDownload({ id: asked })).rejects.toMatchObject(unknown)
    await expect(stranger.resumeDownload({ id: asked })).rejects.toMatchObject(unknown)
    await expect(stranger.retryDownload({ id: asked })).rejects.toMatchObject(unknown)
    await expect(stranger.cancelDownload({ id: asked })).rejects.toMatchObject(unknown)
  }
  expect(await stranger.listDownloads({})).toMatchObject({ items: [] })
  await expect(stranger.listDownloads({ spaceId })).rejects.toMatchObject({ code: 'not_found' })
  const url = `${server.url}/a.safetensors`
  await expect(stranger.createDownload({ url, folder: 'loras', spaceId })).rejects.toMatchObject({
    code: 'not_found',
    reason: 'SPACE_NOT_FOUND',
  })
  await expect(stranger.updateSettings({ maxConcurrent: 2 })).rejects.toMatchObject({ code: 'forbidden' })
  const viewer = house.as(anActor({ role: 'viewer', spaces: { [spaceId]: 'viewer' } }))
  await expect(viewer.getDownload({ id })).resolves.toMatchObject({ id })
  await expect(viewer.cancelDownload({ id })).rejects.toMatchObject({ code: 'forbidden' })
  await expect(viewer.createDownload({ url, folder: 'loras', spaceId })).rejects.toMatchObject({
    code: 'forbidden',
  })
})

test('who asks for the same bytes shares the transfer, but learns nothing of where they come from', async () => {
  await using house = await openHouse()
  await using server = await startFileServer()
  await house.start()
  const sha256 = 'ab'.repeat(32)
  const first = await house.client.createDownload({
    url: server.put('/private/of-the-first/a.safetensors', aModel(), { stallAt: [100] }),
    folder: 'loras',
    sha256,
    token: 'secret-token',
  })
  const stranger = house.as(anActor())
  const url = `${server.url}/elsewhere/b.safetensors`

  const joined = await stranger.createDownload({ url, folder: 'loras', sha256 })

  expect(joined).toMatchObject({ transferId: first.transferId, url })
  expect(JSON.stringify(await stranger.listDownloads({}))).not.toContain('of-the-first')
  expect(await house.client.getDownload({ id: first.id })).toMatchObject({ url: first.url })
})

test('who asks for a name has the file under it, whatever another lets the server call it', async () => {
  await using house = await openHouse()
  await using server = await startFileServer()
  await house.start()
  const bytes = aModel()
  const url = server.put('/theirs.safetensors', bytes, { bytesPerSecond: 100_000 })
  const request = { url, folder: 'loras', sha256: sha256(bytes) } as const

  const unnamed = await house.client.createDownload(request)
  const named = await house.client.createDownload({ ...request, filename: 'mine.safetensors' })
  await house.until(unnamed.id, 'completed', 'failed')

  expect(await house.until(named.id, 'completed', 'failed')).toMatchObject({
    status: 'completed',
    filename: 'mine.safetensors',
  })
  expect(server.fetches('/theirs.safetensors')).toHaveLength(1)
})

test('bad requests are told apart', async () => {
  await using house = await openHouse()
  await using public_ = await house.start({ allowPrivate: false })
  const { client } = house
  const url = 'http://models.invalid/a.safetensors'

  for (const bad of ['ftp://x/a', 'file:///etc/passwd', 'no url']) {
    await expect(client.createDownload({ url: bad, folder: 'loras' })).rejects.toMatchObject({
      code: 'invalid',
    })
  }
  for (const bad of ['http://127.0.0.1/a.gguf', 'http://[::1]/a.gguf', 'http://169.254.169.254/a.gguf']) {
    await expect(client.createDownload({ url: bad, folder: 'loras' })).rejects.toMatchObject({
      reason: 'URL_FORBIDDEN',
    })
  }
  for (const filename of ['../a.safetensors', '.a.safetensors', 'a.exe', 'a/b.gguf']) {
    await expect(client.createDownload({ url, folder: 'loras', filename })).rejects.toMatchObject({
      reason: 'FILENAME_INVALID',
    })
  }
  await expect(client.createDownload({ url, folder: '../x' as 'loras' })).rejects.toMatchObject({
    code: 'invalid',
  })
  await expect(client.listDownloads({ cursor: 'bogus' })).rejects.toMatchObject({ code: 'invalid' })
  await public_[Symbol.asyncDispose]()
  await using _without = await house.start({ modelsDirectory: undefined })
  await expect(client.createDownload({ url, folder: 'loras' })).rejects.toMatchObject({
    reason: 'NO_MODELS_DIRECTORY',
  })
})

test('lists are paged without gaps, newest first, and filtered by status', async () => {
  await using house = await openHouse()
  await using server = await startFileServer()
  await house.start()
  const made: string[] = []
  for (let index = 0; index < 5; index++) {
    const url = server.put(`/${index}.safetensors`, aModel(1_000, String(index)))
    made.push((await house.client.createDownload({ url, folder: 'loras' })).id)
  }
  for (const id of made) await house.until(id, 'completed')

  const seen: string[] = []
  for (let cursor: string | undefined; ;) {
    const page = await house.client.listDownloads({ limit: 2, ...(cursor && { cursor }) })
    seen.push(...page.items.map(({ id }) => id))
    if (!page.nextCursor) break
    cursor = page.nextCursor
  }

  expect(seen).toEqual(made.toReversed())
  expect((await house.client.listDownloads({ status: ['failed'] })).items).toEqual([])
})

test('tokens and query secrets lie encrypted in the database, and nowhere else', async () => {
  await using house = await openHouse()
  await using server = await startFileServer()
  await house.start()
  const url = server.put('/gated.safetensors', aModel())
  const { id } = await house.client.createDownload({
    url: `${url}?key=QUERYSECRET`,
    folder: 'loras',
    token: 'TOKENSECRET',
  })
  const done = await house.until(id, 'completed')

  const rows = await house.sql(
    'select t::text from downloader.transfers t union all select o::text from downloader.outbox o',
    [],
  )

  expect(server.requests[0]!.headers.authorization).toBe('Bearer TOKENSECRET')
  expect(JSON.stringify([rows, done])).not.toMatch(/QUERYSECRET|TOKENSECRET/)
  expect((await stat(join(house.directory, 'loras/gated.safetensors'))).size).toBe(aModel().length)
})
