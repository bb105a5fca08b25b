import { statfs, truncate, writeFile } from 'node:fs/promises'
import { newId } from '@easel/protocol'
import { waitFor } from '@easel/testing'
import { expect, test } from 'vitest'
import { diskSpace, preallocate } from '../src/transfers/disk-space.ts'
import type { DiskSpace } from '../src/transfers/disk-space.ts'
import { PromisedSpace } from '../src/transfers/promised-space.ts'
import { TransferFiles } from '../src/transfers/transfer-files.ts'
import type { Claim } from '../src/transfers/transfers.repository.ts'
import { aModel, startFileServer } from './support/file-server.ts'
import { openHubHouse } from './support/open-test-hub.ts'
import type { HubHouse } from './support/open-test-hub.ts'
import { anActor, openHouse } from './support/start-downloader.ts'

const GB = 1_000_000_000
const unbudgeted = () => Promise.resolve()

/** All but so many bytes of the disk are its reserve. */
async function leaving(directory: string, bytes: number): Promise<DiskSpace> {
  const { bavail, bsize } = await statfs(directory)
  return diskSpace(directory, { bytes: bavail * bsize - bytes, share: 0 })
}

/** Claimed transfers of this length, with files that hold nothing yet. */
async function claims(house: HubHouse, files: TransferFiles, lengths: readonly number[]): Promise<Claim[]> {
  const nothing = { sealedToken: null, sealedMirrors: null, expectedSha256: null, expectedBytes: null }
  for (const [index] of lengths.entries()) {
    const key = `k${index}`
    const address = { url: 'http://h/f', sealedUrl: '', host: 'h', folder: 'loras', filename: null }
    const rest = { approvalUrl: null, priority: 0, key, urlKey: key }
    await house.store.transfers.insert({ ...nothing, ...address, ...rest, id: newId() })
  }
  const rows = await house.store.transact(({ claims }) => claims.claim('me', 'here', 60_000))
  for (const [index, { id, epoch }] of rows.entries()) {
    const answer = { filename: `${index}`, etag: null, lastModified: null, kept: 0 }
    await house.store.transfers.noteAnswer({ id, epoch }, { ...answer, bytesTotal: lengths[index]! })
    await writeFile(files.partial({ id, epoch }).path, '')
  }
  return rows
}

test('transfers that look at the disk at the same moment are not promised the same bytes', async () => {
  await using house = await openHubHouse()
  const files = new TransferFiles(house.directory)
  const space = await leaving(house.directory, 5 * GB)
  const promised = new PromisedSpace({ store: house.store, files, space, budget: unbudgeted })
  const all = await claims(house, files, [2 * GB, 2 * GB, 2 * GB])

  const outcomes = await Promise.allSettled(all.map((claim) => promised.of(claim).require(2 * GB)))

  const refusals = outcomes.filter((outcome) => outcome.status === 'rejected')
  expect(refusals).toHaveLength(1)
  expect(refusals[0]!.reason).toMatchObject({ code: 'conflict', reason: 'DISK_FULL' })
  expect((refusals[0]!.reason as Error).message).toMatch(
    /: 2 GB are needed and .* free, but transfers under way \(2\) will take 4 GB of it and .* stay free$/,
  )
  await expect(promised.require(2 * GB)).rejects.toMatchObject({ reason: 'DISK_FULL' })
  await expect(promised.require(0.5 * GB)).resolves.toBeUndefined()
})

test('a house that begins very many at once still gives each its answer', async () => {
  await using house = await openHubHouse()
  const files = new TransferFiles(house.directory)
  const space = await leaving(house.directory, 5 * GB)
  const budget = async () => void (await house.store.hub.used())
  const promised = new PromisedSpace({ store: house.store, files, space, budget })
  const [one] = (await claims(house, files, [GB])) as [Claim]

  // More than there are connections, each of which asks the database for the budget, too.
  const asked = Array.from({ length: 40 }, () => promised.of(one).require(GB))

  await expect(Promise.all(asked)).resolves.toHaveLength(40)
})

test('what a transfer has taken already is not counted once more, nor what it let go of', async () => {
  await using house = await openHubHouse()
  const files = new TransferFiles(house.directory)
  const [one, other] = (await claims(house, files, [600_000_000, 600_000_000])) as [Claim, Claim]
  const before = await leaving(house.directory, 900_000_000)
  const first = new PromisedSpace({ store: house.store, files, space: before, budget: unbudgeted })
  await first.of(one).require(600_000_000)
  await expect(first.of(other).require(600_000_000)).rejects.toMatchObject({ reason: 'DISK_FULL' })

  const { path } = files.partial(one)
  await preallocate(path, 600_000_000)
  const after = await leaving(house.directory, 900_000_000)
  const second = new PromisedSpace({ store: house.store, files, space: after, budget: unbudgeted })
  await expect(second.of(other).require(600_000_000)).resolves.toBeUndefined()

  await truncate(path, 0)
  await house.store.transfers.release(one, 0)
  await expect(second.require(200_000_000)).resolves.toBeUndefined()
})

test('what lies on the disk of another replica takes nothing of this one', async () => {
  await using house = await openHubHouse()
  const [here, there] = [new TransferFiles(house.directory), new TransferFiles(`${house.directory}/there`)]
  const space = await leaving(house.directory, 3 * GB)
  const [one] = (await claims(house, there, [2 * GB])) as [Claim]
  const elsewhere = new PromisedSpace({ store: house.store, files: there, space, budget: unbudgeted })
  await elsewhere.of(one).require(2 * GB)

  const promised = new PromisedSpace({ store: house.store, files: here, space, budget: unbudgeted })

  await expect(promised.require(2 * GB)).resolves.toBeUndefined()
})

test('a transfer that the budget holds only without another one is refused, and says so', async () => {
  await using house = await openHouse()
  await using server = await startFileServer()
  await house.start()
  await house.as(anActor({ role: 'admin' })).updateSettings({ diskBudgetBytes: 3_000_000 })
  const slow = server.put('/slow.safetensors', aModel(2_000_000, 'slow'), { bytesPerSecond: 100_000 })
  const first = await house.client.createDownload({ url: slow, folder: 'loras' })
  await waitFor(() => server.sent('/slow.safetensors') > 100_000)

  const url = server.put('/second.safetensors', aModel(2_000_000, 'second'))
  const { id } = await house.client.createDownload({ url, folder: 'loras' })
  const view = await house.until(id, 'completed', 'failed')

  expect(view).toMatchObject({ status: 'failed', error: { code: 'DISK_FULL' } })
  expect(view.error!.message).toContain('transfers under way (1) will take 2 MB')
  expect(server.sent('/second.safetensors')).toBe(0)
  await house.client.cancelDownload({ id: first.id })
})
