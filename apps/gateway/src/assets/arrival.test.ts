import { AppError, idFromName, newId, notFound } from '@easel/protocol'
import { expect, test } from 'vitest'
import { whenArrived } from './arrival.ts'

function arrivingAfter(misses: number) {
  let asked = 0
  const ask = async () => {
    if (++asked > misses) return 'there'
    throw notFound('asset', 'ASSET_NOT_FOUND')
  }
  return { ask, asked: () => asked }
}

const output = await idFromName(newId(), '0')

test('an output of a job is waited for while it is on its way', async () => {
  expect(await whenArrived(output, arrivingAfter(2).ask)).toBe('there')
})

test('what is not there is not there in the end', async () => {
  await expect(whenArrived(output, arrivingAfter(Infinity).ask)).rejects.toMatchObject({ code: 'not_found' })
})

test('what was uploaded was there before its id: nothing is waited for', async () => {
  const { ask, asked } = arrivingAfter(1)

  await expect(whenArrived(newId(), ask)).rejects.toMatchObject({ code: 'not_found' })
  expect(asked()).toBe(1)
})

test('another failure is told at once', async () => {
  let asked = 0
  const ask = async () => {
    asked++
    throw new AppError('unavailable', 'away')
  }

  await expect(whenArrived(output, ask)).rejects.toMatchObject({ code: 'unavailable' })
  expect(asked).toBe(1)
})
