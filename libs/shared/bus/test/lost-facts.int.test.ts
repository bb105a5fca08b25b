import { connectBus, ensureStreams, publishFact, watchFacts } from '@easel/bus'
import { startNats } from '@easel/embedded'
import { tempDirectory, waitFor } from '@easel/testing'
import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { painted, silent } from './support/sample.ts'

test('a stream that went back to an earlier state is noticed, and one that only was away is not', async () => {
  await using folder = await tempDirectory()
  const storeDirectory = join(folder.path, 'nats')
  const copy = join(folder.path, 'copy')
  const password = 'a password of this test'
  let server = await startNats({ storeDirectory, password })
  const { port, url } = server
  const restart = async (between: () => Promise<void>) => {
    await server[Symbol.asyncDispose]()
    await between()
    server = await startNats({ storeDirectory, password, port })
  }
  try {
    await using bus = await connectBus({ url, name: 'test', log: silent })
    await ensureStreams(bus)
    let repeats = 0
    using _watch = watchFacts(bus, () => repeats++)
    expect(repeats).toBe(1)
    const tell = (id: string) => publishFact(bus, painted, { id, payload: { title: id } })

    await tell('kept')
    await restart(async () => {
      await cp(storeDirectory, copy, { recursive: true })
    })
    await waitFor(() => bus.isConnected)
    await tell('lost')
    expect(repeats).toBe(1)
    await restart(async () => {
      await rm(storeDirectory, { recursive: true })
      await cp(copy, storeDirectory, { recursive: true })
    })

    await waitFor(() => repeats === 2, { timeoutMs: 20_000 })
    await tell('after')
    const info = await bus.manager.streams.info('FACTS')
    expect(info.state.messages).toBe(2)
  } finally {
    await server[Symbol.asyncDispose]()
  }
})
