import { chmod, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { consumeFact } from '@easel/bus'
import { hubFileChanged } from '@easel/contracts'
import type { HubFileChanged } from '@easel/contracts'
import { startOutboxRelay } from '@easel/database'
import { publishFacts } from '@easel/bus'
import { waitFor } from '@easel/testing'
import { expect, test } from 'vitest'
import { anActor, silent } from './support/start-downloader.ts'
import { openHubHouse, someBytes } from './support/open-test-hub.ts'

const signal = new AbortController().signal
const admin = anActor({ role: 'admin' })

async function flipBit(path: string): Promise<void> {
  await chmod(path, 0o644)
  await using file = await open(path, 'r+')
  const byte = Buffer.alloc(1)
  await file.read(byte, 0, 1, 5_000)
  byte[0]! ^= 1
  await file.write(byte, 0, 1, 5_000)
}

test('a check that was asked for finds one flipped bit: it is put aside, told, and given to nobody', async () => {
  await using house = await openHubHouse()
  const told: HubFileChanged[] = []
  await using _consumer = await consumeFact(house.bus, {
    consumer: 'test',
    fact: hubFileChanged,
    handle: async ({ payload }) => void told.push(payload),
  })
  await using _relay = startOutboxRelay({
    database: house.database,
    publish: (messages) => publishFacts(house.bus, messages),
    log: silent,
  })
  const hub = await house.open()
  const { path, file } = await house.partial(someBytes())
  await hub.placement.place(path, file, signal)
  await flipBit(house.blobOf(file.sha256))

  await hub.service.verify(admin, [file.sha256])

  await waitFor(() => told.length > 0, { describe: 'the word about it' })
  expect(told).toMatchObject([{ event: 'hub.content-bad', file: { sha256: file.sha256, state: 'bad' } }])
  expect(await readdir(join(house.directory, 'loras'))).toEqual([])
  expect(await readdir(join(house.directory, '.easel/hub/bad'))).toHaveLength(1)
  expect(await hub.service.locate([file.sha256])).toEqual([])
  expect(await hub.index.find(file.sha256)).toBeNull()
  expect(await hub.service.status()).toMatchObject({ bad: 1, verifying: false })
})

test('the background reads what was verified longest ago, again and again, and finds it too', async () => {
  await using house = await openHubHouse()
  const quiet = await house.open()
  const bad = await house.partial(someBytes())
  const good = await house.partial(someBytes(), { filename: 'b.safetensors' })
  for (const { path, file } of [bad, good]) await quiet.placement.place(path, file, signal)
  await house.database.query(`update hub_contents set verified_at = now() - interval '40 days'`)
  await flipBit(house.blobOf(bad.file.sha256))

  await house.open({ verifyBytesPerSecond: 2 ** 30, verifyMaxAgeMs: 30 * 24 * 60 * 60_000 })

  const find = async (sha256: string) => (await house.store.hub.find(sha256))!
  await waitFor(async () => (await find(bad.file.sha256)).state === 'bad', { describe: 'the bad one' })
  const fresh = new Date(Date.now() - 60_000)
  await waitFor(async () => (await find(good.file.sha256)).verifiedAt! > fresh, { describe: 'the good one' })
  expect(await find(good.file.sha256)).toMatchObject({ state: 'present' })
})

test('a check of all is under way until each has been read', async () => {
  await using house = await openHubHouse()
  const hub = await house.open()
  for (const filename of ['a.safetensors', 'b.safetensors']) {
    const { path, file } = await house.partial(someBytes(), { filename })
    await hub.placement.place(path, file, signal)
  }
  await house.database.query(`update hub_contents set verified_at = null`)

  await expect(hub.service.verify(admin, undefined)).resolves.toMatchObject({ verifying: true })

  await waitFor(async () => !(await hub.service.status()).verifying, { describe: 'the end of the check' })
  expect((await hub.service.list({})).rows.every(({ verifiedAt }) => verifiedAt !== null)).toBe(true)
})
