import { publishFact } from '@easel/bus'
import { accessChanged } from '@easel/contracts'
import type { AccessChanged } from '@easel/contracts'
import { newId } from '@easel/protocol'
import { waitFor } from '@easel/testing'
import { expect, test } from 'vitest'
import { aModel, sha256, startFileServer } from './support/file-server.ts'
import { anActor, openHouse } from './support/start-downloader.ts'
import type { DownloaderHouse } from './support/start-downloader.ts'

const bytes = aModel(3_000_000)
const slow = { totalBytesPerSecond: () => 200_000 }

const tell = (house: DownloaderHouse, payload: Partial<AccessChanged> & { userId: string }) =>
  publishFact(house.bus, accessChanged, {
    id: newId(),
    payload: { state: 'active', everywhere: false, spaceIds: [], ...payload },
  })

test('what waits for somebody who was disabled does not start, and what others want goes on', async () => {
  await using house = await openHouse()
  await using server = await startFileServer()
  await house.start()
  const [gone, other, admin] = [anActor(), anActor(), anActor({ role: 'admin' })]
  await house.as(admin).updateSettings({ maxConcurrent: 1 })
  const url = server.put('/shared.safetensors', bytes, slow)
  const shared = { url, folder: 'loras', sha256: sha256(bytes) } as const
  const first = await house.as(gone).createDownload(shared)
  const others = await house.as(other).createDownload(shared)
  await waitFor(() => server.sent('/shared.safetensors') > 0)
  const alone = server.put('/alone.safetensors', aModel(10_000, 'alone'))
  const waiting = await house.as(gone).createDownload({ url: alone, folder: 'loras' })

  await tell(house, { userId: gone.userId, state: 'disabled' })
  const statusOf = async (id: string) => (await house.as(admin).getDownload({ id })).status
  await waitFor(async () => (await statusOf(waiting.id)) === 'paused')

  expect(await statusOf(first.id)).toBe('paused')
  expect(await statusOf(others.id)).toBe('running')
  await house.as(other).cancelDownload({ id: others.id })
  expect(await statusOf(waiting.id)).toBe('paused')
  expect(server.sent('/alone.safetensors')).toBe(0)
})

test('who lost a space has nothing brought into it, and still into his own', async () => {
  await using house = await openHouse()
  await using server = await startFileServer()
  await house.start()
  const team = newId()
  const member = anActor()
  const before = anActor({
    ...member,
    spaces: { ...member.spaces, [team]: 'editor' },
  })
  const admin = house.as(anActor({ role: 'admin' }))
  const theirs = server.put('/theirs.safetensors', bytes, slow)
  const own = server.put('/own.safetensors', aModel(2_000_000, 'own'), slow)
  const lost = await house.as(before).createDownload({ url: theirs, folder: 'loras', spaceId: team })
  const kept = await house.as(before).createDownload({ url: own, folder: 'loras' })

  await tell(house, { userId: member.userId, spaceIds: [member.personalSpaceId] })
  await waitFor(async () => (await admin.getDownload({ id: lost.id })).status === 'paused')

  expect(['queued', 'running']).toContain((await admin.getDownload({ id: kept.id })).status)
  await tell(house, { userId: member.userId, state: 'deleted' })
  await waitFor(async () => (await admin.getDownload({ id: kept.id })).status === 'canceled')
  expect(await admin.getDownload({ id: lost.id })).toMatchObject({ status: 'canceled' })
})
