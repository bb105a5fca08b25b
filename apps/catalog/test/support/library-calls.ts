import { createClient } from '@easel/bus'
import { libraryCare } from '@easel/contracts'
import type { LibraryFileView } from '@easel/contracts'
import { waitFor } from '@easel/testing'
import { anActor } from './start-catalog.ts'
import type { CatalogHouse } from './start-catalog.ts'

const patient = { timeoutMs: 60_000 }

export const scanned = (house: CatalogHouse) =>
  waitFor(async () => {
    const { scan } = await house.client.getStats({})
    return scan.state === 'idle' && scan.finishedAt ? scan : undefined
  }, patient)

export async function rescanned(house: CatalogHouse) {
  const before = (await scanned(house)).startedAt
  await house.client.scan({})
  return await waitFor(async () => {
    const { scan } = await house.client.getStats({})
    return scan.state === 'idle' && scan.startedAt !== before ? scan : undefined
  }, patient)
}

export async function fileAt(
  house: CatalogHouse,
  path: string,
  root = '',
): Promise<LibraryFileView | undefined> {
  const { items } = await house.client.listFiles({ limit: 200 })
  return items.find((file) => file.path === path && file.root === root)
}

/** The file once it is as it should be. */
export const fileWhen = (
  house: CatalogHouse,
  path: string,
  fits: (file: LibraryFileView) => boolean = ({ state }) => state !== 'hashing',
) =>
  waitFor(async () => {
    const file = await fileAt(house, path)
    return file && fits(file) ? file : undefined
  }, patient)

export const careOf = (house: CatalogHouse) => createClient(house.bus, libraryCare)

export const asMember = { actor: anActor(), timeoutMs: 30_000 }
export const asAdmin = { actor: anActor({ role: 'admin' }), timeoutMs: 30_000 }
