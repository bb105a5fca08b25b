import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { migrate, openDatabase } from '@easel/database'
import { emptyTestDatabase, tempDirectory } from '@easel/testing'
import { expect, test } from 'vitest'
import { findDrift } from '../src/drift.ts'
import { diffModels } from '../src/schema-engine.ts'
import { migrations, schema } from './support/sample.ts'

const init = '20260101000000_init'

async function copyOfMigrations() {
  const folder = await tempDirectory()
  await cp(migrations, folder.path, { recursive: true })
  const add = async (name: string, sql: string) => {
    await mkdir(join(folder.path, name), { recursive: true })
    await writeFile(join(folder.path, name, 'migration.sql'), sql)
  }
  return { ...folder, add }
}

test('starters at the same time apply each migration once', async () => {
  await using server = await emptyTestDatabase()
  await using folder = await copyOfMigrations()
  await folder.add('20260102000000_more', 'create table more (id int primary key);')
  const start = () => migrate({ url: server.url, schema, directory: folder.path })

  const results = await Promise.all([start(), start(), start(), start()])

  expect(results.flatMap(({ applied }) => applied)).toEqual([init, '20260102000000_more'])
  await using database = openDatabase({ url: server.url, schema })
  const { rows } = await database.query(
    `select migration_name, length(checksum) as checksum, applied_steps_count as steps,
            finished_at >= started_at as finished
     from _prisma_migrations order by started_at`,
  )
  const done = { checksum: 64, steps: 1, finished: true }
  expect(rows).toEqual([
    { migration_name: init, ...done },
    { migration_name: '20260102000000_more', ...done },
  ])
})

test('a start with nothing to do is quick', async () => {
  await using server = await emptyTestDatabase()
  const start = () => migrate({ url: server.url, schema, directory: migrations })
  await start()

  const times: number[] = []
  for (let n = 0; n < 5; n++) {
    const begun = performance.now()
    await expect(start()).resolves.toEqual({ applied: [] })
    times.push(performance.now() - begun)
  }

  expect(Math.min(...times)).toBeLessThan(100)
})

test('a migration edited after it was applied is an error that names it', async () => {
  await using server = await emptyTestDatabase()
  await using folder = await copyOfMigrations()
  const start = () => migrate({ url: server.url, schema, directory: folder.path })
  await start()
  const old = await readFile(join(folder.path, init, 'migration.sql'), 'utf8')
  await folder.add(init, `${old}\n-- edited`)
  await folder.add('20260102000000_more', 'create table more (id int primary key);')

  await expect(start()).rejects.toMatchObject({
    reason: 'MIGRATION_EDITED',
    message: expect.stringContaining(init) as string,
  })
})

test('a migration that fails leaves nothing behind and applies when it is mended', async () => {
  await using server = await emptyTestDatabase()
  await using folder = await copyOfMigrations()
  const start = () => migrate({ url: server.url, schema, directory: folder.path })
  await folder.add('20260102000000_more', 'create table more (id int); insert into nowhere values (1);')

  await expect(start()).rejects.toMatchObject({
    reason: 'MIGRATION_FAILED',
    message: expect.stringMatching(/20260102000000_more.*"nowhere" does not exist/) as string,
  })

  await folder.add('20260102000000_more', 'create table more (id int);')
  await expect(start()).resolves.toEqual({ applied: ['20260102000000_more'] })
})

test('a script may hold function bodies and strings with semicolons', async () => {
  await using server = await emptyTestDatabase()
  await using folder = await copyOfMigrations()
  await folder.add(
    '20260102000000_code',
    `create function twice(n int) returns int language plpgsql as $$ begin n := n * 2; return n; end; $$;
     create table note (text text default 'a;b');`,
  )

  await migrate({ url: server.url, schema, directory: folder.path })

  await using database = openDatabase({ url: server.url, schema })
  await expect(database.query('select twice(4) as n')).resolves.toMatchObject({ rows: [{ n: 8 }] })
})

test('an older release starts on a newer schema', async () => {
  await using server = await emptyTestDatabase()
  await using folder = await copyOfMigrations()
  await folder.add('20260102000000_more', 'create table more (id int primary key);')
  await migrate({ url: server.url, schema, directory: folder.path })

  await expect(migrate({ url: server.url, schema, directory: migrations })).resolves.toEqual({ applied: [] })
})

test('services in one database have histories of their own', async () => {
  await using server = await emptyTestDatabase()

  const results = await Promise.all(
    ['one', 'two', 'three'].map((name) => migrate({ url: server.url, schema: name, directory: migrations })),
  )

  expect(results).toEqual([{ applied: [init] }, { applied: [init] }, { applied: [init] }])
})

test('a role that may not create the schema is told what to do', async () => {
  await using server = await emptyTestDatabase()
  await using admin = openDatabase({ url: server.url, schema: 'public' })
  const role = `plain_${Math.random().toString(36).slice(2)}`
  await admin.query(`create role ${role} login password 'p'`)
  try {
    const url = new URL(server.url)
    url.username = role
    url.password = 'p'

    await expect(migrate({ url: url.href, schema, directory: migrations })).rejects.toThrow(
      'this role may not create it',
    )
  } finally {
    await admin.query(`drop role ${role}`)
  }
})

const model = (fields: string) => `
  datasource db {
    provider = "postgresql"
  }
  model Note {
    id   Int     @id
    text String?
    ${fields}
    @@map("note")
  }`

test('the difference between two models is the SQL of a migration', async () => {
  await expect(diffModels(model(''), model(''))).resolves.toBe('')
  await expect(diffModels(model(''), model('stars Int'))).resolves.toContain('ADD COLUMN     "stars" INTEGER')
})

test('drift is found where the migrations lack something, and not in what is written by hand', async () => {
  await using server = await emptyTestDatabase()
  await using folder = await tempDirectory()
  const script = `${await diffModels(undefined, model(''))}
    create index note_recent on note (text) where id > 10;
    create index note_lower on note (lower(text));
    alter table note add constraint note_id_check check (id > 0);`
  await mkdir(join(folder.path, init))
  await writeFile(join(folder.path, init, 'migration.sql'), script)
  const drift = (wanted: string) =>
    findDrift({ url: server.url, schema: 'notes', directory: folder.path, model: wanted })

  await expect(drift(model(''))).resolves.toBe('')
  await expect(drift(model('stars Int'))).resolves.toContain('"stars"')
})
