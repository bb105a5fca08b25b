import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { waitFor } from '@easel/testing'
import { expect, test } from 'vitest'
import { diskSpace, preallocate } from '../src/transfers/disk-space.ts'
import { aModel, sha256, startFileServer } from './support/file-server.ts'
import type { FileServer } from './support/file-server.ts'
import { startEngine } from './support/start-engine.ts'
import type { Engine } from './support/start-engine.ts'

async function withEngine(work: (engine: Engine, server: FileServer) => Promise<void>): Promise<void> {
  await using server = await startFileServer()
  await using engine = await startEngine()
  await work(engine, server)
}

test(
  'where more connections bring less, few are kept',
  () =>
    withEngine(async (engine, server) => {
      const total = (connections: number) =>
        connections <= 4 ? connections * 4_000_000 : (16_000_000 * 4) / connections ** 2
      const url = server.put('/m.safetensors', aModel(60_000_000), { totalBytesPerSecond: total })
      const begun = performance.now()

      await engine.bring({ url, stallMs: 5_000 }).done

      // The best fixed number brings it in 3.75 s; finding it costs a second or two.
      expect((performance.now() - begun) / 1_000).toBeLessThan(15)
    }),
  30_000,
)

test('a cap is kept by all connections together', () =>
  withEngine(async (engine, server) => {
    const bytes = aModel(4_000_000)
    const url = server.put('/m.safetensors', bytes)
    let taken = 0
    const begun = performance.now()
    const bandwidth = {
      limited: true,
      take: async (wanted: number) => {
        taken += wanted
        await waitFor(() => (performance.now() - begun) / 1_000 >= taken / 4_000_000)
      },
    }

    await engine.bring({ url, bandwidth }).done

    expect(taken).toBeGreaterThanOrEqual(bytes.length)
    expect(performance.now() - begun).toBeGreaterThan(900)
  }))

test('an abort ends a transfer within a second, wherever it is', () =>
  withEngine(async (engine, server) => {
    const url = server.put('/m.safetensors', aModel(4_000_000), { stallAt: [1_000_000] })
    const stop = new AbortController()
    const running = engine.bring({ url, signal: stop.signal, stallMs: 60_000 })
    await waitFor(() => running.progress().done > 500_000)

    const begun = performance.now()
    stop.abort(new Error('canceled'))

    await expect(running.done).rejects.toThrow('canceled')
    expect(performance.now() - begun).toBeLessThan(1_000)
    await waitFor(() => server.requests.every(({ closed }) => closed))
  }))

test('where the reserve would be touched nothing is fetched', () =>
  withEngine(async (engine, server) => {
    const url = server.put('/m.safetensors', aModel(2_000_000))
    const space = diskSpace(engine.directory, { bytes: 2 ** 60, share: 0 })

    const running = engine.bring({ url, space })

    await expect(running.done).rejects.toMatchObject({ extra: { reason: 'DISK_FULL' } })
    expect(server.sent('/m.safetensors')).toBe(0)
  }))

test('a file that the disk cannot hold is known before its bytes come', async () => {
  await using engine = await startEngine()
  const path = join(engine.directory, 'huge')
  await writeFile(path, '')

  await expect(preallocate(path, 2 ** 46)).rejects.toMatchObject({ extra: { reason: 'DISK_FULL' } })
})

test('a folder that is not there is a fault of the disk, not of the server', () =>
  withEngine(async (engine, server) => {
    const running = engine.bring({ url: server.put('/m.safetensors', aModel()), name: 'none/partial' })

    await expect(running.done).rejects.toMatchObject({ extra: { reason: 'DISK_FAILED' } })
    expect(server.requests).toEqual([])
  }))

test('memory stays flat with sixteen transfers at once', () =>
  withEngine(async (engine, server) => {
    const bytes = aModel(4_000_000)
    const url = server.put('/m.safetensors', bytes)
    await engine.bring({ url, name: 'first' }).done
    const before = process.memoryUsage.rss()

    const all = Array.from({ length: 16 }, (_, index) => engine.bring({ url, name: `many-${index}` }))
    const brought = await Promise.all(all.map(({ done }) => done))

    expect(brought.every((each) => each.sha256 === sha256(bytes))).toBe(true)
    // With what the server of the test holds in this process.
    expect(process.memoryUsage.rss() - before).toBeLessThan(150 * 1024 * 1024)
  }))
