import { appendFile, link, mkdir, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { consumeFact, createClient, publishFact } from '@easel/bus'
import { catalog, filePlaced, libraryFileChanged } from '@easel/contracts'
import type { LibraryFileChanged } from '@easel/contracts'
import { newId } from '@easel/protocol'
import { tempDirectory, waitFor } from '@easel/testing'
import { expect, test } from 'vitest'
import { put, safetensors, sha256 } from './support/model-files.ts'
import { anActor, openHouse } from './support/start-catalog.ts'
import type { CatalogHouse } from './support/start-catalog.ts'

const idle = (house: CatalogHouse) =>
  waitFor(async () => {
    const { scan } = await house.client.getStats({})
    return scan.state === 'idle' && scan.finishedAt ? scan : undefined
  })
const pathsOf = async (house: CatalogHouse) =>
  (await house.client.listFiles({})).items.map(({ path }) => path)
const findPath = async (house: CatalogHouse, path: string) =>
  (await house.client.listFiles({ limit: 200 })).items.find((file) => file.path === path)

async function rescan(house: CatalogHouse, path?: string) {
  await idle(house)
  const before = (await house.client.getStats({})).scan.finishedAt
  await house.client.scan(path === undefined ? {} : { path })
  return await waitFor(async () => {
    const { scan } = await house.client.getStats({})
    return scan.state === 'idle' && scan.finishedAt !== before ? scan : undefined
  })
}

test('a file is listed with its hashes and what its header says', async () => {
  await using house = await openHouse()
  const metadata = {
    'modelspec.title': 'Castle',
    'modelspec.trigger_phrase': 'castle, keep',
    ss_base_model_version: 'sdxl_base_v1-0',
  }
  const bytes = safetensors(metadata)
  await put(house.directory, 'loras/style/castle.safetensors', bytes)
  await house.start()

  await idle(house)
  const { items } = await house.client.listFiles({})
  const file = await house.client.getFile({ id: items[0]!.id })

  expect(items).toHaveLength(1)
  expect(file).toMatchObject({
    name: 'castle',
    path: 'loras/style/castle.safetensors',
    folder: 'loras',
    format: 'safetensors',
    state: 'ready',
    unsafe: false,
    bytes: bytes.length,
    sha256: sha256(bytes),
    title: 'Castle',
    baseModel: 'SDXL 1.0',
    triggerWords: ['castle', 'keep'],
    tensorCount: 1,
    parameterCount: 64,
    dtypes: ['U8'],
    metadata,
  })
  for (const hash of [file.sha256!, file.autoV2!, file.autoV3!.toLowerCase()]) {
    await expect(house.client.getFileByHash({ hash })).resolves.toMatchObject({ id: file.id })
  }
})

test('a second scan reads nothing, and a changed file alone is read again', async () => {
  await using house = await openHouse()
  await put(house.directory, 'loras/a.safetensors', safetensors({}, 'a'))
  const changing = await put(house.directory, 'loras/b.safetensors', safetensors({}, 'b'))
  await house.start()
  await idle(house)

  const second = await rescan(house)
  const other = safetensors({}, 'other', 128)
  await writeFile(changing, other)
  await waitFor(async () => (await findPath(house, 'loras/b.safetensors'))?.sha256 === sha256(other))

  expect(second).toMatchObject({ found: 2, unchanged: 2, hashed: 0, bytesHashed: 0 })
  expect((await house.client.getStats({})).files).toBe(2)
})

test('links and moved files share the hash of the bytes they are', async () => {
  await using house = await openHouse()
  await using elsewhere = await tempDirectory()
  const bytes = safetensors({}, 'one')
  const original = await put(house.directory, 'loras/one.safetensors', bytes)
  const outside = await put(elsewhere.path, 'far.safetensors', safetensors({}, 'far'))
  await link(original, join(house.directory, 'loras/two.safetensors'))
  await symlink(original, join(house.directory, 'loras/three.safetensors'))
  await symlink(outside, join(house.directory, 'loras/far.safetensors'))
  await house.start()

  const first = await idle(house)
  await rename(original, join(house.directory, 'loras/moved.safetensors'))
  const second = await rescan(house)

  expect(first).toMatchObject({ found: 4, hashed: 2 })
  expect(second).toMatchObject({ hashed: 0 })
  expect(await pathsOf(house)).toEqual([
    'loras/far.safetensors',
    'loras/moved.safetensors',
    'loras/two.safetensors',
  ])
  expect(await findPath(house, 'loras/moved.safetensors')).toMatchObject({
    sha256: sha256(bytes),
    state: 'ready',
  })
})

test('folders are followed only where they stay inside, and never in circles', async () => {
  await using house = await openHouse()
  await using elsewhere = await tempDirectory()
  await put(elsewhere.path, 'secret.safetensors', safetensors())
  await put(house.directory, 'shared/deep/x.safetensors', safetensors())
  await mkdir(join(house.directory, 'loras'))
  await symlink(elsewhere.path, join(house.directory, 'loras/outside'))
  await symlink(join(house.directory, 'shared'), join(house.directory, 'loras/shared'))
  await symlink(house.directory, join(house.directory, 'shared/deep/root'))
  await symlink('../../loras', join(house.directory, 'shared/deep/back'))
  await symlink('nowhere', join(house.directory, 'loras/broken.safetensors'))
  await house.start()

  await idle(house)

  const paths = await pathsOf(house)
  expect(paths).toContain('shared/deep/x.safetensors')
  expect(paths).toContain('loras/shared/deep/x.safetensors')
  expect(paths.every((path) => !path.includes('outside') && !path.includes('root'))).toBe(true)
  expect(paths.length).toBeLessThanOrEqual(4)
})

test('hostile and unsafe files are listed for what they are', async () => {
  await using house = await openHouse()
  const tooLong = Buffer.alloc(64, 0xff)
  await put(house.directory, 'loras/bomb.safetensors', tooLong)
  await put(house.directory, 'loras/short.safetensors', 'abc')
  await put(house.directory, 'loras/disguised.safetensors', Buffer.from('PK\x03\x04\x14\0\x08\x08 archive'))
  await put(house.directory, 'loras/wrong.gguf', 'NOPE and more')
  await put(house.directory, 'checkpoints/old.ckpt', 'anything')
  await put(
    house.directory,
    'loras/nul.safetensors',
    safetensors({ 'modelspec.title': 'a\0b', __proto__: 'x' }),
  )
  await house.start()

  await idle(house)

  const { items } = await house.client.listFiles({})
  const byName = Object.fromEntries(items.map((file) => [file.name, file]))
  expect(byName.bomb).toMatchObject({ state: 'refused', unsafe: false, sha256: null })
  expect(byName.bomb!.problem).toBeTruthy()
  expect(byName.short).toMatchObject({ state: 'refused' })
  expect(byName.disguised).toMatchObject({ state: 'refused', unsafe: true })
  expect(byName.wrong).toMatchObject({ state: 'refused', format: 'gguf' })
  expect(byName.old).toMatchObject({ state: 'ready', unsafe: true, format: 'pickle', sha256: null })
  expect(byName.nul).toMatchObject({ state: 'ready', title: 'ab' })
  expect(await house.client.getStats({})).toMatchObject({ files: 6, refused: 4, unsafe: 2, hashed: 1 })
})

test('files that are still written are not there', async () => {
  await using house = await openHouse()
  await put(house.directory, 'loras/a.safetensors.part', safetensors())
  await put(house.directory, 'loras/.b.safetensors', safetensors())
  await put(house.directory, '.easel-partial/c.safetensors', safetensors())
  await put(house.directory, 'loras/d.txt', 'notes')
  await house.start()

  await idle(house)

  expect(await pathsOf(house)).toEqual([])
})

test('changes of the folder are seen without a scan being asked for', async () => {
  await using house = await openHouse()
  await mkdir(join(house.directory, 'loras'))
  await house.start()
  await idle(house)

  const added = await put(house.directory, 'loras/new.safetensors', safetensors())
  await waitFor(async () => (await findPath(house, 'loras/new.safetensors'))?.state === 'ready')
  await rm(added)
  const gone = await waitFor(async () => (await pathsOf(house)).length === 0)

  expect(gone).toBe(true)
})

test('a finished download is looked at as soon as it is told of', async () => {
  await using house = await openHouse()
  await house.start()
  await idle(house)
  // A file in a folder that no watcher knows yet, and no rescan is near.
  const bytes = safetensors()
  await put(house.directory, 'a/b/c/placed.safetensors', bytes)

  const payload = {
    transferId: newId(),
    path: 'a/b/c/placed.safetensors',
    bytes: bytes.length,
    sha256: sha256(bytes),
  }
  await publishFact(house.bus, filePlaced, { id: newId(), payload })

  const file = await waitFor(() => findPath(house, 'a/b/c/placed.safetensors'))
  expect(file.folder).toBe('a')
})

test('what comes, changes and goes is told as facts', async () => {
  await using house = await openHouse()
  const path = await put(house.directory, 'loras/a.safetensors', safetensors())
  await house.start()
  const told: LibraryFileChanged[] = []
  await using _facts = await consumeFact(house.bus, {
    consumer: 'test',
    fact: libraryFileChanged,
    handle: async ({ payload }) => void told.push(payload),
  })
  await idle(house)

  await waitFor(() => told.length === 1)
  await appendFile(path, 'tail')
  await rescan(house)
  await waitFor(() => told.length === 2)
  await rm(path)
  await rescan(house)
  await waitFor(() => told.length === 3)

  expect(told.map(({ event, file }) => [event, file.state])).toEqual([
    ['library.file-added', 'ready'],
    ['library.file-changed', 'refused'],
    ['library.file-removed', 'refused'],
  ])
})

test('lists are filtered, sorted and paged without gaps', async () => {
  await using house = await openHouse()
  for (const [index, name] of ['Alpha', 'beta', 'Gamma_1', 'gammaX1', 'delta'].entries()) {
    const path = await put(house.directory, `loras/${name}.safetensors`, safetensors({}, name, 64 + index))
    await utimes(path, 1_700_000_000 + index, 1_700_000_000 + index)
  }
  await put(house.directory, 'vae/alpha.ckpt', 'pickle')
  await house.start()
  await idle(house)
  const all = async (sort: 'name' | 'newest' | 'largest') => {
    const names: string[] = []
    for (let cursor: string | undefined; ;) {
      const page = await house.client.listFiles({
        sort,
        limit: 2,
        folder: 'loras',
        ...(cursor && { cursor }),
      })
      names.push(...page.items.map(({ name }) => name))
      if (!page.nextCursor) return names
      cursor = page.nextCursor
    }
  }

  expect(await all('name')).toEqual(['Alpha', 'beta', 'delta', 'Gamma_1', 'gammaX1'])
  expect(await all('largest')).toEqual(['delta', 'gammaX1', 'Gamma_1', 'beta', 'Alpha'])
  expect(await all('newest')).toEqual(['delta', 'gammaX1', 'Gamma_1', 'beta', 'Alpha'])
  const literal = await house.client.listFiles({ q: 'A_1' })
  expect(literal.items.map(({ name }) => name)).toEqual(['Gamma_1'])
  const unsafe = await house.client.listFiles({ unsafe: true, format: 'pickle' })
  expect(unsafe.items.map(({ path }) => path)).toEqual(['vae/alpha.ckpt'])
})

test('names of every alphabet are listed once, whatever case means to the database', async () => {
  await using house = await openHouse()
  const names = ['Émile', 'émile 2', 'İstanbul', 'ix', 'ÄPFEL', 'straße', 'ǅ', 'plain', 'Ωmega']
  for (const name of names) await put(house.directory, `loras/${name}.safetensors`, safetensors({}, name))
  await house.start()
  await idle(house)

  const seen: string[] = []
  for (let cursor: string | undefined; ;) {
    const { items, nextCursor } = await house.client.listFiles({ limit: 1, ...(cursor && { cursor }) })
    seen.push(...items.map(({ name }) => name))
    if (!nextCursor || seen.length > names.length) break
    cursor = nextCursor
  }

  expect(seen.toSorted()).toEqual(names.toSorted())
})

test('bad input and unknown files are told apart', async () => {
  await using house = await openHouse()
  await house.start()
  const { client } = house

  await expect(client.getFile({ id: newId() })).rejects.toMatchObject({
    code: 'not_found',
    reason: 'FILE_NOT_FOUND',
  })
  await expect(client.getFile({ id: 'no uuid' })).rejects.toMatchObject({ code: 'not_found' })
  await expect(client.getFileByHash({ hash: 'f'.repeat(64) })).rejects.toMatchObject({ code: 'not_found' })
  await expect(client.getFileByHash({ hash: 'zz' })).rejects.toMatchObject({ code: 'invalid' })
  await expect(client.listFiles({ cursor: 'bogus' })).rejects.toMatchObject({ code: 'invalid' })
  await expect(client.listFiles({ q: 'a\0' })).rejects.toMatchObject({ code: 'invalid' })
  for (const path of ['../..', '/etc', 'missing', 'a/../../b', 'a\0b']) {
    await expect(client.scan({ path })).rejects.toMatchObject({ code: 'not_found', reason: 'PATH_NOT_FOUND' })
  }
})

test('a viewer may look and not scan; nobody may do either', async () => {
  await using house = await openHouse()
  await house.start()
  const viewer = { actor: anActor({ role: 'viewer' }) }
  const anonymous = createClient(house.bus, catalog)

  await expect(house.client.listFiles({}, viewer)).resolves.toMatchObject({ items: [] })
  await expect(house.client.scan({}, viewer)).rejects.toMatchObject({ code: 'forbidden' })
  for (const call of [anonymous.listFiles({}), anonymous.getStats({}), anonymous.scan({})]) {
    await expect(call).rejects.toMatchObject({ code: 'unauthenticated' })
  }
})

test('without a models folder there is an empty library, and a folder that goes takes nothing with it', async () => {
  await using house = await openHouse()
  await put(house.directory, 'loras/a.safetensors', safetensors())
  await house.start()
  await idle(house)
  await rename(house.directory, `${house.directory}-unmounted`)

  await expect(house.client.scan({})).rejects.toMatchObject({ reason: 'NO_MODELS_DIRECTORY' })
  expect(await pathsOf(house)).toEqual(['loras/a.safetensors'])
  await rename(`${house.directory}-unmounted`, house.directory)
})
