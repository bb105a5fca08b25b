import { link, mkdir, rename, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { fileAt, fileWhen, rescanned } from './support/library-calls.ts'
import { put, safetensors, sha256 } from './support/model-files.ts'
import { openHouse } from './support/start-catalog.ts'

test('files that the hub has made links of are the same files, and are not hashed again', async () => {
  await using house = await openHouse()
  const bytes = safetensors({}, 'kept once')
  const names = ['loras/a.safetensors', 'loras/sub/b.safetensors']
  for (const name of names) await put(house.directory, name, bytes)
  await house.start()
  const before = await fileWhen(house, names[0]!, ({ state }) => state === 'ready')
  await fileWhen(house, names[1]!, ({ state }) => state === 'ready')

  const hash = sha256(bytes)
  const blob = join(house.directory, '.easel/hub/sha256', hash.slice(0, 2), hash)
  await mkdir(dirname(blob), { recursive: true })
  await link(join(house.directory, names[0]!), blob)
  for (const [name, up] of [
    [names[0]!, '..'],
    [names[1]!, '../..'],
  ] as const) {
    const path = join(house.directory, name)
    await symlink(`${up}/.easel/hub/sha256/${hash.slice(0, 2)}/${hash}`, `${path}.tmp`)
    await rename(`${path}.tmp`, path)
  }
  const scan = await rescanned(house)

  expect(scan).toMatchObject({ hashed: 0, removed: 0 })
  expect(await fileAt(house, names[0]!)).toMatchObject({ id: before.id, sha256: hash, state: 'ready' })
  expect(await fileAt(house, names[1]!)).toMatchObject({ sha256: hash, state: 'ready' })
})
