import { AppError } from '@easel/protocol'
import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** One server, and who one is there. */
export type SavedLogin = {
  url: string
  apiKey: string
  /** Set when `easel login` made the key: `easel logout` revokes it. */
  keyId?: string
  email?: string
}

/** `config.json`: logins by the name of the remote, and the one that is used when none is named. */
export type SavedLogins = { current?: string; remotes: Map<string, SavedLogin> }

export const remoteName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/

export async function readLogins(path: string): Promise<SavedLogins> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined
    throw cause
  })
  if (text === undefined) return { remotes: new Map() }
  try {
    return logins(JSON.parse(text))
  } catch (cause) {
    throw new AppError('invalid', `${path} is not as easel writes it: repair or remove it`, {
      reason: 'CONFIG_INVALID',
      cause,
    })
  }
}

/** Readable by its owner only, at every moment. */
export async function writeLogins(path: string, { current, remotes }: SavedLogins): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const fresh = `${path}.${randomUUID()}`
  const text = JSON.stringify({ current, remotes: Object.fromEntries(remotes) }, undefined, 2)
  try {
    await writeFile(fresh, `${text}\n`, { mode: 0o600, flag: 'wx' })
    await rename(fresh, path)
  } catch (cause) {
    await rm(fresh, { force: true })
    throw cause
  }
}

function logins(document: unknown): SavedLogins {
  const { current, remotes = {} } = document as { current?: unknown; remotes?: Record<string, unknown> }
  const entries = Object.entries(remotes).map(([name, value]): [string, SavedLogin] => {
    const { url, apiKey, keyId, email } = value as Record<string, unknown>
    if (!remoteName.test(name) || typeof url !== 'string' || typeof apiKey !== 'string') {
      throw new SyntaxError(`remote ${name}`)
    }
    return [
      name,
      {
        url,
        apiKey,
        ...(typeof keyId === 'string' && { keyId }),
        ...(typeof email === 'string' && { email }),
      },
    ]
  })
  return { ...(typeof current === 'string' && { current }), remotes: new Map(entries) }
}
