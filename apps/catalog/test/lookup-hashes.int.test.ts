import { createClient } from '@easel/bus'
import { needs } from '@easel/contracts'
import { sha256Of } from '@easel/stand-ins'
import { waitFor } from '@easel/testing'
import { expect, test } from 'vitest'
import { putVersion } from './support/catalogue-rows.ts'
import { fileWhen } from './support/library-calls.ts'
import { put, safetensors } from './support/model-files.ts'
import { openModels } from './support/open-models.ts'
import type { ModelsHouse } from './support/open-models.ts'
import { anActor } from './support/start-catalog.ts'

const unknown = safetensors({}, 'of this house')
const known = safetensors({}, 'known')

const hashesAsked = ({ standIns }: ModelsHouse) =>
  standIns.requests.filter(({ path }) => path.includes('by-hash')).length

async function withFiles({ house }: ModelsHouse): Promise<void> {
  await put(house.directory, 'loras/unknown.safetensors', unknown)
  await put(house.directory, 'loras/known.safetensors', known)
  const version = { modelId: '5', versionId: '7', name: 'Castle', baseModel: 'Pony', words: [] }
  await putVersion(house, { ...version, sha256: sha256Of(known) })
}

test('CivitAI is asked which models the files of the library are', async () => {
  await using open = await openModels()
  await withFiles(open)
  await open.start()

  await expect(waitFor(() => hashesAsked(open) || undefined, { timeoutMs: 30_000 })).resolves.toBeGreaterThan(
    0,
  )
})

test('with EASEL_LOOKUP_HASHES off no hash of the library leaves the house', async () => {
  await using open = await openModels()
  await withFiles(open)
  const catalog = await open.start({ lookupHashes: false })
  await fileWhen(open.house, 'loras/known.safetensors', ({ modelId }) => modelId === '5')
  await fileWhen(open.house, 'loras/unknown.safetensors', ({ sha256 }) => sha256 !== null)
  const wishes = [{ source: 'hash' as const, hash: sha256Of(unknown) }]
  const resolved = await createClient(open.house.bus, needs).resolve({ wishes }, { actor: anActor() })
  // What it had begun is over then.
  await catalog[Symbol.asyncDispose]()

  expect(resolved.files).toMatchObject([{ libraryPath: 'loras/unknown.safetensors' }])
  expect(hashesAsked(open)).toBe(0)
})
