import { tempDirectory } from '@easel/testing'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lockHome } from './home-lock.ts'

test('a lock that a dead process left is taken over', async () => {
  await using home = await tempDirectory()
  // Beyond the largest process id that Linux gives out.
  await writeFile(join(home.path, 'easel.pid'), '4194305\n')

  await using _lock = await lockHome(home.path)

  expect(await readFile(join(home.path, 'easel.pid'), 'utf8')).toBe(`${process.pid}\n`)
})

test('a lock goes with its holder', async () => {
  await using home = await tempDirectory()
  const lock = await lockHome(home.path)

  await lock[Symbol.asyncDispose]()

  await expect(readFile(join(home.path, 'easel.pid'))).rejects.toMatchObject({ code: 'ENOENT' })
})
