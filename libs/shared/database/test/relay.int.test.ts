import { tcpProxy, throughProxy, waitFor } from '@easel/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { prismaOutbox, startOutboxRelay, type Database, type OutboxMessage } from '@easel/database'
import { openSample, sampleDatabase, thingAdded } from './support/sample.ts'

let server: Awaited<ReturnType<typeof sampleDatabase>>
let database: Database
beforeEach(async () => {
  server = await sampleDatabase()
  database = openSample(server.url, { poolSize: 8 })
})
afterEach(async () => {
  await database[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
})

const numberOf = (message: OutboxMessage) => (JSON.parse(message.payload) as { n: number }).n
const isEmpty = async () =>
  (await database.query('select from outbox where published_at is null limit 1')).rowCount === 0

function write(from: Database, ...numbers: number[]): Promise<void> {
  return from.transact((tx) =>
    tx.outbox.addMany(
      thingAdded,
      numbers.map((n) => ({ payload: { n } })),
    ),
  )
}

test('what is committed is published once and in order', async () => {
  const published: number[] = []
  await using _relay = startOutboxRelay({
    database,
    batchSize: 7,
    publish: async (messages) => void published.push(...messages.map(numberOf)),
  })

  for (let n = 0; n < 100; n += 2) await write(database, n, n + 1)

  await waitFor(isEmpty)
  expect(published).toEqual(Array.from({ length: 100 }, (_, n) => n))
})

test('what was written before the relay started is published', async () => {
  await write(database, 1, 2)
  const published: number[] = []

  await using _relay = startOutboxRelay({
    database,
    publish: async (messages) => void published.push(...messages.map(numberOf)),
  })

  await waitFor(isEmpty)
  expect(published).toEqual([1, 2])
})

test('failures to publish delay the messages and lose none', async () => {
  const published: number[] = []
  const errors: unknown[] = []
  let failures = 3
  await using _relay = startOutboxRelay({
    database,
    onError: (error) => errors.push(error),
    publish: async (messages) => {
      if (failures-- > 0) throw new Error('no bus')
      published.push(...messages.map(numberOf))
    },
  })

  await write(database, 1)
  await write(database, 2)

  await waitFor(isEmpty)
  expect(published).toEqual([1, 2])
  expect(errors).toHaveLength(3)
})

test('a relay whose connection is killed goes on, and sends again what it could not settle', async () => {
  const published: string[] = []
  let kill = true
  await using _relay = startOutboxRelay({
    database,
    publish: async (messages) => {
      published.push(...messages.map(({ id }) => id))
      if (kill) await killRelay()
      kill = false
    },
  })
  await write(database, 1)
  await waitFor(isEmpty)
  await write(database, 2)
  await waitFor(isEmpty)

  expect(published).toHaveLength(3)
  expect(published[1]).toBe(published[0])
})

test('an idle relay whose connection is killed comes back', async () => {
  const published: number[] = []
  await using _relay = startOutboxRelay({
    database,
    publish: async (messages) => void published.push(...messages.map(numberOf)),
  })
  await waitFor(killRelay)

  await write(database, 1)

  await waitFor(isEmpty)
  expect(published).toEqual([1])
})

test('a relay goes on when the database has been away, also from the start', async () => {
  const published: number[] = []
  const errors: unknown[] = []
  await using proxy = await tcpProxy({ target: server.url })
  await using far = openSample(throughProxy(server.url, proxy))
  proxy.set({ refuse: true })
  await using _relay = startOutboxRelay({
    database: far,
    onError: (error) => errors.push(error),
    publish: async (messages) => void published.push(...messages.map(numberOf)),
  })
  await waitFor(() => errors.length >= 2)

  await write(database, 1)
  proxy.set({})
  await waitFor(isEmpty)
  proxy.reset()
  await write(database, 2)
  await waitFor(isEmpty)

  expect(published).toEqual([1, 2])
})

test('a relay on a dead line can be stopped', async () => {
  await using proxy = await tcpProxy({ target: server.url })
  await using far = openSample(throughProxy(server.url, proxy))
  const published: number[] = []
  const relay = startOutboxRelay({
    database: far,
    publish: async (messages) => void published.push(...messages.map(numberOf)),
  })
  await write(database, 1)
  await waitFor(isEmpty)
  proxy.set({ blackhole: 'both' })

  const begun = performance.now()
  await relay[Symbol.asyncDispose]()

  expect(performance.now() - begun).toBeLessThan(12_000)
})

test('two relays never publish at the same time, and the second takes over from the first', async () => {
  const published: number[] = []
  const by: string[] = []
  let active = 0
  let overlaps = 0
  const publisher = (name: string) => async (messages: readonly OutboxMessage[]) => {
    if (++active > 1) overlaps++
    await database.query('select pg_sleep(0.002)')
    published.push(...messages.map(numberOf))
    by.push(name)
    active--
  }
  await using other = openSample(server.url)
  const first = startOutboxRelay({ database, batchSize: 5, publish: publisher('first') })
  await write(database, 0)
  await waitFor(isEmpty)
  await using _second = startOutboxRelay({ database: other, batchSize: 5, publish: publisher('second') })

  for (let n = 1; n < 200; n++) await write(n % 2 === 0 ? database : other, n)
  await first[Symbol.asyncDispose]()
  for (let n = 200; n < 250; n++) await write(n % 2 === 0 ? database : other, n)

  await waitFor(isEmpty)
  expect(published).toEqual(Array.from({ length: 250 }, (_, n) => n))
  expect(overlaps).toBe(0)
  expect(new Set(by)).toEqual(new Set(['first', 'second']))
})

test('a commit in another process wakes the relay well before its poll', async () => {
  const arrived = new Map<number, number>()
  await using _relay = startOutboxRelay({
    database,
    publish: async (messages) => {
      for (const message of messages) arrived.set(numberOf(message), performance.now())
    },
  })
  await using elsewhere = openSample(server.url)
  await write(elsewhere, 0)
  await waitFor(() => arrived.has(0))

  const delays: number[] = []
  for (let n = 1; n <= 20; n++) {
    await write(elsewhere, n)
    const committed = performance.now()
    await waitFor(() => arrived.has(n))
    delays.push((arrived.get(n) ?? Infinity) - committed)
  }

  expect(delays.sort((a, b) => a - b)[10]).toBeLessThan(100)
})

test('the outbox of a Prisma transaction wakes the relay too', async () => {
  const published: number[] = []
  await using _relay = startOutboxRelay({
    database,
    publish: async (messages) => void published.push(...messages.map(numberOf)),
  })
  await write(database, 0)
  await waitFor(() => published.length === 1)
  const asPrisma = {
    $executeRawUnsafe: async (sql: string, ...values: unknown[]) =>
      (await database.query(sql, values)).rowCount ?? 0,
  }

  // Without a wake-up the relay looks once a second: on a busy machine one may be slow, not each of five.
  let fastest = Infinity
  for (let n = 1; n <= 5; n++) {
    const begun = performance.now()
    await prismaOutbox(asPrisma).add(thingAdded, { n })
    await waitFor(() => published.length === n + 1)
    fastest = Math.min(fastest, performance.now() - begun)
  }

  expect(fastest).toBeLessThan(300)
})

test('a relay that is disposed of finishes its batch and publishes no more', async () => {
  const published: number[] = []
  const relay = startOutboxRelay({
    database,
    batchSize: 1,
    publish: async (messages) => {
      await database.query('select pg_sleep(0.05)')
      published.push(...messages.map(numberOf))
    },
  })
  await write(database, 1, 2, 3, 4, 5, 6)
  await waitFor(() => published.length === 1)

  await relay[Symbol.asyncDispose]()

  const { rows } = await database.query<{ n: number }>(
    `select (payload->>'n')::int as n from outbox where published_at is null order by seq`,
  )
  expect([...published, ...rows.map(({ n }) => n)]).toEqual([1, 2, 3, 4, 5, 6])
  expect(published.length).toBeLessThan(6)
})

test('what was published lately goes out again when the bus may have lost it, in the same order', async () => {
  const published: string[] = []
  const relay = startOutboxRelay({
    database,
    publish: async (messages) => void published.push(...messages.map(({ id }) => id)),
  })
  await using _relay = relay
  await write(database, 1, 2)
  await write(database, 3)
  await waitFor(isEmpty)

  relay.repeat()

  await waitFor(() => published.length >= 6)
  await waitFor(isEmpty)
  expect(published).toHaveLength(6)
  expect(published.slice(3)).toEqual(published.slice(0, 3))
})

test('more than one statement can bring back goes out again, too', { timeout: 60_000 }, async () => {
  const count = 3_000
  await database.query(
    `insert into outbox (id, subject, payload, headers, published_at)
     select gen_random_uuid(), 'evt.thing', jsonb_build_object('n', n), '{}', now() from generate_series(1, $1) n`,
    [count],
  )
  await database.query(`create function slowly() returns trigger language plpgsql as
    $$ begin perform pg_sleep(0.002); return new; end $$`)
  await database.query(`create trigger slowly before update on outbox for each row
    when (new.published_at is null) execute function slowly()`)
  const published: number[] = []
  const errors: unknown[] = []
  await using relay = startOutboxRelay({
    database,
    publish: async (messages) => void published.push(...messages.map(numberOf)),
    onError: (error) => errors.push(error),
  })
  await write(database, 0)
  await waitFor(() => published.length === 1)

  relay.repeat()

  await waitFor(() => published.length >= count + 2, { timeoutMs: 40_000 })
  expect(published.slice(1)).toEqual([...Array.from({ length: count }, (_, n) => n + 1), 0])
  expect(errors).toEqual([])
})

test('what was published minutes ago is deleted, and what was not is kept', async () => {
  await write(database, 1, 2)
  await write(database, 3)
  await database.query(
    `update outbox set published_at = now() - interval '1 hour' where payload->>'n' in ('1', '2')`,
  )

  const published: number[] = []
  await using _relay = startOutboxRelay({
    database,
    publish: async (messages) => void published.push(...messages.map(numberOf)),
  })

  await waitFor(isEmpty)
  expect(published).toEqual([3])
  const { rows } = await database.query<{ n: string }>(`select payload->>'n' as n from outbox`)
  expect(rows).toEqual([{ n: '3' }])
})

async function killRelay(): Promise<boolean> {
  const { rowCount } = await database.query(
    `select pg_terminate_backend(pid, 2000) from pg_stat_activity
     where application_name = 'easel-sample-outbox' and datname = current_database()`,
  )
  return rowCount === 1
}
