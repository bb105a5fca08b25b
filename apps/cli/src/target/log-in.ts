import { createEasel } from '@easel/client'
import { hostname } from 'node:os'
import type { Context } from '../commands/context.ts'
import { usageError } from '../exit-codes.ts'
import { readLine, readSecret } from '../terminal/ask.ts'
import { defaultUrl, serverUrl } from './find-target.ts'
import { readLogins, remoteName, writeLogins, type SavedLogin } from './saved-logins.ts'

const defaultRemote = 'default'

/** Only a key that the server takes is kept. */
export async function logIn(context: Context, options: { email?: string; key?: string }): Promise<void> {
  const { out, config } = context
  const { remote = defaultRemote, url: given } = context.options
  if (!remoteName.test(remote)) throw usageError(`${remote} cannot be the name of a remote`)
  if (options.key !== undefined && options.email !== undefined)
    throw usageError('Give --email or --key, not both')
  const logins = await readLogins(config.configFile)
  const url = serverUrl(given ?? logins.remotes.get(remote)?.url ?? config.url ?? defaultUrl)
  const login =
    options.key === undefined
      ? await byPassword(context, url, options.email)
      : await byKey(context, url, options.key)
  const me = await createEasel({ url, apiKey: login.apiKey }).auth.me()
  const before = logins.remotes.get(remote)
  logins.remotes.set(remote, { ...login, email: me.email })
  await writeLogins(config.configFile, { current: remote, remotes: logins.remotes })
  // Else each login would leave a valid key behind. It matters less than the new login: it may be gone already.
  if (before) await revoke(before).catch(() => undefined)
  if (out.json) out.printJson({ remote, url, email: me.email })
  else
    out.note(`Signed in at ${url} as ${me.email}${remote === defaultRemote ? '' : ` (--remote ${remote})`}`)
}

export async function logOut({ out, config, options }: Context): Promise<void> {
  const logins = await readLogins(config.configFile)
  const remote = options.remote ?? logins.current
  const login = remote === undefined ? undefined : logins.remotes.get(remote)
  if (remote === undefined || !login)
    throw usageError(remote ? `There is no remote ${remote}` : 'No login is saved')
  logins.remotes.delete(remote)
  const current = logins.current === remote ? logins.remotes.keys().next().value : logins.current
  await writeLogins(config.configFile, { current, remotes: logins.remotes })
  const revoked = await revoke(login).then(
    () => login.keyId !== undefined,
    (cause: unknown) => {
      out.complain(`The key is forgotten here, but could not be revoked: ${(cause as Error).message}`)
      return false
    },
  )
  if (out.json) out.printJson({ remote, url: login.url, revoked })
  else out.note(`Signed out of ${login.url}${revoked ? '; its key is revoked' : ''}`)
}

export async function listRemotes({ out, config }: Context): Promise<void> {
  const { current, remotes } = await readLogins(config.configFile)
  const items = [...remotes].map(([name, { url, email }]) => ({
    name,
    url,
    email: email ?? null,
    current: name === current,
  }))
  out.list({ items }, [
    { title: 'NAME', value: ({ name }) => name },
    { title: 'URL', value: ({ url }) => url, flexible: true },
    { title: 'E-MAIL', value: ({ email }) => email, flexible: true },
    { title: '', value: (row) => (row.current ? 'current' : '') },
  ])
}

async function byPassword(context: Context, url: string, given: string | undefined): Promise<SavedLogin> {
  const { terminal } = context
  const email = given ?? (await readLine(terminal, 'E-mail: '))
  const password = await readSecret(terminal, `Password of ${email}: `)
  const name = `easel on ${hostname()}`.slice(0, 100)
  const key = await createEasel({ url }).auth.exchangeForKey({ email, password }, { name })
  return { url, apiKey: key.key, keyId: key.id }
}

async function byKey({ terminal }: Context, url: string, given: string): Promise<SavedLogin> {
  const apiKey = given === '-' ? await readSecret(terminal, 'API key: ') : given
  if (!/^\S{8,500}$/.test(apiKey)) throw usageError('An API key looks like esl_…')
  return { url, apiKey }
}

async function revoke({ url, apiKey, keyId }: SavedLogin): Promise<void> {
  if (keyId !== undefined) await createEasel({ url, apiKey }).keys.revoke(keyId)
}
