import { newId } from '@easel/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cleanInbox, isUniqueViolation, type SqlTransaction } from '@easel/database'
import { openSample, sampleDatabase, thingAdded } from './support/sample.ts'

let server: Awaited<ReturnType<typeof sampleDatabase>>
beforeAll(async () => {
  server = await sampleDatabase()
})
afterAll(() => server[Symbol.asyncDispose]())

const insertThing = (tx: SqlTransaction, name: string) =>
  tx.query('insert into thing (id, name) values ($1, $2)', [newId(), name])

test('a rollback takes the outbox row with it', async () => {
  await using database = openSample(server.url)
  const id = newId()

  const failing = database.transact(async (tx) => {
    await insertThing(tx, 'rolled back')
    await tx.outbox.add(thingAdded, { n: 1 }, { id })
    throw new Error('stop')
  })

  await expect(failing).rejects.toThrow('stop')
  await expect(database.query('select from outbox where id = $1', [id])).resolves.toHaveProperty(
    'rowCount',
    0,
  )
})

test('what is written to the outbox keeps its order, headers, key and long numbers', async () => {
  await using database = openSample(server.url, { headers: () => ({ traceparent: '00-a-b-01' }) })
  const entries = Array.from({ length: 50 }, (_, n) => ({ payload: { n }, key: `k${n}` }))

  await database.transact(async (tx) => {
    await tx.outbox.addMany(thingAdded, entries)
    await tx.outbox.add(thingAdded, { n: 2n ** 64n - 1n } as never, { key: 'long' })
  })

  const { rows } = await database.query(
    'select subject, payload::text, headers, key from outbox order by seq',
  )
  expect(rows.map(({ key }) => key)).toEqual([...entries.map(({ key }) => key), 'long'])
  expect(rows[3]).toMatchObject({
    subject: 'evt.sample.thing-added.v1',
    headers: { traceparent: '00-a-b-01' },
  })
  expect(rows.at(-1)).toMatchObject({ payload: '{"n": 18446744073709551615}' })
})

test('a message that the bus could not take is refused when it is written', async () => {
  await using database = openSample(server.url)

  const adding = database.transact((tx) => tx.outbox.add(thingAdded, { n: 'x'.repeat(600_000) } as never))

  await expect(adding).rejects.toMatchObject({ reason: 'OUTBOX_TOO_LARGE' })
})

test('an event is claimed once, also by two at the same time', async () => {
  await using database = openSample(server.url)
  const id = newId()
  const claim = () => database.transact((tx) => tx.inbox.claim('counter', id))

  const claims = await Promise.all([claim(), claim(), claim()])

  expect(claims.filter(Boolean)).toHaveLength(1)
  await expect(claim()).resolves.toBe(false)
  await expect(database.transact((tx) => tx.inbox.claim('other', id))).resolves.toBe(true)
})

test('a claim that is rolled back can be made again', async () => {
  await using database = openSample(server.url)
  const id = newId()
  await database
    .transact(async (tx) => {
      await tx.inbox.claim('counter', id)
      throw new Error('stop')
    })
    .catch(() => undefined)

  await expect(database.transact((tx) => tx.inbox.claim('counter', id))).resolves.toBe(true)
})

test('an event id that is no UUID is refused for good', async () => {
  await using database = openSample(server.url)

  const claim = database.transact((tx) => tx.inbox.claim('counter', "'; drop table inbox; --"))

  await expect(claim).rejects.toMatchObject({ code: 'invalid', reason: 'EVENT_ID_INVALID' })
})

test('old inbox rows are forgotten and young ones kept', async () => {
  await using database = openSample(server.url)
  await database.query(
    `insert into inbox select 'old', gen_random_uuid(), now() - interval '8 days' from generate_series(1, 12000)`,
  )
  await database.transact((tx) => tx.inbox.claim('young', newId()))

  await expect(cleanInbox(database, 7)).resolves.toBe(12_000)

  const { rows } = await database.query(
    `select distinct consumer from inbox where consumer in ('old', 'young')`,
  )
  expect(rows).toEqual([{ consumer: 'young' }])
})

test('serialization failures are retried until the work is done', async () => {
  await using database = openSample(server.url, { poolSize: 8 })
  const id = newId()
  await database.query(`insert into thing (id, name) values ($1, '0')`, [id])
  const increment = () =>
    database.transact(
      async (tx) => {
        const { rows } = await tx.query<{ name: string }>('select name from thing where id = $1', [id])
        await tx.query('update thing set name = $2 where id = $1', [id, String(Number(rows[0]?.name) + 1)])
      },
      { isolation: 'serializable', retries: 30 },
    )

  await Promise.all(Array.from({ length: 8 }, increment))

  const { rows } = await database.query('select name from thing where id = $1', [id])
  expect(rows).toEqual([{ name: '8' }])
})

test('conflicts without end are unavailable, not internal', async () => {
  await using database = openSample(server.url)
  let attempts = 0

  const doomed = database.transact(
    (tx) => {
      attempts++
      return tx.query(`do $$ begin raise exception 'conflict' using errcode = '40001'; end $$`)
    },
    { retries: 2 },
  )

  await expect(doomed).rejects.toMatchObject({ code: 'unavailable', reason: 'DATABASE_CONFLICT' })
  expect(attempts).toBe(3)
})

test('a unique violation tells which index refused the row', async () => {
  await using database = openSample(server.url)
  const add = () => database.transact((tx) => insertThing(tx, 'twice'))
  await add()

  const error: unknown = await add().catch((cause: unknown) => cause)

  expect(isUniqueViolation(error)).toBe(true)
  expect(isUniqueViolation(error, 'thing_name_key')).toBe(true)
  expect(isUniqueViolation(error, 'thing_pkey')).toBe(false)
  expect(isUniqueViolation(new Error('thing_name_key'))).toBe(false)
})

test('work that swallows a failed statement does not count as committed', async () => {
  await using database = openSample(server.url)

  const swallowing = database.transact(async (tx) => {
    await insertThing(tx, 'swallowed')
    await insertThing(tx, 'swallowed').catch(() => undefined)
  })

  await expect(swallowing).rejects.toThrow('A failed transaction was committed')
})

test('every connection is in its schema and has its limits', async () => {
  await using database = openSample(server.url, { applicationName: 'probe', statementTimeoutMs: 1_234 })

  const { rows } = await database.query(
    `select current_schema() as schema, current_setting('statement_timeout') as timeout,
            current_setting('application_name') as name`,
  )

  expect(rows).toEqual([{ schema: 'sample', timeout: '1234ms', name: 'probe' }])
})

test('a statement over its time is a deadline', async () => {
  await using database = openSample(server.url, { statementTimeoutMs: 50 })

  await expect(database.query('select pg_sleep(5)')).rejects.toMatchObject({
    code: 'deadline',
    reason: 'DATABASE_TIMEOUT',
  })
})

test('a schema name cannot carry settings', () => {
  expect(() => openSample('postgresql://localhost/x', { schema: 'a -c log_statement=all' })).toThrow(
    RangeError,
  )
})
