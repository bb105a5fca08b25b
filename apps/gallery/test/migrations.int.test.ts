import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { migrate, openDatabase } from '@easel/database'
import { emptyTestDatabase } from '@easel/testing'
import { expect, test } from 'vitest'

const directory = fileURLToPath(new URL('../prisma/migrations', import.meta.url))

/** A role that owns its schema and may do nothing else, as in production. */
async function plainRole(prepare: readonly string[]) {
  await using stack = new AsyncDisposableStack()
  const server = stack.use(await emptyTestDatabase())
  const admin = stack.use(openDatabase({ url: server.url, schema: 'public', poolSize: 1 }))
  const role = `plain_${randomBytes(6).toString('hex')}`
  const password = randomBytes(12).toString('hex')
  await admin.query(`create role ${role} login password '${password}'`)
  stack.defer(async () => {
    await admin.query(`drop owned by ${role} cascade`)
    await admin.query(`drop role ${role}`)
  })
  await admin.query('revoke create on schema public from public')
  await admin.query(`create schema gallery authorization ${role}`)
  for (const statement of prepare) await admin.query(statement)
  const url = new URL(server.url)
  url.username = role
  url.password = password
  const owned = stack.move()
  const hasIndex = async () => {
    const { rowCount } = await admin.query(`select 1 from pg_indexes where indexname = 'asset_search_idx'`)
    return rowCount === 1
  }
  return { url: url.href, hasIndex, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

test('a role without the right to make the extension uses the one that is there', async () => {
  await using role = await plainRole(['create extension pg_trgm schema public'])

  await migrate({ url: role.url, schema: 'gallery', directory })

  await expect(role.hasIndex()).resolves.toBe(true)
})

test('without the extension and the right to make it the gallery still starts', async () => {
  await using role = await plainRole([])

  await migrate({ url: role.url, schema: 'gallery', directory })

  await expect(role.hasIndex()).resolves.toBe(false)
})
