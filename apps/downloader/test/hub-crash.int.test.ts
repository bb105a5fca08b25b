import { lstat, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { failDisk } from './support/failing-disk.ts'
import { openHubHouse, sha256Of, someBytes } from './support/open-test-hub.ts'
import type { HubHouse } from './support/open-test-hub.ts'
import { anActor } from './support/start-downloader.ts'

const signal = new AbortController().signal
const admin = anActor({ role: 'admin' })

/** What holds after every crash and its sweep: whole names, right rows, nothing left over. */
async function expectSound(house: HubHouse, contents: ReadonlyMap<string, Buffer>): Promise<void> {
  for (const folder of ['loras', 'vae']) {
    const names = await readdir(join(house.directory, folder)).catch(() => [])
    expect(names.filter((name) => name.startsWith('.'))).toEqual([])
    for (const name of names) {
      const bytes = await readFile(join(house.directory, folder, name))
      expect(contents.get(`${folder}/${name}`)?.equals(bytes), `${folder}/${name}`).toBe(true)
    }
  }
  const { rows } = await house.database.query<{ sha256: string; path: string; state: string }>(
    `select c.sha256, c.state, n.path from hub_contents c left join hub_names n using (sha256)`,
  )
  for (const { sha256, path, state } of rows) {
    const blob = await stat(house.blobOf(sha256)).catch(() => undefined)
    expect(state === 'present').toBe(blob !== undefined)
    if (path && state === 'present') expect((await stat(join(house.directory, path))).ino).toBe(blob?.ino)
  }
}

/** Lets `work` fail at its first change, at its second, …, until it comes through. */
async function atEachStep(
  how: 'once' | 'dead',
  work: (step: number, fails: () => Disposable & { struck: boolean }) => Promise<void>,
): Promise<number> {
  for (let step = 0; ; step++) {
    let struck = false
    await work(step, () => {
      const disk = failDisk(step, how)
      return {
        get struck() {
          return disk.struck
        },
        [Symbol.dispose]() {
          struck = disk.struck
          disk[Symbol.dispose]()
        },
      }
    })
    if (!struck) return step
  }
}

test.each(['once', 'dead'] as const)(
  'a placement that dies at any step (%s) leaves what repairs itself, and succeeds when repeated',
  async (how) => {
    await using house = await openHubHouse()
    const hub = await house.open()
    const contents = new Map<string, Buffer>()

    const steps = await atEachStep(how, async (step, fails) => {
      const bytes = someBytes()
      const filename = `${step}.safetensors`
      contents.set(`loras/${filename}`, bytes)
      const { path, file } = await house.partial(bytes, { filename })
      {
        using _disk = fails()
        await hub.placement.place(path, file, signal).catch(() => undefined)
      }
      await hub.sweep()
      await expectSound(house, contents)
      await hub.placement.place(path, file, signal)
      await rm(path, { force: true })
      expect((await house.store.hub.find(file.sha256))?.paths).toEqual([`loras/${filename}`])
      await expectSound(house, contents)
    })

    expect(steps).toBeGreaterThan(6)
  },
)

test.each(['once', 'dead'] as const)(
  'an adoption that fails at any step (%s) leaves the file with all its bytes',
  async (how) => {
    await using house = await openHubHouse()
    const hub = await house.open()
    const contents = new Map<string, Buffer>()

    const steps = await atEachStep(how, async (step, fails) => {
      const bytes = someBytes()
      const paths = [`loras/${step}.safetensors`, `vae/${step}.safetensors`]
      for (const path of paths) {
        contents.set(path, bytes)
        await house.write(path, bytes)
      }
      {
        using _disk = fails()
        await hub.service.adopt(admin, { paths })
      }
      for (const path of paths) {
        expect(sha256Of(await readFile(join(house.directory, path)))).toBe(sha256Of(bytes))
      }
      await hub.sweep()
      await removeTemps(house)
      await expectSound(house, contents)
      await hub.service.adopt(admin, { paths })
      for (const path of paths) expect((await lstat(join(house.directory, path))).isSymbolicLink()).toBe(true)
      await expectSound(house, contents)
    })

    expect(steps).toBeGreaterThan(8)
  },
)

test('an eviction that dies at any step is carried on', async () => {
  await using house = await openHubHouse()
  const hub = await house.open()
  const contents = new Map<string, Buffer>()

  const steps = await atEachStep('dead', async (step, fails) => {
    const { path, file } = await house.partial(someBytes(), { filename: `${step}.safetensors` })
    await hub.placement.place(path, file, signal)
    await rm(path)
    {
      using _disk = fails()
      await hub.service.evict(admin, file.sha256).catch(() => undefined)
    }
    await hub.sweep()
    expect(await house.store.hub.find(file.sha256)).toMatchObject({ state: 'evicted' })
    await expectSound(house, contents)
  })

  expect(steps).toBeGreaterThan(2)
})

/** A link that was made beside its file stays when the process dies there: hidden, and of no bytes. */
async function removeTemps(house: HubHouse): Promise<void> {
  for (const folder of ['loras', 'vae']) {
    for (const name of await readdir(join(house.directory, folder))) {
      if (!name.startsWith('.easel-')) continue
      expect((await lstat(join(house.directory, folder, name))).isSymbolicLink()).toBe(true)
      await rm(join(house.directory, folder, name))
    }
  }
}
