import { mkdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { tempDirectory, waitFor } from '@easel/testing'
import { expect, test } from 'vitest'
import { asMember, careOf } from './support/library-calls.ts'
import { loraTensors, modelFile, put, safetensors, sha256 } from './support/model-files.ts'
import { openHouse } from './support/start-catalog.ts'

/** A database in the shape of InvokeAI's, with its generated columns. */
async function openInvoke(root: string) {
  await mkdir(join(root, 'databases'), { recursive: true })
  await mkdir(join(root, 'models'), { recursive: true })
  const path = join(root, 'databases/invokeai.db')
  const database = new DatabaseSync(path)
  database.exec(`pragma journal_mode = wal; create table models (id text primary key, config text not null,
    name text generated always as (json_extract(config, '$.name')) virtual not null)`)
  return {
    path,
    put(id: string, config: Record<string, unknown> | string) {
      const text =
        typeof config === 'string'
          ? config
          : JSON.stringify({ name: id, type: 'lora', base: 'sdxl', ...config })
      database.prepare('insert or replace into models (id, config) values (?, ?)').run(id, text)
    },
    remove: (id: string) => void database.prepare('delete from models where id = ?').run(id),
    [Symbol.dispose]: () => database.close(),
  }
}

test('a file of InvokeAI’s is found by hash, then by where it came from, then by name', async () => {
  await using house = await openHouse()
  await using elsewhere = await tempDirectory()
  using invoke = await openInvoke(elsewhere.path)
  const files = { one: safetensors({}, 'one'), two: safetensors({}, 'two'), three: safetensors({}, 'three') }
  for (const [name, bytes] of Object.entries(files)) {
    await put(elsewhere.path, `models/${name}/${name}.safetensors`, bytes)
    invoke.put(name, { path: `${name}/${name}.safetensors`, source: `https://host/${name}` })
  }
  await mkdir(join(elsewhere.path, 'models/folder'))
  invoke.put('folder', { path: 'folder' })
  invoke.put('missing', { path: 'nowhere.safetensors' })
  invoke.put('hosted', { path: 'x', source_type: 'external' })
  invoke.put('odd', '{"name":"odd","path":7}')
  await house.start({ invokeAi: { database: invoke.path, models: undefined }, rescanMs: 300 })
  const counts = () => house.client.getStats({}).then(({ external }) => external)
  await waitFor(async () => (await counts())?.hashed === 3, { timeoutMs: 60_000 })
  const find = (wanted: object) => careOf(house).findExternal(wanted)

  const all = { sha256: sha256(files.one), url: 'https://host/two', name: 'three.safetensors' }
  expect(await find(all)).toMatchObject({
    id: 'one',
    foundBy: 'sha256',
    absolutePath: join(elsewhere.path, 'models/one/one.safetensors'),
    bytes: files.one.length,
  })
  expect(await find({ url: all.url, name: all.name })).toMatchObject({ id: 'two', foundBy: 'url' })
  expect(await find({ name: all.name })).toMatchObject({ id: 'three', foundBy: 'name' })
  expect(await counts()).toEqual({ models: 5, hashed: 3, skipped: 2 })
  for (const wanted of [
    { name: 'folder' },
    { sha256: 'f'.repeat(64) },
    { sha256: 'f'.repeat(64), name: 'one' },
  ]) {
    await expect(find(wanted)).rejects.toMatchObject({ reason: 'EXTERNAL_NOT_FOUND' })
  }
  await expect(find({})).rejects.toMatchObject({ code: 'invalid' })
})

test('the index follows rows and files that come, change and go', async () => {
  await using house = await openHouse()
  await using elsewhere = await tempDirectory()
  using invoke = await openInvoke(elsewhere.path)
  const [old, changed, late] = ['old', 'changed', 'late'].map((seed) =>
    safetensors({}, seed, 64 + seed.length),
  )
  const path = await put(elsewhere.path, 'models/a.safetensors', old!)
  invoke.put('a', { path })
  await house.start({ invokeAi: { database: invoke.path, models: undefined }, rescanMs: 300 })
  const found = (bytes: Buffer) => () =>
    careOf(house)
      .findExternal({ sha256: sha256(bytes) })
      .then(
        ({ id }) => id,
        () => undefined,
      )
  const patient = { timeoutMs: 60_000 }
  expect(await waitFor(found(old!), patient)).toBe('a')

  await writeFile(path, changed!)
  expect(await waitFor(found(changed!), patient)).toBe('a')
  expect(await found(old!)()).toBeUndefined()
  await put(elsewhere.path, 'models/b.safetensors', late!)
  invoke.put('b', { path: 'b.safetensors' })
  expect(await waitFor(found(late!), patient)).toBe('b')
  invoke.remove('b')
  await waitFor(async () => (await house.client.getStats({})).external?.models === 1, patient)
  await rm(path)
  expect(await found(changed!)()).toBeUndefined()
})

test('a database that is none stops nothing', async () => {
  await using house = await openHouse()
  await using elsewhere = await tempDirectory()
  const path = await put(elsewhere.path, 'invokeai.db', 'no database at all, but long enough to be looked at')
  await house.start({ invokeAi: { database: path, models: undefined } })

  await expect(careOf(house).findExternal({ name: 'x' })).rejects.toMatchObject({ code: 'not_found' })
})

test('a header elsewhere is read by its first bytes alone; what is too large or not in parts is refused', async () => {
  await using house = await openHouse()
  const file = modelFile(loraTensors, { metadata: { ss_base_model_version: 'sdxl_base_v1-0' } })
  const whole = Buffer.concat([file, Buffer.alloc(1_000_000)])
  const lying = Buffer.alloc(64)
  lying.writeBigUInt64LE(2n ** 40n)
  const bodies: Record<string, Buffer> = {
    '/a.safetensors': file,
    '/lying.safetensors': lying,
    '/whole': whole,
  }
  let sent = 0
  const server = createServer((request, response) => {
    const body = bodies[request.url!]!
    const [, start, end] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '') ?? []
    const piece = body.subarray(Number(start), Number(end) + 1)
    if (request.url === '/whole') return void response.end(body)
    sent += piece.length
    response.writeHead(206, {
      'content-range': `bytes ${start}-${Number(start) + piece.length - 1}/${body.length}`,
      'content-length': piece.length,
    })
    response.end(piece)
  }).listen(0, '127.0.0.1')
  await using stack = new AsyncDisposableStack()
  stack.defer(() => void server.close())
  await waitFor(() => server.listening)
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const first = await house.start({ allowPrivate: true })
  const read = (path: string) => careOf(house).readRemoteHeader({ url: base + path }, asMember)

  expect(await read('/a.safetensors')).toMatchObject({
    format: 'safetensors',
    tensorCount: 1,
    bytes: file.length,
    family: 'sdxl',
    type: 'lora',
    metadata: { ss_base_model_version: 'sdxl_base_v1-0' },
  })
  expect(sent).toBeLessThanOrEqual(file.length + 4)
  await expect(read('/lying.safetensors')).rejects.toMatchObject({ reason: 'SAFETENSORS_INVALID' })
  await expect(read('/whole')).rejects.toMatchObject({
    code: expect.stringMatching('unavailable|invalid') as string,
  })
  await first[Symbol.asyncDispose]()
  await house.start({ allowPrivate: false })
  await expect(read('/a.safetensors')).rejects.toMatchObject({ reason: 'URL_FORBIDDEN' })
})
