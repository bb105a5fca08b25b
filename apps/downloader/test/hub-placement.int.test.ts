import { lstat, readdir, readFile, readlink, rename, rm, stat, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tempDirectory } from '@easel/testing'
import { expect, test } from 'vitest'
import { openHubHouse, sha256Of, someBytes } from './support/open-test-hub.ts'

const signal = new AbortController().signal

test('a finished file is a content under its hash and a relative link under its name', async () => {
  await using house = await openHubHouse()
  const hub = await house.open()
  const bytes = someBytes()
  const { path, file } = await house.partial(bytes)

  const placed = await hub.placement.place(path, file, signal)

  const name = join(house.directory, 'loras/a.safetensors')
  expect(placed).toEqual({ path: 'loras/a.safetensors' })
  expect(await readlink(name)).toBe(`../.easel/hub/sha256/${file.sha256.slice(0, 2)}/${file.sha256}`)
  expect(await readFile(name)).toEqual(bytes)
  expect((await stat(name)).mode & 0o222).toBe(0)
  expect((await house.store.hub.find(file.sha256))?.paths).toEqual(['loras/a.safetensors'])
})

test('two replicas that place the same content at once make one of it', async () => {
  await using house = await openHubHouse()
  const hubs = [await house.open(), await house.open()]
  const bytes = someBytes(100_000)
  const names = ['a', 'b', 'a', 'c'].map((name) => `${name}.safetensors`)
  const partials = await Promise.all(names.map((filename) => house.partial(bytes, { filename })))

  await Promise.all(partials.map(({ path, file }, at) => hubs[at % 2]!.placement.place(path, file, signal)))

  const { ino } = await stat(house.blobOf(sha256Of(bytes)))
  const row = await house.store.hub.find(sha256Of(bytes))
  expect(row?.paths).toEqual(['loras/a.safetensors', 'loras/b.safetensors', 'loras/c.safetensors'])
  for (const path of row!.paths) expect((await stat(join(house.directory, path))).ino).toBe(ino)
  expect((await house.store.hub.sums()).bytes).toBe(bytes.length)
})

test('a name of another content is never taken, and stays as it is', async () => {
  await using house = await openHubHouse()
  const hub = await house.open()
  const first = await house.partial(someBytes())
  await hub.placement.place(first.path, first.file, signal)
  const real = someBytes()
  await house.write('vae/real.safetensors', real)
  const second = await house.partial(someBytes())
  const third = await house.partial(someBytes(), { folder: 'vae', filename: 'real.safetensors' })

  await expect(hub.placement.place(second.path, second.file, signal)).rejects.toMatchObject({
    extra: { reason: 'FILE_EXISTS' },
  })
  await expect(hub.placement.place(third.path, third.file, signal)).rejects.toMatchObject({
    extra: { reason: 'FILE_EXISTS' },
  })

  expect(sha256Of(await readFile(join(house.directory, 'loras/a.safetensors')))).toBe(first.file.sha256)
  expect(await readFile(join(house.directory, 'vae/real.safetensors'))).toEqual(real)
})

test('a real file with the wanted bytes under the wanted name is left alone, and counts as placed', async () => {
  await using house = await openHubHouse()
  const hub = await house.open()
  const bytes = someBytes()
  const name = await house.write('loras/a.safetensors', bytes)
  const { path, file } = await house.partial(bytes)

  await expect(hub.placement.find(file, signal)).resolves.toMatchObject({ path: 'loras/a.safetensors' })
  await expect(hub.placement.place(path, file, signal)).resolves.toEqual({ path: 'loras/a.safetensors' })

  expect((await lstat(name)).isFile()).toBe(true)
})

test('a content that is here already gets another name without a transfer', async () => {
  await using house = await openHubHouse()
  const hub = await house.open()
  const { path, file } = await house.partial(someBytes())
  await hub.placement.place(path, file, signal)
  await rm(path)

  const found = await hub.placement.find(
    { ...file, folder: 'checkpoints', filename: 'x.safetensors' },
    signal,
  )

  expect(found).toEqual({ path: 'checkpoints/x.safetensors', sha256: file.sha256, bytes: file.bytes })
  expect((await house.store.hub.find(file.sha256))?.paths).toHaveLength(2)
})

test('a file found elsewhere is linked and neither moved nor removed', async () => {
  await using house = await openHubHouse()
  const hub = await house.open()
  const bytes = someBytes()
  await using outside = await tempDirectory()
  const elsewhere = join(outside.path, 'model.safetensors')
  await writeFile(elsewhere, bytes)
  const wanted = { folder: 'loras', filename: 'linked.safetensors' }

  const linked = await hub.index.linkReal(elsewhere, sha256Of(bytes), wanted)

  expect(linked.path).toBe('loras/linked.safetensors')
  expect(await readFile(join(house.directory, linked.path))).toEqual(bytes)
  expect((await lstat(elsewhere)).isFile()).toBe(true)
  expect((await house.store.hub.sums()).bytes).toBe(0)
  await expect(hub.index.linkReal(elsewhere, 'a'.repeat(64), wanted)).rejects.toMatchObject({
    extra: { reason: 'HASH_MISMATCH' },
  })
})

test('a content that is here is not said to be verified because a file elsewhere was read', async () => {
  await using house = await openHubHouse()
  const hub = await house.open()
  const bytes = someBytes()
  const { path, file } = await house.partial(bytes)
  await hub.placement.place(path, file, signal)
  await house.database.query(`update hub_contents set verified_at = null`)
  const elsewhere = await house.write('vae/elsewhere.safetensors', bytes)

  await hub.index.linkReal(elsewhere, file.sha256, { folder: 'loras', filename: 'linked.safetensors' })

  expect(await house.store.hub.find(file.sha256)).toMatchObject({ external: false, verifiedAt: null })
})

test('placing again after a crash at any step carries on, whether or not the partial file is there', async () => {
  await using house = await openHubHouse()
  const hub = await house.open()
  const { path, file } = await house.partial(someBytes())
  await hub.placement.place(path, file, signal)
  const name = join(house.directory, 'loras/a.safetensors')
  const lost: (() => Promise<unknown>)[] = [
    // The rows were not committed.
    () => house.database.query('delete from hub_names'),
    // Neither the link nor its row.
    () => Promise.all([unlink(name), house.database.query('delete from hub_names')]),
    // Only the bytes were there, and the partial's name for them was gone.
    async () => {
      await unlink(name)
      await house.database.query('delete from hub_leases')
      await house.database.query('delete from hub_names')
      await house.database.query('delete from hub_contents')
      await rm(path, { force: true })
    },
  ]

  for (const lose of lost) {
    await lose()
    await hub.placement.place(path, file, signal)
    expect(sha256Of(await readFile(name))).toBe(file.sha256)
    expect((await house.store.hub.find(file.sha256))?.paths).toEqual(['loras/a.safetensors'])
  }
})

test('what was placed at the last moment before a cancel goes again, and nothing else', async () => {
  await using house = await openHubHouse()
  const hub = await house.open()
  const bytes = someBytes()
  const one = await house.partial(bytes)
  const other = await house.partial(bytes, { filename: 'b.safetensors' })
  await hub.placement.place(one.path, one.file, signal)
  await hub.placement.place(other.path, other.file, signal)

  await hub.placement.remove(one.path, one.file)

  expect(await readdir(join(house.directory, 'loras'))).toEqual(['b.safetensors'])
  await hub.placement.remove(other.path, other.file)
  expect(await readdir(join(house.directory, 'loras'))).toEqual([])
  await expect(stat(house.blobOf(one.file.sha256))).rejects.toThrow('ENOENT')
})

test('what a cancel takes back is not what somebody else has been given meanwhile', async () => {
  await using house = await openHubHouse()
  const hub = await house.open()
  const { path, file } = await house.partial(someBytes())
  await hub.placement.place(path, file, signal)

  await expect(hub.placement.find(file, signal)).resolves.toMatchObject({ path: 'loras/a.safetensors' })
  await hub.placement.remove(path, file)

  expect(await readdir(join(house.directory, 'loras'))).toEqual(['a.safetensors'])
})

test('the sweep gives rows to bytes and links, and forgets links that somebody removed', async () => {
  await using house = await openHubHouse()
  const hub = await house.open()
  const one = await house.partial(someBytes())
  const other = await house.partial(someBytes(), { filename: 'b.safetensors' })
  await hub.placement.place(one.path, one.file, signal)
  await hub.placement.place(other.path, other.file, signal)
  for (const table of ['hub_leases', 'hub_names', 'hub_contents']) {
    await house.database.query(`delete from ${table} where sha256 = $1`, [one.file.sha256])
  }
  await unlink(join(house.directory, 'loras/b.safetensors'))

  await hub.sweep()

  expect(await house.store.hub.find(one.file.sha256)).toMatchObject({ paths: ['loras/a.safetensors'] })
  expect(await house.store.hub.find(other.file.sha256)).toMatchObject({ paths: [], state: 'present' })
})

test('a content whose bytes are gone is lost, and present again when they are back', async () => {
  await using house = await openHubHouse()
  const hub = await house.open()
  const { path, file } = await house.partial(someBytes())
  await hub.placement.place(path, file, signal)
  await rm(path)
  const blob = house.blobOf(file.sha256)
  await rename(blob, join(house.directory, 'aside'))

  await hub.sweep()
  expect(await house.store.hub.find(file.sha256)).toMatchObject({ state: 'lost' })
  expect(await readdir(join(house.directory, 'loras'))).toEqual([])
  expect(await hub.index.find(file.sha256)).toBeNull()

  await rename(join(house.directory, 'aside'), blob)
  await hub.sweep()
  expect(await house.store.hub.find(file.sha256)).toMatchObject({ state: 'present' })
  expect(sha256Of(await readFile(join(house.directory, 'loras/a.safetensors')))).toBe(file.sha256)
})

test('bytes that were cut short are bad, and a new transfer heals them', async () => {
  await using house = await openHubHouse()
  const hub = await house.open()
  const bytes = someBytes()
  const { path, file } = await house.partial(bytes)
  await hub.placement.place(path, file, signal)
  await rm(path)
  await rm(house.blobOf(file.sha256))
  await writeFile(house.blobOf(file.sha256), bytes.subarray(0, 100))

  await hub.sweep()
  expect(await house.store.hub.find(file.sha256)).toMatchObject({ state: 'bad' })
  expect(await hub.placement.find(file, signal)).toBeUndefined()

  const again = await house.partial(bytes)
  await hub.placement.place(again.path, again.file, signal)
  expect(await house.store.hub.find(file.sha256)).toMatchObject({ state: 'present' })
  expect(await readFile(join(house.directory, 'loras/a.safetensors'))).toEqual(bytes)
})

test.each(['../up.safetensors', '.hidden', 'a\0b.safetensors', 'x/../../y', '/etc/passwd', 'a\\b'])(
  'the name %j is refused',
  async (filename) => {
    await using house = await openHubHouse()
    const hub = await house.open()
    const { path, file } = await house.partial(someBytes(), { filename })

    await expect(hub.placement.place(path, file, signal)).rejects.toMatchObject({
      extra: { reason: 'FILENAME_INVALID' },
    })
  },
)
