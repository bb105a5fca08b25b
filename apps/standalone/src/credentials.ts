import { newPassword, writeSecretFile } from '@easel/embedded'
import { AppError } from '@easel/protocol'
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Secret } from '@easel/config'

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

/** What was set for the first start. */
export type Given = {
  adminEmail?: string | undefined
  adminPassword?: Secret | undefined
  apiKey?: Secret | undefined
  secret?: Secret | undefined
}

export type LoadedCredentials = Credentials & { fresh: boolean }

/** Made on the first start, read on every other: what is given counts on the first only. */
export async function loadCredentials(home: string, given: Given): Promise<LoadedCredentials> {
  const path = join(home, 'credentials.json')
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined
    throw cause
  })
  if (text !== undefined) return { ...parseCredentials(text, path), fresh: false }
  const made: Credentials = {
    adminEmail: given.adminEmail ?? 'admin@easel.local',
    adminPassword: given.adminPassword?.reveal() ?? newPassword(),
    apiKey: given.apiKey?.reveal() ?? `esl_${randomBytes(24).toString('hex')}`,
    secret: given.secret?.reveal() ?? randomBytes(32).toString('hex'),
    databasePasswords: Object.fromEntries(services.map((service) => [service, newPassword()])),
  }
  await writeSecretFile(path, `${JSON.stringify(made, undefined, 2)}\n`)
  return { ...made, fresh: true }
}

function parseCredentials(text: string, path: string): Credentials {
  try {
    return JSON.parse(text) as Credentials
  } catch {
    // The fault would show a piece of the text.
    throw new AppError('unavailable', `${path} is damaged: bring it back from a backup`)
  }
}

/** Those with a database of their own. */
export const services = ['gateway', 'catalog', 'downloader', 'inference', 'gallery'] as const
export type ServiceName = (typeof services)[number]
