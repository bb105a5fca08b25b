import { randomBytes } from 'node:crypto'
import { existsSync, globSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { findDrift } from '../libs/shared/database/src/drift.ts'
import { migrate } from '../libs/shared/database/src/migrate.ts'
import { diffModels } from '../libs/shared/database/src/schema-engine.ts'
import { startPostgres } from '../libs/shared/embedded/src/index.ts'

const usage = `
  create <app> <name> [--empty]   write the SQL from the last migration to schema.prisma; add to it by hand
  apply <app> --url <url>         bring a database to the newest migration
  check [app …] [--url <url>]     do the migrations, on an empty database, give what schema.prisma says?
                                  Without a URL a Postgres is started for it.`

const root = dirname(import.meta.dirname)

function pathsOf(app: string) {
  const folder = join(root, 'apps', app, 'prisma')
  const directory = join(folder, 'migrations')
  const model = join(folder, 'schema.prisma')
  if (!existsSync(model)) throw new Error(`apps/${app} has no prisma/schema.prisma`)
  return { model, directory, last: join(directory, 'last.prisma') }
}

async function create(app: string, name: string, empty: boolean): Promise<void> {
  if (!/^[a-z][a-z0-9_]*$/.test(name)) throw new Error('A name is lower-case words joined by underscores')
  const { model, directory, last } = pathsOf(app)
  const wanted = await readFile(model, 'utf8')
  const sql = await diffModels(existsSync(last) ? await readFile(last, 'utf8') : undefined, wanted)
  if (sql === '' && !empty) throw new Error('Nothing to change. Use --empty for SQL written by hand.')

  const folder = join(directory, `${timestamp(new Date())}_${name}`)
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'migration.sql'), sql)
  await writeFile(join(directory, 'migration_lock.toml'), 'provider = "postgresql"\n')
  await writeFile(last, wanted)
  console.log(`Wrote ${join(folder, 'migration.sql')}`)
}

const timestamp = (date: Date) => date.toISOString().replaceAll(/\D/g, '').slice(0, 14)

async function apply(app: string, url: string): Promise<void> {
  const { applied } = await migrate({ url, schema: app, directory: pathsOf(app).directory })
  console.log(applied.length > 0 ? applied.join('\n') : 'Nothing to apply')
}

async function check(apps: readonly string[], url: string): Promise<boolean> {
  let right = true
  for (const app of apps) {
    const missing = await drift(app, url)
    if (missing === '') {
      console.log(`${app}: in step`)
    } else {
      right = false
      console.error(`${app}: the migrations do not give what schema.prisma says. Missing:\n${missing}`)
    }
  }
  return right
}

async function drift(app: string, url: string): Promise<string> {
  const { model, directory, last } = pathsOf(app)
  const wanted = await readFile(model, 'utf8')
  const unwritten = await diffModels(await readFile(last, 'utf8'), wanted)
  if (unwritten !== '') return unwritten

  return findDrift({ url, schema: app, directory, model: wanted })
}

/** Runs the work on the given server, or on one started for it. */
async function withPostgres<T>(given: string | undefined, work: (url: string) => Promise<T>): Promise<T> {
  if (given !== undefined) return work(given)
  const folder = await mkdtemp(join(tmpdir(), 'easel-migrations-'))
  try {
    await using server = await startPostgres({
      dataDirectory: join(folder, 'data'),
      password: randomBytes(12).toString('hex'),
      unsafe: true,
    })
    return await work(server.url)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const allApps = () =>
  globSync('apps/*/prisma/migrations', { cwd: root }).map((path) => basename(dirname(dirname(path))))

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { url: { type: 'string' }, empty: { type: 'boolean', default: false } },
})
const [command, ...names] = positionals
const [app, name] = names

if (command === 'create' && app !== undefined && name !== undefined) {
  await create(app, name, values.empty)
} else if (command === 'apply' && app !== undefined && values.url !== undefined) {
  await apply(app, values.url)
} else if (command === 'check') {
  const apps = names.length > 0 ? names : allApps()
  const right = await withPostgres(values.url ?? process.env.EASEL_TEST_POSTGRES_URL, (url) =>
    check(apps, url),
  )
  process.exitCode = right ? 0 : 1
} else {
  console.error(usage)
  process.exitCode = 2
}
