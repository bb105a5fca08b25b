import { createHash, randomBytes } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client, escapeIdentifier } from 'pg'
import { serverUrl } from './server-url.ts'

export type TestDatabaseOptions = {
  service: string
  /** Brings an empty database to the service's present schema. */
  migrate: (url: string) => Promise<void>
  /** The folder of the migrations: a change in it makes a new template. */
  migrations?: string | URL
}

export type TestDatabase = AsyncDisposable & { readonly url: string; readonly name: string }

/**
 * A database of its own for a test file: cloned from a template that is migrated once per run and service,
 * dropped when disposed.
 */
export async function testDatabase(options: TestDatabaseOptions): Promise<TestDatabase> {
  const server = await serverUrl('postgres')
  const name = `test_${options.service}_${randomBytes(6).toString('hex')}`
  await withAdmin(server, async (admin) => {
    const template = await ensureTemplate(admin, server, options)
    await admin.query(`CREATE DATABASE ${escapeIdentifier(name)} TEMPLATE ${escapeIdentifier(template)}`)
  })
  return {
    name,
    url: onDatabase(server, name),
    async [Symbol.asyncDispose]() {
      await withAdmin(server, (admin) =>
        admin.query(`DROP DATABASE IF EXISTS ${escapeIdentifier(name)} WITH (FORCE)`),
      )
    },
  }
}

/** An empty database, for what has no migrations. */
export function emptyTestDatabase(): Promise<TestDatabase> {
  return testDatabase({ service: 'empty', migrate: async () => {} })
}

async function ensureTemplate(admin: Client, server: string, options: TestDatabaseOptions): Promise<string> {
  const template = templateName(options)
  await admin.query('SELECT pg_advisory_lock(hashtext($1))', [template])
  try {
    const { rowCount } = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [template])
    if (rowCount === 0) await makeTemplate(admin, { server, template, migrate: options.migrate })
    return template
  } finally {
    await admin.query('SELECT pg_advisory_unlock(hashtext($1))', [template])
  }
}

type MakeTemplate = Pick<TestDatabaseOptions, 'migrate'> & { server: string; template: string }

/** It gets its name when it is complete, so that a migration cut short leaves no template behind. */
async function makeTemplate(admin: Client, { server, template, migrate }: MakeTemplate): Promise<void> {
  const building = `${template}_new`
  await admin.query(`DROP DATABASE IF EXISTS ${escapeIdentifier(building)} WITH (FORCE)`)
  await admin.query(`CREATE DATABASE ${escapeIdentifier(building)}`)
  await migrate(onDatabase(server, building))
  // A pool that `migrate` has closed may still be leaving.
  await admin.query('SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1', [
    building,
  ])
  await admin.query(`ALTER DATABASE ${escapeIdentifier(building)} RENAME TO ${escapeIdentifier(template)}`)
}

/** Without a folder to hash, the function itself stands for what it does. */
function templateName({ service, migrate, migrations }: TestDatabaseOptions): string {
  const hash = createHash('sha256')
  if (migrations === undefined) {
    hash.update(String(migrate))
  } else {
    const folder = migrations instanceof URL ? fileURLToPath(migrations) : migrations
    for (const path of globSync('**/*.{sql,prisma,toml}', { cwd: folder }).sort()) {
      hash.update(`${path}\0`).update(readFileSync(join(folder, path)))
    }
  }
  return `template_${service}_${hash.digest('hex').slice(0, 16)}`
}

function onDatabase(server: string, name: string): string {
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}

async function withAdmin<T>(url: string, work: (admin: Client) => Promise<T>): Promise<T> {
  const admin = new Client({ connectionString: url })
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.end()
  }
}
