import { spawn } from 'node:child_process'
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

test('a lock that is just being written is not taken over', async () => {
  await using home = await tempDirectory()
  const path = join(home.path, 'easel.pid')
  // A living program that this machine takes for an Easel by its command line.
  const holder = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', 'standalone'])
  await writeFile(path, '')

  const locking = lockHome(home.path)
  await writeFile(path, `${holder.pid}\n`)

  await expect(locking).rejects.toThrow(`Easel already runs in ${home.path} (process ${holder.pid})`)
  holder.kill()
})
