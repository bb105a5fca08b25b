import { connectBus, openSnapshots } from '@easel/bus'
import { startNats } from '@easel/embedded'
import { tempDirectory, waitFor } from '@easel/testing'
import { expect, test } from 'vitest'
import { silent } from './support/sample.ts'

test('snapshots are kept again after a restart of the server, which forgets them', async () => {
  await using folder = await tempDirectory()
  const options = { storeDirectory: folder.path, password: 'a password of this test' }
  let server = await startNats(options)
  try {
    const { url, port } = server
    await using bus = await connectBus({ url, name: 'test', log: silent })
    const snapshots = await openSnapshots(bus, 'JOBS')
    await snapshots.put('one', { value: 1 })
    expect(await snapshots.get('one')).toEqual({ value: 1 })

    await server[Symbol.asyncDispose]()
    server = await startNats({ ...options, port })
    await waitFor(() => bus.isConnected)

    await waitFor(() => snapshots.remove('one').then(() => true), { timeoutMs: 20_000 })
    await snapshots.put('two', { value: 2 })
    expect(await snapshots.get('one')).toBeUndefined()
    expect(await snapshots.get('two')).toEqual({ value: 2 })
  } finally {
    await server[Symbol.asyncDispose]()
  }
})
