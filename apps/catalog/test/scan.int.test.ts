import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { subscribeLive } from '@easel/bus'
import type { ScanView } from '@easel/contracts'
import { waitFor } from '@easel/testing'
import { expect, test } from 'vitest'
import { startCatalogProcess } from './support/catalog-process.ts'
import { put, safetensors } from './support/model-files.ts'
import { openHouse } from './support/start-catalog.ts'
import type { CatalogHouse } from './support/start-catalog.ts'

const stats = (house: CatalogHouse) => house.client.getStats({})
const isDone = async (house: CatalogHouse) => {
  const { scan } = await stats(house)
  return scan.state === 'idle' && scan.finishedAt ? scan : undefined
}

/** Bytes enough that hashing them takes a while. */
async function putLarge(house: CatalogHouse, count: number, megabytes: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    const bytes = safetensors({}, `large ${index}`, megabytes * 1024 * 1024)
    await put(house.directory, `checkpoints/large-${index}.safetensors`, bytes)
  }
}

test('a killed scan goes on where it was, and hashes nothing twice', async () => {
  await using house = await openHouse()
  await putLarge(house, 12, 48)
  await using first = await startCatalogProcess({ ...house.env, EASEL_HASH_THREADS: '1' })
  await waitFor(async () => (await stats(house)).hashed >= 2, { timeoutMs: 60_000 })
  await first.kill()

  await house.start()
  const before = await stats(house)
  const scan = await waitFor(() => isDone(house), { timeoutMs: 60_000 })

  expect(before.hashed).toBeGreaterThanOrEqual(2)
  expect(before.hashed).toBeLessThan(12)
  // What was begun and not committed is read again; what was committed is not.
  expect(scan.hashed).toBe(12 - before.hashed)
  expect(await stats(house)).toMatchObject({ files: 12, hashed: 12 })
}, 180_000)

test('files are listed while they are hashed, the smallest are ready first, and progress is told', async () => {
  await using house = await openHouse()
  await putLarge(house, 4, 64)
  await put(house.directory, 'loras/small.safetensors', safetensors({}, 'small'))
  const told: ScanView[] = []
  using _live = subscribeLive(house.bus, { spaceId: 'system', channel: 'scan-progress' }, ({ data }) => {
    told.push(data as unknown as ScanView)
  })
  await house.bus.connection.flush()
  await house.start({ hashThreads: 1 })

  const early = await waitFor(async () => {
    const { items } = await house.client.listFiles({})
    return items.some(({ state }) => state === 'ready') ? items : undefined
  })
  await waitFor(() => isDone(house))

  expect(early.find(({ name }) => name === 'small')).toMatchObject({ state: 'ready' })
  expect(early.filter(({ state }) => state === 'hashing').length).toBeGreaterThan(0)
  await waitFor(() => told.at(-1)?.state === 'idle')
  expect(told.at(-1)).toMatchObject({ found: 5, hashed: 5 })
  expect(told.at(-1)!.bytesHashed).toBe(told.at(-1)!.bytesToHash)
})

test('replicas that share a folder scan it one at a time, and a request to either is seen to', async () => {
  await using house = await openHouse()
  await putLarge(house, 2, 64)
  await Promise.all([house.start(), house.start(), house.start()])

  const scan = await waitFor(() => isDone(house))
  expect(scan.hashed + scan.unchanged).toBeGreaterThanOrEqual(2)
  await put(house.directory, 'new/folder/late.safetensors', safetensors({}, 'late'))
  for (let call = 0; call < 3; call++) await house.client.scan({})

  await waitFor(async () => (await stats(house)).hashed === 3)
})

test('ten thousand unchanged files are looked through without reading one, and not one by one', async () => {
  await using house = await openHouse()
  await put(house.directory, 'loras/0/0.safetensors', safetensors())
  for (let folder = 0; folder < 20; folder++) {
    await put(house.directory, `loras/${folder}/first.gguf`, `GGUF ${folder}`)
    const files = Array.from({ length: 500 }, (_, file) =>
      writeFile(join(house.directory, `loras/${folder}/${file}.gguf`), `GGUF ${folder}/${file}`),
    )
    await Promise.all(files)
  }
  await house.start()
  await waitFor(() => isDone(house), { timeoutMs: 60_000 })
  const before = (await stats(house)).scan

  await house.client.scan({})
  const scan = await waitFor(async () => {
    const done = await isDone(house)
    return done && done.startedAt !== before.startedAt ? done : undefined
  })

  const took = Date.parse(scan.finishedAt!) - Date.parse(scan.startedAt!)
  expect(scan).toMatchObject({ found: 10_021, unchanged: 10_021, hashed: 0, bytesHashed: 0 })
  expect(took).toBeLessThan(5_000)
}, 120_000)
