import { fileURLToPath } from 'node:url'
import {
  fromDatabaseError,
  isUniqueViolation,
  migrate,
  openDatabase,
  prismaInbox,
  prismaOutbox,
  startOutboxRelay,
} from '@easel/database'
import { defineFact, newId } from '@easel/protocol'
import { testDatabase, waitFor } from '@easel/testing'
import { expect, test } from 'vitest'
import { PrismaClient } from '../src/generated/prisma/client.ts'

class Probe {
  n!: number
}
const probed = defineFact('catalog.probed', 1, Probe)

const directory = fileURLToPath(new URL('../prisma/migrations', import.meta.url))

async function openCatalog() {
  const server = await testDatabase({
    service: 'catalog',
    migrations: directory,
    migrate: async (url) => {
      await migrate({ url, schema: 'catalog', directory })
    },
  })
  const database = openDatabase({ url: server.url, schema: 'catalog', poolSize: 3 })
  const prisma = new PrismaClient({ adapter: database.adapter })
  return {
    database,
    prisma,
    async [Symbol.asyncDispose]() {
      await prisma.$disconnect()
      await database[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

test('an outbox row of a Prisma transaction lives and dies with it', async () => {
  await using catalog = await openCatalog()
  const add = (id: string, fails: boolean) =>
    catalog.prisma.$transaction(async (db) => {
      await prismaOutbox(db).add(probed, { n: 1 }, { id })
      if (fails) throw new Error('stop')
    })
  const [kept, gone] = [newId(), newId()]

  await add(kept, false)
  await expect(add(gone, true)).rejects.toThrow('stop')

  const rows = await catalog.prisma.outbox.findMany({ select: { id: true, subject: true, payload: true } })
  expect(rows).toEqual([{ id: kept, subject: 'evt.catalog.probed.v1', payload: { n: 1 } }])
})

test('the commit of a Prisma transaction wakes the relay', async () => {
  await using catalog = await openCatalog()
  const published: string[] = []
  await using _relay = startOutboxRelay({
    database: catalog.database,
    publish: async (messages) => void published.push(...messages.map(({ id }) => id)),
  })
  const add = () => catalog.prisma.$transaction((db) => prismaOutbox(db).add(probed, { n: 1 }))
  await add()
  await waitFor(() => published.length === 1)

  // Without a wake-up the relay looks once a second: on a busy machine one may be slow, not each of five.
  let fastest = Infinity
  for (let count = 2; count <= 6; count++) {
    const begun = performance.now()
    await add()
    await waitFor(() => published.length === count)
    fastest = Math.min(fastest, performance.now() - begun)
  }

  expect(fastest).toBeLessThan(300)
})

test('an event is claimed once in Prisma transactions', async () => {
  await using catalog = await openCatalog()
  const id = newId()
  const claim = () => catalog.prisma.$transaction((db) => prismaInbox(db).claim('counter', id))

  await expect(claim()).resolves.toBe(true)
  await expect(claim()).resolves.toBe(false)
})

test('the errors of Prisma are understood as those of pg', async () => {
  await using catalog = await openCatalog()
  const row = { consumer: 'counter', eventId: newId() }
  await catalog.prisma.inbox.create({ data: row })

  const twice: unknown = await catalog.prisma.inbox.create({ data: row }).catch((error: unknown) => error)
  const killed: unknown = await catalog.prisma
    .$transaction(async (db) => {
      const [backend] = await db.$queryRaw<{ pid: number }[]>`select pg_backend_pid() as pid`
      await catalog.database.query('select pg_terminate_backend($1, 2000)', [backend?.pid])
      await db.inbox.count()
    })
    .catch((error: unknown) => error)

  expect(isUniqueViolation(twice, 'inbox_pkey')).toBe(true)
  expect(isUniqueViolation(twice, 'outbox_pkey')).toBe(false)
  expect(fromDatabaseError(killed)).toMatchObject({ code: 'unavailable', reason: 'DATABASE_UNAVAILABLE' })
  await expect(catalog.prisma.inbox.count()).resolves.toBe(1)
})
