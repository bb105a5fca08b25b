import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CreateDownload } from '@easel/contracts'
import { AppError } from '@easel/protocol'
import { expect, test } from 'vitest'
import { aModel, sha256, startFileServer } from './support/file-server.ts'
import { aResolvedFile } from './support/stand-in-catalog.ts'
import { anActor, openHouse } from './support/start-downloader.ts'

const bytes = aModel()

test.each<[CreateDownload, object]>([
  [
    { source: 'civitai', modelId: '7' },
    { source: 'civitai', modelId: '7' },
  ],
  [
    { source: 'civitai', versionId: '70', fileId: '700' },
    { source: 'civitai', versionId: '70', fileId: '700' },
  ],
  [
    { source: 'hash', hash: 'ABCDEF0123' },
    { source: 'hash', hash: 'ABCDEF0123' },
  ],
  [
    { source: 'huggingface', repo: 'a/b', path: 'x.gguf', revision: 'v1' },
    { repo: 'a/b', path: 'x.gguf', revision: 'v1' },
  ],
  [
    { source: 'reference', reference: 'urn:air:sdxl:lora:civitai:7@70' },
    { reference: 'urn:air:sdxl:lora:civitai:7@70' },
  ],
  [
    { source: 'bundle', bundleId: 'wan22', variant: 'fp8' },
    { bundleId: 'wan22', variant: 'fp8' },
  ],
])('%j ends as the right file in the right folder', async (request, wish) => {
  await using house = await openHouse()
  await using server = await startFileServer()
  await house.start()
  const catalog = await house.catalog()
  const url = server.put('/model', bytes)
  catalog.resolve = () => [
    aResolvedFile({
      urls: [url],
      filename: 'castle.safetensors',
      sha256: sha256(bytes),
      bytes: bytes.length,
      title: 'Castle',
      modelId: '7',
      versionId: '70',
    }),
  ]

  const created = await house.client.createDownload(request)
  const done = await house.until(created.id, 'completed', 'failed')

  expect(catalog.wishes).toEqual([expect.objectContaining(wish)])
  expect(created).toMatchObject({
    source: request.source,
    title: 'Castle',
    modelId: '7',
    versionId: '70',
    bytesTotal: bytes.length,
  })
  expect(done).toMatchObject({
    status: 'completed',
    verification: 'verified',
    filename: 'castle.safetensors',
    folder: 'loras',
  })
  expect((await readFile(join(house.directory, 'loras/castle.safetensors'))).equals(bytes)).toBe(true)
})

test('files of a repository keep their folders, and programs are left out', async () => {
  await using house = await openHouse()
  await using server = await startFileServer()
  await house.start()
  const catalog = await house.catalog()
  const names = [
    'unet/model.safetensors',
    'text_encoder/model.safetensors',
    'scripts/run.py',
    '.gitattributes',
  ]
  catalog.resolve = () =>
    names.map((name) =>
      aResolvedFile({
        urls: [server.put(`/repo/${name}`, aModel(1_000, name))],
        folder: 'other',
        filename: `flux/${name}`,
        title: 'a/b',
      }),
    )

  const { id } = await house.client.createDownload({ source: 'huggingface', repo: 'a/b' })
  const done = await house.until(id, 'completed', 'failed')

  expect(done).toMatchObject({
    status: 'completed',
    title: 'a/b',
    folder: 'other/flux',
    filename: null,
    transferId: null,
  })
  const placed = (await readdir(join(house.directory, 'other'), { recursive: true })).filter((path) =>
    path.includes('.'),
  )
  expect(placed.toSorted()).toEqual(['flux/text_encoder/model.safetensors', 'flux/unet/model.safetensors'])
})

test.each(['../x.safetensors', 'a/../../x.safetensors', '/etc/x.json', 'a\u202e.json'])(
  'a source that names a file %j is refused',
  async (filename) => {
    await using house = await openHouse()
    await house.start()
    const catalog = await house.catalog()
    catalog.resolve = () => [aResolvedFile({ urls: ['http://models.invalid/x'], filename })]

    const created = house.client.createDownload({ source: 'civitai', versionId: '1' })

    await expect(created).rejects.toMatchObject({ code: 'invalid', reason: 'FILENAME_INVALID' })
    expect((await house.client.listDownloads({})).items).toEqual([])
  },
)

test('a gated file is asked for only with a token, and the answer says where to ask', async () => {
  await using house = await openHouse()
  await using server = await startFileServer()
  await house.start({ sourceUrls: { civitai: 'https://civitai.com', huggingface: server.url } })
  const catalog = await house.catalog()
  const approvalUrl = 'https://huggingface.co/a/b'
  const url = server.put('/gated', bytes)
  catalog.resolve = () => [
    aResolvedFile({ urls: [url], gate: 'approval', approvalUrl, token: 'huggingface', title: 'a/b' }),
  ]
  const request = { source: 'huggingface', repo: 'a/b', path: 'x.safetensors' } as const

  const refused = await house.client.createDownload(request).catch((cause: unknown) => AppError.from(cause))
  await house.as(anActor({ role: 'admin' })).putToken({ source: 'huggingface', token: 'hf_0123456789' })
  const { id } = await house.client.createDownload(request)
  const done = await house.until(id, 'completed', 'failed')

  expect(refused).toMatchObject({ reason: 'MODEL_GATED', extra: { details: { approvalUrl } } })
  expect((refused as AppError).message).toContain(approvalUrl)
  expect(done.status).toBe('completed')
  expect(server.requests.every(({ headers }) => headers.authorization === 'Bearer hf_0123456789')).toBe(true)
})

test('a token of the request goes to the source it is for, wherever else its files come from', async () => {
  await using house = await openHouse()
  await using source = await startFileServer()
  await using elsewhere = await startFileServer()
  await house.start({ sourceUrls: { civitai: 'https://civitai.com', huggingface: source.url } })
  const catalog = await house.catalog()
  const ofSource = aResolvedFile({ urls: [source.put('/a', bytes)], filename: 'a.safetensors' })
  // Whoever wrote the bundle says whose file it is.
  const ofOthers = { urls: [elsewhere.put('/b', bytes)], token: 'huggingface' as const }
  catalog.resolve = () => [ofSource, aResolvedFile({ ...ofOthers, filename: 'b.safetensors' })]
  const request = { source: 'bundle', bundleId: 'b', token: 'hf_mine' } as const

  const { id } = await house.client.createDownload(request)
  await house.until(id, 'completed', 'failed')
  const ofCivitai = aResolvedFile({ urls: ['https://civitai.com/api/download/models/1'] })
  catalog.resolve = () => [ofSource, ofCivitai]
  const refused = house.client.createDownload(request)

  await expect(refused).rejects.toMatchObject({ code: 'invalid', extra: { faults: [{ path: 'token' }] } })
  expect(source.requests.map(({ headers }) => headers.authorization)).toContain('Bearer hf_mine')
  expect(elsewhere.requests.length).toBeGreaterThan(0)
  expect(elsewhere.requests.filter(({ headers }) => headers.authorization)).toEqual([])
})

test('who is not let in although there is a token is told where to ask', async () => {
  await using house = await openHouse()
  await using server = await startFileServer()
  await house.start()
  const catalog = await house.catalog()
  const approvalUrl = 'https://huggingface.co/a/b'
  const url = server.put('/gated', bytes, { answers: Array.from({ length: 9 }, () => ({ status: 403 })) })
  catalog.resolve = () => [aResolvedFile({ urls: [url], gate: 'approval', approvalUrl, title: 'a/b' })]

  const { id } = await house.client.createDownload({ source: 'huggingface', repo: 'a/b', token: 'hf_mine' })
  const failed = await house.until(id, 'failed')

  expect(failed.error).toMatchObject({ code: 'MODEL_GATED', message: expect.stringContaining(approvalUrl) })
})

test('what the catalogue says of a wish is what the caller hears', async () => {
  await using house = await openHouse()
  await house.start()
  const catalog = await house.catalog()
  for (const reason of ['MODEL_NOT_FOUND', 'BUNDLE_NOT_FOUND', 'REFERENCE_INVALID', 'SOURCE_UNAVAILABLE']) {
    catalog.resolve = () => {
      throw new AppError('not_found', 'It is not there', { reason })
    }
    await expect(house.client.createDownload({ source: 'bundle', bundleId: 'x' })).rejects.toMatchObject({
      reason,
    })
  }
  catalog.resolve = () => []
  await expect(house.client.createDownload({ source: 'bundle', bundleId: 'x' })).rejects.toMatchObject({
    reason: 'NOTHING_TO_DOWNLOAD',
  })
})

test('addresses that the catalogue gives are trusted no more than others', async () => {
  await using house = await openHouse()
  await house.start({ allowPrivate: false })
  const catalog = await house.catalog()
  const request = { source: 'civitai', versionId: '1' } as const
  for (const url of [
    'http://127.0.0.1/a',
    'http://[::1]/a',
    'http://169.254.169.254/latest',
    'file:///etc/passwd',
  ]) {
    catalog.resolve = () => [aResolvedFile({ urls: ['https://civitai.com/api/download/models/1', url] })]
    await expect(house.client.createDownload(request)).rejects.toMatchObject({ reason: 'URL_FORBIDDEN' })
  }
  const url = 'http://models.invalid/a.safetensors'
  const mirrors = ['http://10.0.0.1/a.safetensors']
  await expect(house.client.createDownload({ url, mirrors, folder: 'loras' })).rejects.toMatchObject({
    reason: 'URL_FORBIDDEN',
  })
})

test('a mirror is asked when the first address fails, without the token of the first', async () => {
  await using house = await openHouse()
  await using first = await startFileServer()
  await using second = await startFileServer()
  await house.start({ retries: 1 })
  const url = `${first.url}/gone.safetensors`
  const mirrors = [second.put('/here.safetensors', bytes)]

  const { id } = await house.client.createDownload({
    url,
    mirrors,
    folder: 'loras',
    sha256: sha256(bytes),
    token: 'for-the-first',
  })
  const done = await house.until(id, 'completed', 'failed')

  expect(done).toMatchObject({ status: 'completed', verification: 'verified' })
  expect(first.requests[0]!.headers.authorization).toBe('Bearer for-the-first')
  expect(second.requests.map(({ headers }) => headers.authorization)).not.toContain('Bearer for-the-first')
})

test('a folder, a name and a hash may be given for a single file', async () => {
  await using house = await openHouse()
  await using server = await startFileServer()
  await house.start()
  const catalog = await house.catalog()
  catalog.resolve = () => [aResolvedFile({ urls: [server.put('/x', bytes)] })]
  const request = { source: 'civitai', versionId: '1' } as const

  const { id } = await house.client.createDownload({
    ...request,
    folder: 'vae',
    filename: 'mine.safetensors',
    sha256: sha256(bytes),
  })

  expect(await house.until(id, 'completed', 'failed')).toMatchObject({
    folder: 'vae',
    filename: 'mine.safetensors',
    verification: 'verified',
  })
  catalog.resolve = () => [
    aResolvedFile({ urls: ['http://x.invalid/1'] }),
    aResolvedFile({ urls: ['http://x.invalid/2'], filename: 'b.gguf' }),
  ]
  await expect(
    house.client.createDownload({ ...request, filename: 'mine.safetensors' }),
  ).rejects.toMatchObject({ code: 'invalid' })
})

test('what is missing of a request is said, and what to do', async () => {
  await using house = await openHouse()
  await house.start()
  for (const request of [
    {},
    { source: 'civitai' },
    { source: 'huggingface' },
    { source: 'hash' },
    { source: 'files' },
  ] as const) {
    const refused = await house.client.createDownload(request).catch((cause: unknown) => AppError.from(cause))
    expect(refused).toMatchObject({ code: 'invalid', extra: { faults: [{ path: expect.any(String) }] } })
  }
})
