import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { tempDirectory } from '@easel/testing'
import { expect, test } from 'vitest'
import { HeldContents } from '../src/worker/models/held-contents.ts'

const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const sha256 = 'a'.repeat(64)

test('a hold that the disk refused holds nothing', async () => {
  await using disk = await tempDirectory()
  const folder = join(disk.path, 'holds')
  await using held = await HeldContents.open(folder, log)
  await rm(folder, { recursive: true })

  await expect(held.hold(sha256)).rejects.toThrow('ENOENT')

  await mkdir(folder)
  expect(await held.isHeld(sha256)).toBe(false)
  expect(held.mine.size).toBe(0)
  using _hold = await held.hold(sha256)
  expect(await held.isHeld(sha256)).toBe(true)
})
