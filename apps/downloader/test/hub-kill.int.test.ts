import { lstat, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createClient } from '@easel/bus'
import { hub } from '@easel/contracts'
import { waitFor } from '@easel/testing'
import { expect, test } from 'vitest'
import { startDownloaderProcess } from './support/downloader-process.ts'
import { sha256Of, someBytes } from './support/open-test-hub.ts'
import { anActor, openHouse } from './support/start-downloader.ts'

const admin = { actor: anActor({ role: 'admin' }), timeoutMs: 30_000 }

test(
  'a downloader that is killed while it takes files in has lost none of them',
  { timeout: 120_000 },
  async () => {
    await using house = await openHouse()
    const client = createClient(house.bus, hub)
    const files = new Map<string, string>()
    await mkdir(join(house.directory, 'loras'))
    for (let pair = 0; pair < 60; pair++) {
      const bytes = someBytes(20_000)
      for (const half of ['a', 'b']) {
        const path = `loras/${pair}${half}.safetensors`
        await writeFile(join(house.directory, path), bytes)
        files.set(path, sha256Of(bytes))
      }
    }
    const paths = [...files.keys()]

    for (const some of [1, 60]) {
      await using process = await startDownloaderProcess(house.env)
      const adopting = client.adoptFiles({ paths }, { ...admin, timeoutMs: 5_000 }).catch(() => undefined)
      await waitFor(async () => (await links(house.directory)) >= some, {
        timeoutMs: 20_000,
        describe: 'links',
      })
      await process.kill()
      await adopting
      for (const [path, sha256] of files) {
        expect(sha256Of(await readFile(join(house.directory, path))), path).toBe(sha256)
      }
    }

    await house.start()
    const { items } = await client.adoptFiles({ paths }, admin)
    expect(items.filter(({ outcome }) => outcome === 'failed' || outcome === 'skipped')).toEqual([])
    expect(await links(house.directory)).toBe(paths.length)
    await waitFor(async () => (await client.getStatus({}, admin)).files === 60, {
      describe: 'all of them in the hub',
    })
  },
)

async function links(directory: string): Promise<number> {
  const folder = join(directory, 'loras')
  const names = (await readdir(folder)).filter((name) => !name.startsWith('.'))
  const facts = await Promise.all(names.map((name) => lstat(join(folder, name))))
  return facts.filter((fact) => fact.isSymbolicLink()).length
}
