import { expect, test } from 'vitest'
import { anActor, openHouse } from './support/start-downloader.ts'

test('settings are kept as they were given, and what is left out stays', async () => {
  await using house = await openHouse()
  await house.start()
  const admin = house.as(anActor({ role: 'admin' }))
  const schedule = [{ days: [1, 2, 3, 4, 5], from: '08:00', to: '18:00', maxBytesPerSecond: 5_000_000 }]

  const before = await house.client.getSettings({})
  await admin.updateSettings({
    maxBytesPerSecond: 9_000_000,
    schedule,
    timeZone: 'Europe/Berlin',
    diskBudgetBytes: 10 ** 12,
  })
  const after = await admin.updateSettings({
    maxConcurrent: 5,
    maxConnectionsPerHost: 4,
    maxBytesPerSecond: null,
  })

  expect(before).toMatchObject({ maxConcurrent: 3, maxBytesPerSecond: null, schedule: [], timeZone: null })
  expect(after).toEqual({
    maxConcurrent: 5,
    maxConnectionsPerHost: 4,
    maxBytesPerSecond: null,
    schedule,
    timeZone: 'Europe/Berlin',
    diskBudgetBytes: 10 ** 12,
  })
  expect(await house.client.getSettings({})).toEqual(after)
})

test.each([
  { timeZone: 'Mars/Olympus' },
  { schedule: [{ days: [8], from: '08:00', to: '18:00' }] },
  { schedule: [{ days: [1], from: '8:00', to: '24:00' }] },
  { schedule: [{ days: [], from: '08:00', to: '18:00' }] },
  { maxBytesPerSecond: 1 },
  { maxConcurrent: 0 },
])('%j is refused', async (changes) => {
  await using house = await openHouse()
  await house.start()

  await expect(house.as(anActor({ role: 'admin' })).updateSettings(changes)).rejects.toMatchObject({
    code: 'invalid',
  })
})
