import { chmod, lstat, readdir, readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { anActor } from './support/start-downloader.ts'
import { openHubHouse, sha256Of, someBytes } from './support/open-test-hub.ts'

const signal = new AbortController().signal
const admin = anActor({ role: 'admin' })

test('the first of its content becomes a link without a copy, its second one frees its bytes', async () => {
  await using house = await openHubHouse()
  const hub = await house.open()
  const bytes = someBytes()
  const first = await house.write('loras/one.safetensors', bytes)
  const second = await house.write('checkpoints/sub/two.safetensors', bytes)
  const before = await stat(first, { bigint: true })

  const { items } = await hub.service.adopt(admin, {
    paths: ['loras/one.safetensors', 'checkpoints/sub/two.safetensors'],
  })

  expect(items.map(({ outcome, bytesFreed }) => [outcome, bytesFreed])).toEqual([
    ['linked', 0],
    ['linked', bytes.length],
  ])
  const after = await stat(first, { bigint: true })
  // What the library knows a file by is the same, so nothing is hashed again.
  expect([after.ino, after.size, after.mtimeNs]).toEqual([before.ino, before.size, before.mtimeNs])
  expect(await readlink(second)).toContain('../../.easel/hub/sha256/')
  expect(await readFile(second)).toEqual(bytes)
  expect((await house.store.hub.find(sha256Of(bytes)))?.paths).toEqual([
    'checkpoints/sub/two.safetensors',
    'loras/one.safetensors',
  ])
  expect(await readdir(join(house.directory, 'loras'))).toEqual(['one.safetensors'])
})

test('a dry run tells what would be freed and touches nothing', async () => {
  await using house = await openHubHouse()
  const hub = await house.open()
  const bytes = someBytes()
  const { path, file } = await house.partial(bytes)
  await hub.placement.place(path, file, signal)
  const real = await house.write('vae/real.safetensors', bytes)

  const { items } = await hub.service.adopt(admin, { paths: ['vae/real.safetensors'], dryRun: true })

  expect(items).toEqual([{ path: 'vae/real.safetensors', outcome: 'linked', bytesFreed: bytes.length }])
  expect((await lstat(real)).isFile()).toBe(true)
})

test('links, names that lead elsewhere and what is not there are left alone', async () => {
  await using house = await openHubHouse()
  const hub = await house.open()
  const real = await house.write('loras/real.safetensors', someBytes())
  await symlink(real, join(house.directory, 'loras/link.safetensors'))

  const paths = [
    'loras/link.safetensors',
    '../etc/passwd',
    'loras/../x',
    'loras/none.safetensors',
    '.easel/hub/x',
  ]
  const { items } = await hub.service.adopt(admin, { paths: paths })

  expect(items.map(({ outcome }) => outcome)).toEqual(['already', 'skipped', 'skipped', 'skipped', 'skipped'])
})

test('a copy in the hub with other bytes of the same length is not taken for the file', async () => {
  await using house = await openHubHouse()
  const hub = await house.open()
  const bytes = someBytes()
  const { path, file } = await house.partial(bytes)
  await hub.placement.place(path, file, signal)
  const blob = house.blobOf(file.sha256)
  await chmod(blob, 0o644)
  await writeFile(blob, someBytes())
  const real = await house.write('vae/real.safetensors', bytes)

  const {
    items: [item],
  } = await hub.service.adopt(admin, { paths: ['vae/real.safetensors'] })

  expect(item?.outcome).toBe('linked')
  expect(await readFile(real)).toEqual(bytes)
  expect(await readFile(join(house.directory, 'loras/a.safetensors'))).toEqual(bytes)
})

test('a file that an installation elsewhere uses becomes a content of its own when it is adopted', async () => {
  await using house = await openHubHouse()
  const hub = await house.open()
  const bytes = someBytes()
  const real = await house.write('checkpoints/real.safetensors', bytes)
  const wanted = { folder: 'loras', filename: 'other.safetensors' }
  await hub.index.linkReal(real, sha256Of(bytes), wanted)

  const {
    items: [item],
  } = await hub.service.adopt(admin, { paths: ['checkpoints/real.safetensors'] })

  expect(item?.outcome).toBe('linked')
  expect((await lstat(house.blobOf(sha256Of(bytes)))).isFile()).toBe(true)
  expect(await readFile(join(house.directory, 'loras/other.safetensors'))).toEqual(bytes)
  expect(await house.store.hub.find(sha256Of(bytes))).toMatchObject({ external: false })
})

test('adoption is refused where the budget would not hold the file, which stays', async () => {
  await using house = await openHubHouse()
  const hub = await house.open()
  house.budget.bytes = 5_000
  const real = await house.write('loras/real.safetensors', someBytes(10_000))

  const {
    items: [item],
  } = await hub.service.adopt(admin, { paths: ['loras/real.safetensors'] })

  expect(item).toMatchObject({ outcome: 'failed', bytesFreed: 0 })
  expect((await lstat(real)).isFile()).toBe(true)
})

test('only administrators adopt', async () => {
  await using house = await openHubHouse()
  const hub = await house.open()

  await expect(hub.service.adopt(anActor(), { paths: ['loras/x.safetensors'] })).rejects.toMatchObject({
    code: 'forbidden',
  })
})

test('after a while no further file is begun, and those that are left are told', async () => {
  await using house = await openHubHouse()
  const hub = await house.open()
  const paths = ['loras/a.safetensors', 'loras/b.safetensors', 'loras/c.safetensors']
  for (const path of paths) await house.write(path, someBytes())

  const first = await hub.service.adopt(admin, { paths }, 0)
  const rest = await hub.service.adopt(admin, { paths: first.left! })

  expect(first).toMatchObject({ items: [{ path: paths[0], outcome: 'linked' }], left: paths.slice(1) })
  expect(rest.items.map(({ outcome }) => outcome)).toEqual(['linked', 'linked'])
  expect(rest.left).toEqual([])
})
