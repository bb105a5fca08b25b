import { mkdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { publishFact } from '@easel/bus'
import { libraryFileChanged } from '@easel/contracts'
import type { LibraryFileChanged } from '@easel/contracts'
import { newId } from '@easel/protocol'
import { waitFor } from '@easel/testing'
import { expect, test } from 'vitest'
import { openHubHouse, sha256Of, someBytes } from './support/open-test-hub.ts'
import type { HubHouse } from './support/open-test-hub.ts'
import { aLibraryFile } from './support/stand-in-catalog.ts'

const bytes = someBytes()
const sha256 = sha256Of(bytes)

function tell(house: HubHouse, path: string, hash: string): Promise<void> {
  const file = aLibraryFile({ path, bytes: bytes.length, sha256: hash })
  const payload: LibraryFileChanged = { event: 'library.file-added', file }
  return publishFact(house.bus, libraryFileChanged, { id: newId(), payload })
}

test('the names of a library file lead to it again when it was moved', async () => {
  await using house = await openHubHouse()
  const real = await house.write('checkpoints/style.safetensors', bytes)
  await using hub = await house.open()
  await hub.index.linkReal(real, sha256, { folder: 'loras', filename: 'b.safetensors' })
  const named = join(house.directory, 'loras/b.safetensors')

  await mkdir(join(house.directory, 'loras'), { recursive: true })
  await rename(real, join(house.directory, 'loras/style.safetensors'))
  // Other bytes under its hash are not taken for it.
  await house.write('loras/other.safetensors', bytes.subarray(1))
  await tell(house, 'loras/other.safetensors', sha256)
  await tell(house, 'loras/style.safetensors', sha256)

  await waitFor(() => readFile(named).catch(() => undefined), { timeoutMs: 15_000 })
  expect(await readFile(named)).toEqual(bytes)
  expect(await hub.index.find(sha256)).toMatchObject({ bytes: bytes.length })
})
