import { AppError } from '@easel/protocol'
import { Client, escapeIdentifier, escapeLiteral } from 'pg'
import { services } from './credentials.ts'
import type { ServiceName } from './credentials.ts'

/**
 * Gives each service a role that owns its own schema and can see no other: what separate servers do in
 * production, one server does here. Safe to repeat.
 *
 * @returns the URL of each service
 */
export async function prepareDatabases(
  adminUrl: string,
  passwords: Readonly<Record<string, string>>,
): Promise<Record<ServiceName, string>> {
  const database = new URL(adminUrl).pathname.slice(1)
  const admin = new Client({ connectionString: adminUrl })
  await admin.connect().catch((cause: unknown) => {
    throw new AppError('unavailable', 'The database cannot be reached', {
      reason: 'DATABASE_UNAVAILABLE',
      cause,
    })
  })
  try {
    await admin.query("select pg_advisory_lock(hashtext('easel standalone'))")
    // Extensions belong to no service; a plain role may not make them in `public`.
    for (const extension of ['pg_trgm', 'unaccent', 'btree_gin']) {
      await admin.query(`create extension if not exists ${extension} schema public`)
    }
    for (const service of services)
      await prepareRole(admin, { service, database, password: passwords[service]! })
    await admin.query(`revoke create on schema public from public`)
  } finally {
    await admin.end()
  }
  return Object.fromEntries(
    services.map((service) => [service, roleUrl(adminUrl, service, passwords[service]!)]),
  ) as Record<ServiceName, string>
}

type Role = { service: ServiceName; database: string; password: string }

async function prepareRole(admin: Client, { service, database, password }: Role): Promise<void> {
  const role = escapeIdentifier(`easel_${service}`)
  const { rowCount } = await admin.query('select 1 from pg_roles where rolname = $1', [`easel_${service}`])
  await admin.query(
    `${rowCount === 0 ? 'create' : 'alter'} role ${role} login password ${escapeLiteral(password)}`,
  )
  await admin.query(`grant connect on database ${escapeIdentifier(database)} to ${role}`)
  await admin.query(`create schema if not exists ${escapeIdentifier(service)} authorization ${role}`)
}

function roleUrl(adminUrl: string, service: ServiceName, password: string): string {
  const url = new URL(adminUrl)
  url.username = `easel_${service}`
  url.password = password
  return url.href
}
