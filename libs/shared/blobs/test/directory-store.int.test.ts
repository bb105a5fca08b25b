import { execFile } from 'node:child_process'
import { readdir, readlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { openBlobs } from '../src/index.ts'
import { collect, inPieces, someBytes, startDirectory } from './support/stores.ts'

const run = promisify(execFile)

test('what a crash left is swept once it is old, and what is being written now is not', async () => {
  await using store = await startDirectory({ tempMaxAgeMs: 60_000 })
  const [old, young] = ['old', 'young'].map((name) => join(store.folder, 'incoming', name))
  await writeFile(old!, 'left behind')
  await writeFile(young!, 'being written')
  const hourAgo = new Date(Date.now() - 3_600_000)
  await utimes(old!, hourAgo, hourAgo)

  const swept = await store.blobs.sweep()

  expect(swept).toEqual({ removed: 1 })
  expect(await readdir(join(store.folder, 'incoming'))).toEqual(['young'])
})

test('opening sweeps, and keeps what is stored', async () => {
  await using store = await startDirectory()
  const bytes = someBytes(1000)
  const { key } = await store.blobs.put(inPieces(bytes))
  const left = join(store.folder, 'incoming', 'left')
  await writeFile(left, 'left behind')
  await utimes(left, 1, 1)

  await using again = await openBlobs(store.url)

  expect(await readdir(join(store.folder, 'incoming'))).toEqual([])
  expect(bytes.equals(await collect(await again.read(key)))).toBe(true)
})

test.each([1, 6])(
  'no room for %i pieces is told as a full disk, and nothing stays behind',
  async (pieces) => {
    await using store = await startDirectory()
    const script = join(import.meta.dirname, 'support/put-beyond-limit.ts')
    const limited = `trap '' XFSZ; ulimit -f 1000; exec "$@"`
    const node = [process.execPath, '--conditions=@easel/source', script, store.folder, String(pieces)]

    const { stdout } = await run('sh', ['-c', limited, 'sh', ...node])

    expect(JSON.parse(stdout)).toEqual({ outcome: 'exhausted DISK_FULL', left: 0 })
  },
)

test('a file under a final name that was cut short is replaced by the next put', async () => {
  await using store = await startDirectory()
  const bytes = someBytes(1000)
  const { key } = await store.blobs.put(inPieces(bytes))
  const hex = key.slice('blake3:'.length)
  await writeFile(join(store.folder, 'blake3', hex.slice(0, 2), hex), 'cut')

  const put = await store.blobs.put(inPieces(bytes))

  expect(put.existed).toBe(false)
  expect(bytes.equals(await collect(await store.blobs.read(key)))).toBe(true)
})

test('files that are no blobs are not listed', async () => {
  await using store = await startDirectory()
  await writeFile(join(store.folder, 'blake3', '00', 'notes.txt'), 'hello')

  expect(await Array.fromAsync(store.blobs.list())).toEqual([])
})

test('a whole stream that is not read to its end can be destroyed', async () => {
  await using store = await startDirectory()
  const { key } = await store.blobs.put(inPieces(someBytes(5_000_000)))
  const controller = new AbortController()

  const stream = await store.blobs.read(key, { start: 0, signal: controller.signal })
  controller.abort()

  await expect(collect(stream)).rejects.toMatchObject({ name: 'AbortError' })
})

test('a directory that is a file cannot be opened', async () => {
  await using store = await startDirectory()
  const path = join(store.folder, 'file')
  await writeFile(path, '')

  await expect(openBlobs(`file:${path}`)).rejects.toMatchObject({ code: 'unavailable' })
})

test.each(['file:', 'ftp://host/x', 's3:', 's3:https://host', 's3:https://user:secret@host/bucket', 'blobs'])(
  'the url "%s" is refused without being repeated',
  async (url) => {
    const opened = openBlobs(url)

    await expect(opened).rejects.toMatchObject({ code: 'invalid', extra: { reason: 'BLOBS_URL_INVALID' } })
    await expect(opened).rejects.not.toThrow(/secret/)
  },
)

test('many readers of many blobs keep few files open', async () => {
  await using store = await startDirectory()
  const keys = await Promise.all(
    Array.from({ length: 300 }, async () => (await store.blobs.put(inPieces(someBytes(50)))).key),
  )

  const ranges = await Promise.all(
    [...keys, ...keys].map((key) => store.blobs.readBytes(key, { start: 10, end: 19 })),
  )

  expect(ranges.every((bytes) => bytes.length === 10)).toBe(true)
  const open = await openUnder(store.folder)
  expect(open).toBeLessThanOrEqual(128)
})

async function openUnder(folder: string): Promise<number> {
  const links = await readdir('/proc/self/fd')
  const targets = await Promise.all(links.map((link) => readlink(`/proc/self/fd/${link}`).catch(() => '')))
  return targets.filter((target) => target.startsWith(folder)).length
}
