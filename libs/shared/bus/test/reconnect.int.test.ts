import { connectBus } from '@easel/bus'
import { startNats } from '@easel/embedded'
import { tcpProxy, tempDirectory, throughProxy, waitFor } from '@easel/testing'
import { expect, test } from 'vitest'
import { silent } from './support/sample.ts'

test(
  'a cable that is pulled while it introduces itself, again and again, is no wrong password',
  { timeout: 90_000 },
  async () => {
    await using folder = await tempDirectory()
    await using server = await startNats({ storeDirectory: folder.path, password: 'a password of this test' })
    await using proxy = await tcpProxy({ target: server.url })
    await using bus = await connectBus({ url: throughProxy(server.url, proxy), name: 'test', log: silent })
    let refusals = 0
    void (async () => {
      for await (const { type } of bus.connection.status()) if (type === 'error') refusals++
    })()

    proxy.set({ blackhole: 'toTarget' })
    proxy.reset()
    // The server waits two seconds for each introduction.
    await waitFor(() => refusals >= 2, { timeoutMs: 60_000, describe: 'two refusals' })
    proxy.set({})
    proxy.reset()

    await waitFor(() => bus.isConnected, { timeoutMs: 15_000, describe: 'the connection' })
    await expect(bus.check()).resolves.toBeUndefined()
  },
)
