import { createHash } from 'node:crypto'
import { copyFile, link, mkdir, readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { publishFact } from '@easel/bus'
import { filePlaced } from '@easel/contracts'
import { openDatabase } from '@easel/database'
import { newId } from '@easel/protocol'
import { tempDirectory, waitFor } from '@easel/testing'
import { expect, test } from 'vitest'
import { CatalogStore } from '../src/catalog.store.ts'
import { putVersion } from './support/catalogue-rows.ts'
import { asAdmin, asMember, careOf, fileAt, fileWhen, rescanned, scanned } from './support/library-calls.ts'
import { loraTensors, modelFile, put, safetensors, sha256 } from './support/model-files.ts'
import { anActor, openHouse } from './support/start-catalog.ts'

const known = { modelId: '5', versionId: '7', name: 'Castle', baseModel: 'Pony', words: ['castle', 'keep'] }
const linked = ({ modelId }: { modelId?: string | null }) => modelId !== null
const patient = { timeoutMs: 60_000 }

/** CivitAI's AutoV3 of a file made by `safetensors`. */
function dataHash(bytes: Buffer): string {
  const data = bytes.subarray(8 + Number(bytes.readBigUInt64LE(0)))
  return createHash('sha256').update(data).digest('hex').slice(0, 12)
}

test('a known hash of any kind links a file to its model; an unknown one stays unlinked', async () => {
  await using house = await openHouse()
  const [whole, data] = [safetensors({}, 'whole'), safetensors({ note: 'changed' }, 'data')]
  await putVersion(house, { ...known, sha256: sha256(whole) })
  await putVersion(house, { ...known, modelId: '6', versionId: '8', words: [], autoV3: dataHash(data) })
  await put(house.directory, 'loras/whole.safetensors', whole)
  await put(house.directory, 'loras/data.safetensors', data)
  await put(house.directory, 'loras/unknown.safetensors', safetensors({}, 'unknown'))
  await house.start()

  const file = await fileWhen(house, 'loras/whole.safetensors', linked)
  await fileWhen(house, 'loras/data.safetensors', ({ modelId }) => modelId === '6')

  expect(file).toMatchObject({
    modelSource: 'civitai',
    modelId: '5',
    versionId: '7',
    title: 'Castle',
    baseModel: 'Pony',
    family: 'pony',
    triggerWords: ['castle', 'keep'],
  })
  expect(file.linkedAt).not.toBeNull()
  expect(await fileAt(house, 'loras/unknown.safetensors')).toMatchObject({ modelId: null, linkedAt: null })
  expect((await house.client.getStats({})).linked).toBe(2)
  const words = { words: ['castle', 'keep'], from: 'catalogue' }
  await expect(careOf(house).getTriggerWords({ fileId: file.id }, asMember)).resolves.toEqual(words)
  await expect(
    careOf(house).getTriggerWords({ source: 'civitai', versionId: '7' }, asMember),
  ).resolves.toEqual(words)
  await expect(
    careOf(house).getTriggerWords({ source: 'civitai', versionId: '9' }, asMember),
  ).rejects.toMatchObject({ reason: 'VERSION_NOT_FOUND' })
})

test('a downloaded file gets header, hash, link and a sidecar; nobody else’s sidecar is written over', async () => {
  await using house = await openHouse()
  const [mine, foreign] = [safetensors({ 'modelspec.title': 'x' }, 'mine'), safetensors({}, 'foreign')]
  await putVersion(house, { ...known, sha256: sha256(mine) })
  await putVersion(house, { ...known, modelId: '6', versionId: '8', sha256: sha256(foreign) })
  await house.start()
  await scanned(house)
  await put(house.directory, 'loras/foreign.safetensors', foreign)
  await put(house.directory, 'loras/foreign.easel.json', '{"title":"Somebody else’s"}')
  await put(house.directory, 'loras/mine.safetensors', mine)
  for (const [name, bytes] of [['foreign', foreign] as const, ['mine', mine] as const]) {
    const payload = {
      transferId: newId(),
      path: `loras/${name}.safetensors`,
      bytes: bytes.length,
      sha256: sha256(bytes),
    }
    await publishFact(house.bus, filePlaced, { id: newId(), payload })
  }

  const sidecar = join(house.directory, 'loras/mine.easel.json')
  const text = await waitFor(() => readFile(sidecar, 'utf8').catch(() => undefined), patient)
  const file = await fileWhen(house, 'loras/mine.safetensors', linked)
  await fileWhen(house, 'loras/foreign.safetensors', linked)

  expect(JSON.parse(text)).toMatchObject({ modelId: '5', versionId: '7', triggerWords: ['castle', 'keep'] })
  expect(file).toMatchObject({ tensorCount: 1, sha256: sha256(mine), versionId: '7' })
  const again = await careOf(house).writeSidecars({}, asAdmin)
  expect(again.written).toBe(0)
  const other = (await fileAt(house, 'loras/foreign.safetensors'))!
  const { items } = await careOf(house).writeSidecars({ ids: [other.id] }, asAdmin)
  expect(items).toMatchObject([{ outcome: 'skipped' }])
  expect(await readFile(join(house.directory, 'loras/foreign.easel.json'), 'utf8')).toContain('Somebody')
})

test("sidecars can have CivitAI's shape, or be off", async () => {
  await using house = await openHouse()
  const bytes = safetensors({}, 'a')
  await putVersion(house, { ...known, sha256: sha256(bytes) })
  await put(house.directory, 'loras/a.safetensors', bytes)
  const first = await house.start({ sidecars: 'off' })
  await fileWhen(house, 'loras/a.safetensors', linked)
  await expect(careOf(house).writeSidecars({}, asAdmin)).rejects.toMatchObject({ reason: 'SIDECARS_OFF' })
  await first[Symbol.asyncDispose]()
  await house.start({ sidecars: 'civitai' })

  await expect(careOf(house).writeSidecars({}, asAdmin)).resolves.toMatchObject({ written: 1 })

  const text = await readFile(join(house.directory, 'loras/a.civitai.info'), 'utf8')
  expect(JSON.parse(text)).toMatchObject({
    id: 7,
    modelId: 5,
    trainedWords: ['castle', 'keep'],
    files: [{ hashes: { SHA256: sha256(bytes).toUpperCase() } }],
  })
})

test('a sidecar that could not be written is counted, and written when that can be', async () => {
  await using house = await openHouse()
  const bytes = safetensors({}, 'a')
  // With the ending of CivitAI's sidecars it is longer than a disk takes.
  const name = 'a'.repeat(243)
  await putVersion(house, { ...known, sha256: sha256(bytes) })
  await put(house.directory, `loras/${name}.safetensors`, bytes)
  const first = await house.start({ sidecars: 'civitai' })
  await fileWhen(house, `loras/${name}.safetensors`, linked)
  const failed = await careOf(house).writeSidecars({}, asAdmin)
  expect(failed).toMatchObject({ written: 0, items: [{ outcome: 'failed' }], nextCursor: null })
  expect(await house.client.getStats({})).toMatchObject({ failedSidecars: 1 })
  await first[Symbol.asyncDispose]()

  await house.start()

  const sidecar = join(house.directory, `loras/${name}.easel.json`)
  const text = await waitFor(() => readFile(sidecar, 'utf8').catch(() => undefined), patient)
  expect(JSON.parse(text)).toMatchObject({ modelId: '5' })
  await waitFor(async () => (await house.client.getStats({})).failedSidecars === 0, patient)
})

test('of many files only some hundred are written beside in one call', async () => {
  await using house = await openHouse()
  await put(house.directory, 'loras/a.safetensors', safetensors())
  await house.start()
  await scanned(house)
  await using database = openDatabase({ url: house.databaseUrl, schema: 'catalog' })
  await database.query(
    `insert into files (id, root, path, folder, name, format, state, bytes, modified_at, model_source, model_id)
     select gen_random_uuid(), 'further', 'loras/' || n || '.safetensors', 'loras', n::text, 'safetensors', 'ready', 1,
       now(), 'civitai', n::text from generate_series(1, 201) n`,
    [],
  )

  const first = await careOf(house).writeSidecars({}, asAdmin)
  const second = await careOf(house).writeSidecars({ cursor: first.nextCursor! }, asAdmin)

  // Those of a further folder are passed over.
  expect(first).toEqual({ written: 0, items: [], nextCursor: expect.any(String) })
  expect(second).toEqual({ written: 0, items: [], nextCursor: null })
})

test('a link made by hand is kept against the hash, and can be taken away', async () => {
  await using house = await openHouse()
  await put(house.directory, 'loras/a.safetensors', safetensors())
  await house.start()
  await scanned(house)
  const { id } = (await fileAt(house, 'loras/a.safetensors'))!

  const by = { source: 'civitai', modelId: '9', versionId: '11' } as const
  await expect(careOf(house).linkFile({ id, ...by }, asAdmin)).resolves.toMatchObject({ modelId: '9' })
  await rescanned(house)
  expect(await fileAt(house, 'loras/a.safetensors')).toMatchObject({ modelId: '9', versionId: '11' })
  for (const half of [{ source: 'civitai' }, { modelId: '9' }, { versionId: '11' }] as const) {
    await expect(careOf(house).linkFile({ id, ...half }, asAdmin)).rejects.toMatchObject({ code: 'invalid' })
  }
  expect(await fileAt(house, 'loras/a.safetensors')).toMatchObject({ modelId: '9' })
  await expect(careOf(house).linkFile({ id }, asAdmin)).resolves.toMatchObject({ modelId: null })
})

test('the same bytes twice are a duplicate; links to them are not', async () => {
  await using house = await openHouse()
  const large = safetensors({}, 'large', 5_000)
  const original = await put(house.directory, 'loras/large.safetensors', large)
  await copyFile(original, join(house.directory, 'loras/second.safetensors'))
  await link(original, join(house.directory, 'loras/hard.safetensors'))
  await symlink(original, join(house.directory, 'loras/soft.safetensors'))
  const small = await put(house.directory, 'loras/small.safetensors', safetensors({}, 'small'))
  await copyFile(small, join(house.directory, 'loras/small2.safetensors'))
  const lonely = await put(house.directory, 'loras/lonely.safetensors', safetensors({}, 'lonely'))
  await link(lonely, join(house.directory, 'loras/lonely2.safetensors'))
  await house.start()
  await scanned(house)

  const first = await careOf(house).listDuplicates({ limit: 1 }, asMember)
  const rest = await careOf(house).listDuplicates({ cursor: first.nextCursor! }, asMember)

  expect(first.items).toMatchObject([
    { wastedBytes: large.length, bytes: large.length, sha256: sha256(large) },
  ])
  expect(
    first.items[0]!.copies.map(({ path, links }) => [path, ...links].length).toSorted((a, b) => a - b),
  ).toEqual([1, 3])
  expect(rest.items.map(({ copies }) => copies.length)).toEqual([2])
  expect(rest.nextCursor).toBeNull()
  await expect(careOf(house).listDuplicates({ cursor: 'x' }, asMember)).rejects.toMatchObject({
    code: 'invalid',
  })
  const file = await house.client.getFile({ id: (await fileAt(house, 'loras/hard.safetensors'))!.id })
  expect(file.aliases).toEqual([
    'loras/large.safetensors',
    'loras/second.safetensors',
    'loras/soft.safetensors',
  ])
})

test('a misplaced file is found, and moved when that is asked, with what lies beside it', async () => {
  await using house = await openHouse()
  const bytes = modelFile(loraTensors)
  await putVersion(house, { ...known, sha256: sha256(bytes) })
  await put(house.directory, 'checkpoints/style/a.safetensors', bytes)
  await put(house.directory, 'checkpoints/style/a.json', '{"notes":"mine"}')
  await house.start()
  await fileWhen(house, 'checkpoints/style/a.safetensors', linked)

  const { items } = await careOf(house).listMisplaced({}, asMember)
  const moved = await careOf(house).moveFile({ id: items[0]!.file.id }, asAdmin)
  const scan = await rescanned(house)

  expect(items).toMatchObject([
    { type: 'lora', belongsIn: 'loras', suggestedPath: 'loras/style/a.safetensors', readOnly: false },
  ])
  expect(moved).toMatchObject({ path: 'loras/style/a.safetensors', folder: 'loras', modelId: '5' })
  expect(scan).toMatchObject({ hashed: 0, removed: 0 })
  expect(await readFile(join(house.directory, 'loras/style/a.safetensors'))).toEqual(bytes)
  expect(await readFile(join(house.directory, 'loras/style/a.json'), 'utf8')).toContain('mine')
  await expect(stat(join(house.directory, 'checkpoints/style/a.safetensors'))).rejects.toThrow('ENOENT')
  expect((await careOf(house).listMisplaced({}, asMember)).items).toEqual([])
  expect(await fileAt(house, 'loras/style/a.safetensors')).toMatchObject({ id: moved.id, notes: 'mine' })
})

test('a move goes over no file, out of no folder and to no other ending', async () => {
  await using house = await openHouse()
  await using outside = await tempDirectory()
  await put(house.directory, 'checkpoints/a.safetensors', modelFile(loraTensors))
  const taken = await put(house.directory, 'loras/a.safetensors', safetensors({}, 'there already'))
  await put(outside.path, 'loras/c.safetensors', modelFile(loraTensors, { seed: 'c' }))
  await mkdir(join(house.directory, 'vae'))
  await symlink(outside.path, join(house.directory, 'vae/out'))
  const before = await readFile(taken)
  await house.start({ extraRoots: [{ name: 'more', directory: outside.path }] })
  await waitFor(async () => (await house.client.getStats({})).hashed === 3, patient)
  const { id } = (await fileAt(house, 'checkpoints/a.safetensors'))!
  const move = (path?: string) => careOf(house).moveFile({ id, ...(path && { path }) }, asAdmin)

  await expect(move()).rejects.toMatchObject({ code: 'conflict', reason: 'FILE_EXISTS' })
  for (const path of [
    '../a.safetensors',
    '/a.safetensors',
    'loras/a.ckpt',
    'loras/.a.safetensors',
    'vae/out/a.safetensors',
    'vae/out/new/a.safetensors',
    `loras/${'x'.repeat(300)}/a.safetensors`,
  ]) {
    await expect(move(path)).rejects.toMatchObject({ code: 'invalid', reason: 'PATH_INVALID' })
  }
  await expect(move('loras/a.safetensors/a.safetensors')).rejects.toMatchObject({ reason: 'FILE_EXISTS' })
  await expect(stat(join(outside.path, 'new'))).rejects.toThrow('ENOENT')
  const other = (await fileAt(house, 'loras/c.safetensors', 'more'))!
  await expect(careOf(house).moveFile({ id: other.id }, asAdmin)).rejects.toMatchObject({
    reason: 'ROOT_READ_ONLY',
  })
  await writeFile(join(house.directory, 'checkpoints/a.safetensors'), 'changed')
  await expect(move('loras/new.safetensors')).rejects.toMatchObject({ reason: 'FILE_CHANGED' })
  expect(await readFile(taken)).toEqual(before)
})

test('a link that is moved still leads there in one step, wherever the models folder is mounted', async () => {
  await using house = await openHouse()
  const blob = '.hub/sha256/ab/content'
  await put(house.directory, blob, safetensors({}, 'a'))
  await put(house.directory, 'checkpoints/here/beside.safetensors', safetensors({}, 'b'))
  await symlink(join('../..', blob), join(house.directory, 'checkpoints/here/a.safetensors'))
  await house.start()
  await scanned(house)
  const { id } = (await fileAt(house, 'checkpoints/here/a.safetensors'))!

  await careOf(house).moveFile({ id, path: 'loras/a.safetensors' }, asAdmin)

  expect(await readlink(join(house.directory, 'loras/a.safetensors'))).toBe(join('..', blob))
})

test('a move that a scan has seen first leaves what the scan has found', async () => {
  await using house = await openHouse()
  await put(house.directory, 'loras/a.safetensors', safetensors())
  await house.start()
  await scanned(house)
  const { id, path } = (await fileAt(house, 'loras/a.safetensors'))!
  await using database = openDatabase({ url: house.databaseUrl, schema: 'catalog', poolSize: 2 })

  const moved = await new CatalogStore(database).transact((tx) => tx.scan.move(newId(), { id, path }))

  expect(moved).toEqual({ before: [], after: [] })
  expect(await fileAt(house, 'loras/a.safetensors')).toMatchObject({ id })
})

test('whoever is not signed in is told nothing, and only admins change anything', async () => {
  await using house = await openHouse()
  await house.start()
  const care = careOf(house)
  const id = newId()
  const viewer = { actor: anActor({ role: 'viewer' }) }

  const asked = [
    care.listDuplicates({}),
    care.listMisplaced({}),
    care.moveFile({ id }),
    care.linkFile({ id }),
    care.writeSidecars({}),
    care.getTriggerWords({ fileId: id }),
    care.readRemoteHeader({ url: 'https://host/a' }),
    care.listFamilies({}),
  ]
  for (const call of asked) await expect(call).rejects.toMatchObject({ code: 'unauthenticated' })
  const changes = [viewer, asMember].flatMap((who) => [
    care.moveFile({ id }, who),
    care.linkFile({ id }, who),
    care.writeSidecars({}, who),
  ])
  for (const call of changes)
    await expect(call).rejects.toMatchObject({ code: 'forbidden', reason: 'ADMINS_ONLY' })
  await expect(care.moveFile({ id }, asAdmin)).rejects.toMatchObject({ reason: 'FILE_NOT_FOUND' })
  await expect(care.listFamilies({}, viewer)).resolves.toMatchObject({
    items: expect.any(Array) as unknown[],
  })
  const { items } = await care.listTypeFolders({}, viewer)
  expect(items).toContainEqual({ type: 'lora', folder: 'loras' })
})
