import { Client } from 'pg'
import { expect, test } from 'vitest'
import { testDatabase, testNats, testRedis } from '../src/index.ts'

const migrate = (url: string) => query(url, 'CREATE TABLE thing (id int PRIMARY KEY)').then(() => {})

test('two databases of one service have its tables and share no rows', async () => {
  await using first = await testDatabase({ service: 'sample', migrate })
  await using second = await testDatabase({ service: 'sample', migrate })

  await query(first.url, 'INSERT INTO thing VALUES (1)')

  expect(await query(first.url, 'SELECT id FROM thing')).toEqual([{ id: 1 }])
  expect(await query(second.url, 'SELECT id FROM thing')).toEqual([])
})

test('files that ask at the same time get one template and a database each', async () => {
  let runs = 0
  const counted = async (url: string) => {
    runs += 1
    await migrate(url)
  }
  const databases = await Promise.all(
    Array.from({ length: 5 }, () => testDatabase({ service: 'many', migrate: counted })),
  )

  expect(runs).toBe(1)
  expect(new Set(databases.map(({ name }) => name)).size).toBe(5)

  for (const database of databases) await database[Symbol.asyncDispose]()
})

test('a database is gone when it is disposed, even while somebody is connected', async () => {
  const database = await testDatabase({ service: 'sample', migrate })
  const client = new Client(database.url)
  client.on('error', () => {}) // being thrown out is what the test is about
  await client.connect()

  await database[Symbol.asyncDispose]()

  await expect(query(database.url, 'SELECT 1')).rejects.toThrow(/does not exist/)
})

test('a migration that fails is reported, and tried again by the next one who asks', async () => {
  let attempt = 0
  const failing = async (url: string) => {
    attempt += 1
    if (attempt === 1) throw new Error('no luck')
    await migrate(url)
  }
  await expect(testDatabase({ service: 'failing', migrate: failing })).rejects.toThrow('no luck')

  await using database = await testDatabase({ service: 'failing', migrate: failing })

  expect(await query(database.url, 'SELECT id FROM thing')).toEqual([])
})

test('parts of NATS and Redis have prefixes of their own and can be disposed', async () => {
  await using nats = await testNats()
  await using other = await testNats()
  await using redis = await testRedis()

  expect(nats.prefix).toMatch(/^t[0-9a-f]{12}$/)
  expect(nats.prefix).not.toBe(other.prefix)
  expect(redis.prefix).toMatch(/^t[0-9a-f]{12}:$/)
})

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client(url)
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}
