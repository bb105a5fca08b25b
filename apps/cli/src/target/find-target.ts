import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { usageError } from '../exit-codes.ts'
import type { CliConfig } from './config.ts'
import { readLogins, type SavedLogins } from './saved-logins.ts'

/** Which server, and with which key. */
export type Target = {
  readonly url: string
  readonly apiKey: string | undefined
  /** Where the key is from, where a person would not expect it. */
  readonly remark?: string
}

export type TargetOptions = { readonly url?: string; readonly remote?: string; readonly keyFile?: string }

export const defaultUrl = 'http://127.0.0.1:8080'

/**
 * The URL: `--url`, `--remote`, `EASEL_URL`, the saved login, the local default; the first that is given.
 * A key goes only where it belongs: `EASEL_API_KEY` not to a remote that has its own nor beside the URL it was
 * set with, a saved key to its own server only.
 */
export async function findTarget(options: TargetOptions, config: CliConfig): Promise<Target> {
  const { url, remote, keyFile } = options
  if (url !== undefined && remote !== undefined) throw usageError('Give --url or --remote, not both')
  const logins = await readLogins(config.configFile)
  const named = remote === undefined ? undefined : logins.remotes.get(remote)
  if (remote !== undefined && !named) {
    const known = [...logins.remotes.keys()].join(', ') || 'none'
    throw usageError(
      `There is no remote ${remote} (known: ${known}); easel login --remote ${remote} makes it`,
    )
  }
  const current = logins.current === undefined ? undefined : logins.remotes.get(logins.current)
  const chosen = serverUrl(url ?? named?.url ?? config.url ?? current?.url ?? defaultUrl)
  if (keyFile !== undefined) return { url: chosen, apiKey: await keyOf(keyFile) }
  if (named) return { url: chosen, apiKey: named.apiKey }
  if (config.apiKey !== undefined && (config.url === undefined || isSame(config.url, chosen))) {
    return { url: chosen, apiKey: config.apiKey }
  }
  const saved = savedKey(logins, chosen)
  if (saved !== undefined) return { url: chosen, apiKey: saved }
  const local = isLoopback(chosen) ? await standaloneKey(config.home) : undefined
  if (local === undefined) return { url: chosen, apiKey: undefined }
  const file = join(config.home, 'credentials.json')
  return { url: chosen, apiKey: local, remark: `Not signed in: using the API key in ${file}` }
}

/** Origin and path, without credentials, query and closing slash. */
export function serverUrl(text: string): string {
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`)
  if (!url || !['http:', 'https:'].includes(url.protocol)) throw usageError(`${text} is no URL of a server`)
  if (url.username !== '' || url.password !== '') throw usageError('A URL of a server holds no password')
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}

export function isLoopback(url: string): boolean {
  const { hostname } = new URL(url)
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname)
}

function savedKey({ current, remotes }: SavedLogins, url: string): string | undefined {
  const first = current === undefined ? undefined : remotes.get(current)
  return [first, ...remotes.values()].find((login) => login && isSame(login.url, url))?.apiKey
}

function isSame(a: string, b: string): boolean {
  return serverUrl(a) === serverUrl(b)
}

async function keyOf(path: string): Promise<string> {
  const key = (await readFile(path, 'utf8')).trim()
  if (!/^\S{8,500}$/.test(key)) throw usageError(`${path} does not hold one API key`)
  return key
}

async function standaloneKey(home: string): Promise<string | undefined> {
  try {
    const { apiKey } = JSON.parse(await readFile(join(home, 'credentials.json'), 'utf8')) as Record<
      string,
      unknown
    >
    return typeof apiKey === 'string' ? apiKey : undefined
  } catch (cause) {
    // There is none here, or it is somebody else's: then nobody is signed in.
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES' || cause instanceof SyntaxError)
      return undefined
    throw cause
  }
}
