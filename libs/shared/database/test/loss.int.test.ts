import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { startPostgres } from '@easel/embedded'
import { tcpProxy, tempDirectory, throughProxy, waitFor } from '@easel/testing'
import { expect, test } from 'vitest'
import { openDatabase, type SqlTransaction } from '@easel/database'
import { openSample, sampleDatabase } from './support/sample.ts'

const unavailable = { code: 'unavailable', reason: 'DATABASE_UNAVAILABLE' }

test('a transaction whose connection is killed is unavailable, and the next one works', async () => {
  await using server = await sampleDatabase()
  await using database = openSample(server.url, { poolSize: 1 })
  await using other = openSample(server.url)
  const killed = database.transact(async (tx) => {
    await kill(other, await backendOf(tx))
    await tx.query('select 1')
  })

  await expect(killed).rejects.toMatchObject(unavailable)

  await expect(database.query('select 1')).resolves.toHaveProperty('rowCount', 1)
})

test('a connection killed between two statements of a transaction does not end the process', async () => {
  await using server = await sampleDatabase()
  const seen: string[] = []
  const log = { info() {}, error() {}, warn: (_details: object, message: string) => void seen.push(message) }
  await using database = openSample(server.url, { poolSize: 1, log })
  await using other = openSample(server.url)

  const killed = database.transact(async (tx) => {
    await kill(other, await backendOf(tx))
    await waitFor(() => seen.length > 0)
  })

  await expect(killed).rejects.toMatchObject(unavailable)
})

test('the pool survives a restart of the server', async () => {
  await using folder = await tempDirectory()
  const options = { dataDirectory: join(folder.path, 'data'), password: 'for-this-test', unsafe: true }
  const first = await startPostgres(options)
  await using database = openDatabase({ url: first.url, schema: 'public', poolSize: 3 })
  await Promise.all([database.check(), database.check(), database.check()])
  const held = database.transact(async (tx) => {
    await tx.query('select 1')
    await first[Symbol.asyncDispose]()
    await tx.query('select 1')
  })
  await expect(held).rejects.toMatchObject(unavailable)
  await expect(database.check()).rejects.toMatchObject(unavailable)

  await using second = await startPostgres({ ...options, port: first.port })

  const back = performance.now()
  await waitFor(() => database.check().then(() => true))
  expect(performance.now() - back).toBeLessThan(5_000)
  expect(second.port).toBe(first.port)
})

test('a server that is silent fails readiness within seconds', async () => {
  await using server = await sampleDatabase()
  await using proxy = await tcpProxy({ target: server.url })
  await using database = openSample(throughProxy(server.url, proxy), { poolSize: 1 })
  await database.check()

  proxy.set({ blackhole: 'both' })
  const begun = performance.now()
  await expect(database.check()).rejects.toMatchObject(unavailable)

  expect(performance.now() - begun).toBeLessThan(15_000)
  proxy.reset()
})

test('nobody listening is unavailable', async () => {
  const listener = createServer().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as { port: number }
  listener.close()
  await once(listener, 'close')
  await using database = openDatabase({ url: `postgresql://x:y@127.0.0.1:${port}/z`, schema: 'sample' })

  await expect(database.query('select 1')).rejects.toMatchObject(unavailable)
  await expect(database.transact((tx) => tx.query('select 1'))).rejects.toMatchObject(unavailable)
})

async function backendOf(tx: SqlTransaction): Promise<number> {
  const { rows } = await tx.query<{ pid: number }>('select pg_backend_pid() as pid')
  return rows[0]?.pid ?? 0
}

async function kill(
  by: { query(sql: string, values: unknown[]): Promise<unknown> },
  pid: number,
): Promise<void> {
  await by.query('select pg_terminate_backend($1, 2000)', [pid])
}
