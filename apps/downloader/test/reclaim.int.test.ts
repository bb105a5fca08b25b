import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { newId } from '@easel/protocol'
import { waitFor } from '@easel/testing'
import { Client } from 'pg'
import { expect, test } from 'vitest'
import { aModel, sha256, startFileServer } from './support/file-server.ts'
import { openHubHouse } from './support/open-test-hub.ts'
import { openHouse } from './support/start-downloader.ts'

test('a file that was verified once is not taken for whole while it is brought anew', async () => {
  await using house = await openHouse()
  await using server = await startFileServer()
  // So large that its space is taken before its bytes come.
  const bytes = aModel(20_000_000)
  const url = server.put('/anew.safetensors', bytes, { bytesPerSecond: 1_500_000 })
  const first = await house.start()
  const { id, transferId } = await house.client.createDownload({ url, folder: 'loras' })
  await waitFor(async () => (await house.client.getDownload({ id })).bytesDone > 1_000_000)
  await house.client.pauseDownload({ id })
  await first[Symbol.asyncDispose]()
  // As it is after its name was taken, and another try.
  await house.sql(`update downloader.transfers set sha256 = $2 where id = $1`, [transferId, sha256(bytes)])
  await rm(join(house.directory, '.easel-partial'), { recursive: true })
  const folder = join(house.directory, '.easel-partial')
  const sizes = async () => {
    const names = (await readdir(folder).catch(() => [])).filter((name) => /\.\d+$/.test(name))
    return await Promise.all(
      names.map(async (name) => (await stat(join(folder, name)).catch(() => null))?.size),
    )
  }
  await house.start()
  await house.client.resumeDownload({ id })
  await waitFor(async () => (await sizes()).includes(bytes.length))
  await house.client.pauseDownload({ id })
  await house.client.resumeDownload({ id })

  expect(await house.until(id, 'completed', 'failed')).toMatchObject({ status: 'completed' })
  expect((await readFile(join(house.directory, 'loras/anew.safetensors'))).equals(bytes)).toBe(true)
})

test('what a crash has left is removed, unless somebody tries it again at that moment', async () => {
  await using house = await openHouse()
  await using server = await startFileServer()
  const first = await house.start()
  const url = `${server.url}/gone.safetensors`
  const { id, transferId } = await house.client.createDownload({ url, folder: 'loras' })
  await house.until(id, 'failed')
  await first[Symbol.asyncDispose]()
  const left = join(house.directory, '.easel-partial', `${transferId}.1`)
  await mkdir(join(house.directory, '.easel-partial'), { recursive: true })
  await writeFile(left, 'left')
  const sql = new Client({ connectionString: house.env.EASEL_DATABASE_URL })
  await sql.connect()
  const isWaitedFor = async () => {
    const waiting = await house.sql(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      [],
    )
    return waiting.length > 0
  }
  try {
    await sql.query('begin')
    await sql.query(
      `update downloader.transfers set status = 'queued', not_before = now() + interval '1 hour' where id = $1`,
      [transferId],
    )
    const second = await house.start()
    await waitFor(isWaitedFor)
    await sql.query('commit')
    await waitFor(async () => !(await isWaitedFor()))
    expect(await readFile(left, 'utf8')).toBe('left')
    await second[Symbol.asyncDispose]()
    await sql.query(`update downloader.transfers set status = 'failed' where id = $1`, [transferId])

    await house.start()
    await waitFor(async () => (await stat(left).catch(() => undefined)) === undefined)
  } finally {
    await sql.end()
  }
})

test('a transfer faster than two gigabytes a second is noted, too', async () => {
  await using house = await openHubHouse()
  const { transfers } = house.store
  const id = newId()
  const nothing = { sealedToken: null, sealedMirrors: null, expectedSha256: null, expectedBytes: null }
  const address = {
    url: 'http://h/f',
    sealedUrl: '',
    host: 'h',
    folder: 'loras',
    filename: null,
    approvalUrl: null,
  }
  await transfers.insert({ ...nothing, ...address, id, key: 'k', urlKey: 'k', priority: 0 })
  const [claimed] = await house.store.transact((tx) => tx.claims.claim('me', 'here', 60_000))

  expect(await transfers.noteProgress({ id, epoch: claimed!.epoch }, 10, 5_000_000_000)).toBe(true)
  expect((await transfers.find(id))?.bytesDone).toBe('10')
})
