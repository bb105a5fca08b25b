import { connectBus, consumeBatches, ensureStreams, publishFact, watchFacts } from '@easel/bus'
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

test('a consumer that stands beyond the end of its stream passes over nothing that comes then', async () => {
  await using folder = await tempDirectory()
  const storeDirectory = join(folder.path, 'nats')
  const messages = join(storeDirectory, 'jetstream/$G/streams/FACTS/msgs')
  const copy = join(folder.path, 'copy')
  const password = 'a password of this test'
  let server = await startNats({ storeDirectory, password })
  const { port, url } = server
  try {
    await using bus = await connectBus({ url, name: 'test', log: silent })
    await ensureStreams(bus)
    const heard = new Set<string>()
    await using _consumer = await consumeBatches(bus, {
      consumer: 'test',
      facts: [painted],
      // oxlint-disable-next-line require-await -- as of a handler
      handle: async (batch) => batch.forEach(({ id }) => heard.add(id)),
    })
    const tell = (id: string) => publishFact(bus, painted, { id, payload: { title: id } })
    const hears = (id: string) => waitFor(() => heard.has(id), { timeoutMs: 20_000, describe: id })
    await tell('kept')
    await hears('kept')
    await server[Symbol.asyncDispose]()
    await cp(messages, copy, { recursive: true })
    server = await startNats({ storeDirectory, password, port })
    await waitFor(() => bus.isConnected)
    for (const id of ['lost-1', 'lost-2', 'lost-3']) {
      await waitFor(() => tell(id).then(() => true))
      await hears(id)
    }

    // The messages are gone, and where the consumer stood is not.
    await server[Symbol.asyncDispose]()
    await rm(messages, { recursive: true })
    await cp(copy, messages, { recursive: true })
    server = await startNats({ storeDirectory, password, port })
    await waitFor(() => bus.isConnected)

    for (const id of ['new-1', 'new-2', 'new-3']) {
      await waitFor(() => tell(id).then(() => true))
      await hears(id)
    }
    expect(heard.size).toBe(7)
  } finally {
    await server[Symbol.asyncDispose]()
  }
})
