import { newId } from '@easel/protocol'
import { waitFor } from '@easel/testing'
import { expect, test } from 'vitest'
import { announceEnd } from '../src/downloads/announce.ts'
import { aModel, startFileServer } from './support/file-server.ts'
import { openHubHouse } from './support/open-test-hub.ts'
import type { HubHouse } from './support/open-test-hub.ts'
import { openHouse } from './support/start-downloader.ts'
import type { DownloaderHouse } from './support/start-downloader.ts'

const day = 24 * 60 * 60_000

type Row = { status: string; setbacks: number; waits: boolean }

async function rowOf(house: DownloaderHouse, id: string): Promise<Row> {
  const rows = await house.sql(
    `select status, setbacks, not_before > now() as waits from downloader.transfers where id = $1`,
    [id],
  )
  return (rows as Row[])[0]!
}

async function insert(house: HubHouse): Promise<string> {
  const id = newId()
  const nothing = { sealedToken: null, sealedMirrors: null, expectedSha256: null, expectedBytes: null }
  const address = { url: 'http://h/f', sealedUrl: '', host: 'h', folder: 'loras', filename: null }
  const rest = { approvalUrl: null, priority: 0, key: id, urlKey: id }
  await house.store.transfers.insert({ ...nothing, ...address, ...rest, id })
  return id
}

/** A claim whose replica ends at once. */
const claimAndDie = async (house: HubHouse) =>
  (await house.store.transact(({ claims }) => claims.claim('one', 'here', 0)))[0]

const later = (house: HubHouse, minutes: number) =>
  house.database.query(`update transfers set lease_until = lease_until - $1 * interval '1 minute'`, [minutes])

test('a server that always asks for a pause is given up, and asked anew when somebody says so', async () => {
  await using house = await openHouse()
  await using server = await startFileServer()
  const path = '/busy.safetensors'
  const busy = { status: 429, headers: { 'retry-after': '60' } }
  const url = server.put(path, aModel(), { answers: Array.from({ length: 50 }, () => busy) })
  const patience = { setbacks: 3, ms: day }
  let asked: { id: string; transferId?: string | null } | undefined

  for (const setbacks of [1, 2, 3]) {
    // Each replica anew: one that was asked for a pause keeps to it.
    await using _downloader = await house.start({ patience })
    asked ??= await house.client.createDownload({ url, folder: 'loras' })
    const id = asked.transferId!
    const now = await waitFor(async () => {
      const row = await rowOf(house, id)
      return row.setbacks === setbacks && row.status !== 'running' ? row : undefined
    })
    expect(now).toMatchObject({ status: setbacks < 3 ? 'queued' : 'failed', waits: setbacks < 3 })
    await house.sql(`update downloader.transfers set not_before = now() where id = $1`, [id])
  }
  await house.start({ patience })
  const failed = await house.client.getDownload({ id: asked!.id })
  expect(failed).toMatchObject({ status: 'failed', error: { code: 'SOURCE_BUSY' } })
  expect(failed.error!.message).toMatch(/3 times within an hour: given up until somebody tries again$/)

  server.put(path, aModel())
  await house.client.retryDownload({ id: asked!.id })

  expect(await house.until(asked!.id, 'completed', 'failed')).toMatchObject({ status: 'completed' })
})

test('what ends its process each time is put off longer and longer, and then given up', async () => {
  await using house = await openHubHouse()
  const id = await insert(house)
  const patience = { setbacks: 4, ms: day }

  expect(await claimAndDie(house)).toMatchObject({ id })
  expect(await claimAndDie(house)).toMatchObject({ id })
  expect(await claimAndDie(house)).toMatchObject({ id })
  // Twice it was taken up at once.
  expect(await claimAndDie(house)).toBeUndefined()
  await later(house, 1)
  expect(await claimAndDie(house)).toMatchObject({ id })
  await later(house, 1)
  expect(await claimAndDie(house)).toBeUndefined()
  const given = await house.store.transact(async (tx) => {
    const ids = await tx.claims.giveUp(patience)
    for (const each of ids) await announceEnd(tx, each)
    return ids
  })

  expect(given).toEqual([id])
  const { rows } = await house.database.query(`select status, error_code, error_message from transfers`)
  expect(rows).toEqual([
    {
      status: 'failed',
      error_code: 'TRANSFER_INTERRUPTED',
      error_message: 'The process that brought it ended 4 times before it got further',
    },
  ])
})

test('what gets further each time is never given up', async () => {
  await using house = await openHubHouse()
  const id = await insert(house)
  const patience = { setbacks: 2, ms: 0 }

  for (let times = 1; times <= 8; times++) {
    const claim = await claimAndDie(house)
    expect(claim).toMatchObject({ id })
    await house.store.transfers.noteProgress({ id, epoch: claim!.epoch }, times * 100_000, 0)
    expect(await house.store.transact(({ claims }) => claims.giveUp(patience))).toEqual([])
  }
})

test('a house that was off for days gives nothing up for it', async () => {
  await using house = await openHubHouse()
  await insert(house)
  await claimAndDie(house)
  await claimAndDie(house)
  await house.database.query(`update transfers set setback_since = now() - interval '9 days'`)

  expect(await house.store.claims.giveUp({ setbacks: 20, ms: day })).toEqual([])

  await house.database.query(`update transfers set setbacks = 5`)
  expect(await house.store.claims.giveUp({ setbacks: 20, ms: day })).toHaveLength(1)
})
