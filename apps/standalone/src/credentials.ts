import { newPassword } from '@easel/embedded'
import { randomBytes } from 'node:crypto'
import { chmod, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What a first start makes up; kept in `credentials.json`, readable by its owner only. */
export type Credentials = {
  adminEmail: string
  adminPassword: string
  apiKey: string
  /** Encrypts stored keys. */
  secret: string
  /** Database password of each service's role. */
  databasePasswords: Record<string, string>
}

type Given = {
  EASEL_ADMIN_EMAIL?: string
  EASEL_ADMIN_PASSWORD?: string
  EASEL_BOOTSTRAP_API_KEY?: string
  EASEL_SECRET?: string
}

export type LoadedCredentials = Credentials & { fresh: boolean }

/** Made on the first start, read on every other: what is given in the environment counts on the first only. */
export async function loadCredentials(home: string, given: Given): Promise<LoadedCredentials> {
  const path = join(home, 'credentials.json')
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined
    throw cause
  })
  if (text !== undefined) return { ...(JSON.parse(text) as Credentials), fresh: false }
  const made: Credentials = {
    adminEmail: given.EASEL_ADMIN_EMAIL ?? 'admin@easel.local',
    adminPassword: given.EASEL_ADMIN_PASSWORD ?? newPassword(),
    apiKey: given.EASEL_BOOTSTRAP_API_KEY ?? `esl_${randomBytes(24).toString('hex')}`,
    secret: given.EASEL_SECRET ?? randomBytes(32).toString('hex'),
    databasePasswords: Object.fromEntries(services.map((service) => [service, newPassword()])),
  }
  await writeFile(`${path}.new`, `${JSON.stringify(made, undefined, 2)}\n`, { mode: 0o600 })
  await chmod(`${path}.new`, 0o600)
  await rename(`${path}.new`, path)
  return { ...made, fresh: true }
}

/** Those with a database of their own. */
export const services = ['gateway', 'catalog', 'downloader', 'inference', 'gallery'] as const
export type ServiceName = (typeof services)[number]
