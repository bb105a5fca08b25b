import { readdir } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { openBlobs } from '../src/index.ts'
import { inPieces, s3Credentials, someBytes, startS3 } from './support/stores.ts'

test('a presigned url gives the blob to whoever has it, under the name asked for', async () => {
  await using store = await startS3()
  const bytes = someBytes(5000)
  const { key } = await store.blobs.put(inPieces(bytes), { contentType: 'image/png' })

  const url = await store.blobs.presignGet(key, {
    expiresSeconds: 60,
    contentType: 'image/webp',
    filename: 'a "b"\r\nX: ü.png',
  })
  const answer = await fetch(url!)

  expect(bytes.equals(Buffer.from(await answer.arrayBuffer()))).toBe(true)
  expect(answer.headers.get('content-type')).toBe('image/webp')
  expect(answer.headers.get('content-disposition')).toBe(
    `attachment; filename*=UTF-8''a%20%22b%22%0D%0AX%3A%20%C3%BC.png`,
  )
})

test('a large blob of unknown name leaves nothing under its temporary one', async () => {
  await using store = await startS3()

  await store.blobs.put(inPieces(someBytes(9 * 1024 * 1024)))

  const names = await readdir(`${store.folder}/bucket/some/prefix`, { recursive: true })
  expect(names.filter((name) => name.startsWith('incoming/'))).toEqual([])
})

test('a bucket that is not there fails the readiness check', async () => {
  await using store = await startS3()
  await using blobs = await openBlobs(store.url.replace('/bucket/', '/other/'), {
    credentials: s3Credentials,
  })

  await expect(blobs.check()).rejects.toMatchObject({ code: 'unavailable' })
})

test('a server that ignores ranges is not believed', async () => {
  const server = createServer((_, response) => response.end(Buffer.alloc(100)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await using blobs = await openBlobs(`s3:http://127.0.0.1:${port}/bucket`, { credentials: s3Credentials })

  const bytes = blobs.readBytes(`blake3:${'0'.repeat(64)}`, { start: 10, end: 19 })

  await expect(bytes).rejects.toMatchObject({ code: 'unavailable' })
  server.close()
})
